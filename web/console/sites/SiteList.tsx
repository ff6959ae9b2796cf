import { keepPreviousData, useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { Button, Skeleton } from 'antd'
import { FindSites, type Site } from '#capabilities/sites/contract.ts'
import type { z } from 'zod'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { span, when } from '#web/shared/time.ts'
import { Link } from '@tanstack/react-router'
import { useNow } from '../shell/clock.ts'
import { useOwnPlace } from '../shell/me.ts'
import { Failure, Nothing } from '../shell/Say.tsx'
import { useSettled } from '../shell/settled.ts'
import type { SitesSearch } from './sites-search.ts'
import { BUSY, KIND, POOLING, UNSURE } from './site-words.ts'
import { useSitesExport } from './useSitesExport.ts'
import './sites.css'

type OneSite = z.infer<typeof Site>
const PAGE = 200

/** The line now, with how far off that may be. */
export function QueueMark({ site }: { site: OneSite }) {
  const t = useWords()
  const { queue } = site
  if (!queue) return <span className="muted">{site.open ? t({ zh: '不知道', en: 'not known' }) : '—'}</span>
  const words = BUSY[queue.busy]
  const minutes = Math.round(queue.waitMinutes)
  const error = Math.max(1, Math.round(queue.errorMinutes))
  return (
    <span className="due">
      <span className={`left ${words.level}`}>
        {words.mark} {t(words)}
      </span>
      <span className="muted">
        {queue.atLeast
          ? t({ zh: `至少 ${minutes} 分`, en: `at least ${minutes} min` })
          : t({ zh: `${minutes} ± ${error} 分`, en: `${minutes} ± ${error} min` })}
        {queue.basis === 'counted' &&
          t({ zh: ` · 数到 ${queue.counted} 人`, en: ` · ${queue.counted} counted` })}
        {queue.desks !== site.desks &&
          t({ zh: ` · ${queue.desks} 台在采`, en: ` · ${queue.desks} of ${site.desks} desks work` })}
      </span>
    </span>
  )
}

export function OpenMark({ site, now }: { site: OneSite; now: number }) {
  const t = useWords()
  const language = useLanguage()
  if (site.open === null)
    return (
      <span className="due">
        <span className="left amber">◐ {t(UNSURE[site.unsure ?? 'hours'])}</span>
        {site.nextOpening && (
          <span className="muted">
            {t({
              zh: `${when(site.nextOpening, now, language)} 起照常`,
              en: `as usual from ${when(site.nextOpening, now, language)}`,
            })}
          </span>
        )}
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
  kind,
  pooling,
  busy,
}: {
  place: string | undefined
  q: string | undefined
  open: boolean
} & { [K in 'kind' | 'pooling' | 'busy']: SitesSearch[K] | undefined }) {
  const t = useWords()
  const now = useNow(30_000)
  const sought = useSettled(q ?? '', 200)
  // Without a place of their choice a worker sees the sites around their own first, and the city after them.
  const own = useOwnPlace()
  const near = place ?? own
  const query = {
    ...(place && { place }),
    ...(open && { open: 'true' }),
    ...(kind && { kind }),
    ...(pooling && { pooling }),
    ...(busy && { busy }),
    ...(sought && { q: sought }),
  }
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useInfiniteQuery({
      queryKey: [FindSites.id, query, near],
      queryFn: ({ pageParam, signal }) =>
        call(FindSites, {
          query: { ...query, ...(near && { near }), offset: pageParam, limit: PAGE },
          signal,
        }),
      initialPageParam: 0,
      getNextPageParam: (last, pages) => {
        const seen = pages.reduce((sum, p) => sum + p.items.length, 0)
        return seen < last.total && last.items.length > 0 ? seen : undefined
      },
      placeholderData: keepPreviousData,
      refetchInterval: 30_000,
    })
  const save = useSitesExport()
  const exported = useMutation({ mutationFn: () => save({ ...query, ...(near && { near }) }) })
  if (error) return <Failure error={error} retry={() => void refetch()} />
  if (isPending) return <Skeleton active={false} paragraph={{ rows: 10 }} />
  const shown = data.pages.flatMap((p) => p.items)
  const total = data.pages[0]?.total ?? 0
  if (total === 0 && Object.keys(query).length === 0) {
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
    <>
      <div className="row tools">
        <Button onClick={() => print()}>{t({ zh: '打印', en: 'Print' })}</Button>
        <Button loading={exported.isPending} onClick={() => exported.mutate()}>
          {t({ zh: `导出 CSV（${total}）`, en: `Export CSV (${total})` })}
        </Button>
        {exported.error && <Failure error={exported.error} retry={() => exported.mutate()} />}
      </div>
      <table className="list published">
        <caption>
          {t({
            zh: `共 ${total} 个，显示 ${shown.length} 个`,
            en: `${total} in all, ${shown.length} shown`,
          })}
        </caption>
        <thead>
          <tr>
            <th className="c-open">{t({ zh: '现在', en: 'Now' })}</th>
            <th className="c-site">{t({ zh: '采样点', en: 'Site' })}</th>
            <th className="c-line">{t({ zh: '排队', en: 'Line' })}</th>
            <th className="c-kind">{t({ zh: '类型', en: 'Kind' })}</th>
            <th>{t({ zh: '地点', en: 'Place' })}</th>
            <th>{t({ zh: '开放时间', en: 'Hours' })}</th>
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
                <Link to="/sites/$id" params={{ id: site.id }}>
                  <b>{site.name}</b>
                </Link>
                <div className="muted">{site.address}</div>
              </td>
              <td>
                <QueueMark site={site} />
              </td>
              <td>
                {t(KIND[site.kind])} · {t(POOLING[site.pooling])}
                <div className="muted">
                  {t({ zh: `${site.desks} 台`, en: `${site.desks} ${site.desks === 1 ? 'desk' : 'desks'}` })}
                </div>
              </td>
              <td>{site.place}</td>
              <td>
                {(site.hoursSaid ? t(site.hoursSaid) : site.hoursText) || (
                  <span className="muted">{t({ zh: '未公布', en: 'not published' })}</span>
                )}
              </td>
              <td className="muted">
                {site.source === '人工设立' ? t({ zh: '人工设立', en: 'set up by hand' }) : site.source}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {hasNextPage && (
        <Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t({ zh: '更多', en: 'More' })}
        </Button>
      )}
    </>
  )
}
