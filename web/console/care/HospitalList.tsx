import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { FindHospitals } from '#capabilities/care/contract.ts'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { Failure, Nothing } from '../shell/Say.tsx'

const SHAPE = {
  open: { mark: '●', level: 'green' },
  green_channel: { mark: '◐', level: 'amber' },
  suspended: { mark: '■', level: 'red' },
} as const

export function HospitalList({ place, q }: { place: string | undefined; q: string | undefined }) {
  const t = useWords()
  const query = { limit: 500, ...(place && { place }) }
  const { data, error, isPending, refetch } = useQuery({
    queryKey: [FindHospitals.id, query],
    queryFn: ({ signal }) => call(FindHospitals, { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  })
  if (error) return <Failure error={error} retry={() => void refetch()} />
  if (isPending) return <Skeleton active={false} paragraph={{ rows: 10 }} />
  const shown = data.items.filter(
    (h) => !q || `${h.name}${h.address}${h.place}${h.suspended.join()}`.includes(q),
  )
  if (data.total === 0 && !place) {
    return (
      <Nothing title={t({ zh: '还没有医院', en: 'No hospitals yet' })}>
        {t({
          zh: '由管理员用命令导入：npx cityloop import hospitals 文件',
          en: 'An administrator imports them: npx cityloop import hospitals FILE',
        })}
      </Nothing>
    )
  }
  if (shown.length === 0)
    return (
      <Nothing title={t({ zh: '没有符合条件的医院', en: 'No hospital fits' })}>
        {t({ zh: '放宽地点或名称。', en: 'Widen the place or the name.' })}
      </Nothing>
    )
  return (
    <table className="list published">
      <caption>
        {t({
          zh: `共 ${data.total} 家，显示 ${shown.length} 家`,
          en: `${data.total} in all, ${shown.length} shown`,
        })}
      </caption>
      <thead>
        <tr>
          <th className="c-open">{t({ zh: '急诊', en: 'Emergency room' })}</th>
          <th>{t({ zh: '医院', en: 'Hospital' })}</th>
          <th>{t({ zh: '停诊', en: 'Suspended' })}</th>
          <th>{t({ zh: '开诊', en: 'Open' })}</th>
          <th>{t({ zh: '电话', en: 'Telephone' })}</th>
          <th className="c-source">{t({ zh: '来源', en: 'Source' })}</th>
        </tr>
      </thead>
      <tbody>
        {shown.map((h) => (
          <tr key={h.id}>
            <td>
              <span className={`left ${SHAPE[h.emergency].level}`}>
                <span aria-hidden>{SHAPE[h.emergency].mark}</span> {t(h.emergencyName)}
              </span>
            </td>
            <td>
              <b>{h.name}</b>
              <div className="muted">
                {h.place} {h.address}
              </div>
            </td>
            <td>
              {h.suspended.length > 0 ? (
                h.suspended.join('、')
              ) : (
                <span className="muted">{t({ zh: '无', en: 'none' })}</span>
              )}
            </td>
            <td>
              {h.open.length > 0 ? (
                h.open.join('、')
              ) : (
                <span className="muted">{t({ zh: '未单列', en: 'not listed' })}</span>
              )}
            </td>
            <td className="phones">
              {h.phones.map((p) => (
                <div key={`${p.kind} ${p.number}`}>
                  {p.kind} {p.number}
                </div>
              ))}
            </td>
            <td className="muted">{h.source}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
