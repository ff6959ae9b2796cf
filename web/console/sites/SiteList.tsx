import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { FindSites, type Site } from '#capabilities/sites/contract.ts'
import type { z } from 'zod'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { span, when } from '#web/shared/time.ts'
import { useNow } from '../shell/clock.ts'
import { Failure, Nothing } from '../shell/Say.tsx'

type OneSite = z.infer<typeof Site>

function OpenMark({ site, now }: { site: OneSite; now: number }) {
  const t = useWords()
  const language = useLanguage()
  if (site.open === null)
    return (
      <span className="left amber">
        ◐ {t({ zh: '时间读不懂，请电话确认', en: 'Hours unclear: telephone first' })}
      </span>
    )
  if (site.open) {
    return (
      <span className="due">
        <span className="left green">● {t({ zh: '开放中', en: 'Open' })}</span>
        {site.closesAt && (
          <span className="muted">
            {t({
              zh: `${when(site.closesAt, now, 'zh')} 关，剩 ${span(Date.parse(site.closesAt) - now, 'zh')}`,
              en: `closes ${when(site.closesAt, now, 'en')}, ${span(Date.parse(site.closesAt) - now, 'en')} left`,
            })}
          </span>
        )}
      </span>
    )
  }
  return (
    <span className="due">
      <span className="left closed">○ {t({ zh: '未开放', en: 'Closed' })}</span>
      {site.nextOpening && (
        <span className="muted">
          {t({
            zh: `${when(site.nextOpening, now, language)} 开`,
            en: `opens ${when(site.nextOpening, now, language)}`,
          })}
        </span>
      )}
    </span>
  )
}

export function SiteList({
  place,
  q,
  open,
}: {
  place: string | undefined
  q: string | undefined
  open: boolean
}) {
  const t = useWords()
  const now = useNow(30_000)
  const query = { limit: 500, ...(place && { place }), ...(open && { open: true }) }
  const { data, error, isPending, refetch } = useQuery({
    queryKey: [FindSites.id, query],
    queryFn: ({ signal }) =>
      call(FindSites, { query: { ...query, open: open ? 'true' : undefined }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  })
  if (error) return <Failure error={error} retry={() => void refetch()} />
  if (isPending) return <Skeleton active={false} paragraph={{ rows: 10 }} />
  const shown = data.items.filter((s) => !q || `${s.name}${s.address}${s.place}`.includes(q))
  if (data.total === 0 && !open && !place) {
    return (
      <Nothing title={t({ zh: '还没有采样点', en: 'No sampling sites yet' })}>
        {t({
          zh: '由管理员用命令导入：npx cityloop import sites 文件',
          en: 'An administrator imports them: npx cityloop import sites FILE',
        })}
      </Nothing>
    )
  }
  if (shown.length === 0)
    return (
      <Nothing title={t({ zh: '没有符合条件的采样点', en: 'No site fits' })}>
        {t({ zh: '放宽地点、名称或开放条件。', en: 'Widen the place, the name or the hours.' })}
      </Nothing>
    )
  return (
    <table className="list published">
      <caption>
        {t({
          zh: `共 ${data.total} 个，显示 ${shown.length} 个`,
          en: `${data.total} in all, ${shown.length} shown`,
        })}
      </caption>
      <thead>
        <tr>
          <th className="c-open">{t({ zh: '现在', en: 'Now' })}</th>
          <th>{t({ zh: '采样点', en: 'Site' })}</th>
          <th>{t({ zh: '地点', en: 'Place' })}</th>
          <th>{t({ zh: '公布的时间', en: 'Hours as published' })}</th>
          <th className="c-source">{t({ zh: '来源', en: 'Source' })}</th>
        </tr>
      </thead>
      <tbody>
        {shown.map((site) => (
          <tr key={site.id}>
            <td>
              <OpenMark site={site} now={now} />
            </td>
            <td>
              <b>{site.name}</b>
              <div className="muted">{site.address}</div>
            </td>
            <td>{site.place}</td>
            <td>
              {site.hoursText || <span className="muted">{t({ zh: '未公布', en: 'not published' })}</span>}
            </td>
            <td className="muted">{site.source}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
