import { useQuery } from '@tanstack/react-query'
import { Button, Spin } from 'antd'
import { useState } from 'react'
import { GetMyCapacity } from '#capabilities/screening/capacity.contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { useNow } from '../shell/clock.ts'
import { useMe } from '../shell/me.ts'
import { Failure, Nothing } from '../shell/Say.tsx'
import { hoursWords, num } from './backlog-words.tsx'
import { CapacityForm } from './CapacityForm.tsx'
import './backlog.css'

/** What my laboratory said it can do, newest first: the city sends boxes by it. */
export function LabCapacityPanel() {
  const t = useWords()
  const language = useLanguage()
  const now = useNow(30_000)
  const me = useMe()
  const [editing, setEditing] = useState(false)
  const got = useQuery({
    queryKey: [GetMyCapacity.id],
    queryFn: ({ signal }) => call(GetMyCapacity, { signal }),
  })
  if (got.error) return <Failure error={got.error} retry={() => void got.refetch()} />
  if (!got.data) return <Spin className="waiting" />
  const { items } = got.data
  return (
    <section className="card">
      <div className="row">
        <h2>{t({ zh: '本实验室能检多少', en: 'What my laboratory can do' })}</h2>
        <span className="muted mono">{got.data.lab}</span>
        <span className="grow" />
        {!editing && (
          <Button type="primary" onClick={() => setEditing(true)}>
            {items.length === 0 ? t({ zh: '申报', en: 'Declare' }) : t({ zh: '修改', en: 'Change' })}
          </Button>
        )}
      </div>
      {editing && (
        <CapacityForm
          known={items[0]}
          place={me.data?.may['capacity.lab']?.[0] ?? '31'}
          own
          close={() => setEditing(false)}
        />
      )}
      {items.length === 0 ? (
        <Nothing title={t({ zh: '还没有申报', en: 'Nothing was declared yet' })}>
          {t({
            zh: '申报后，督办会按余力把箱送来或改送别处。',
            en: 'Once it is declared, boxes are sent here or elsewhere by what you can take.',
          })}
        </Nothing>
      ) : (
        <table className="list">
          <tbody>
            {items.map((c, i) => (
              <tr key={`${c.at} ${c.tubesPerHour}`}>
                <td>{i === 0 ? <b>{t({ zh: '现行', en: 'Holds now' })}</b> : ''}</td>
                <td>{c.name}</td>
                <td>{c.place}</td>
                <td className="n">
                  {t({ zh: `${num(c.tubesPerHour)} 管/时`, en: `${num(c.tubesPerHour)} tubes/h` })}
                </td>
                <td>{t(hoursWords(c))}</td>
                <td className="muted">
                  {c.by} · {when(c.at, now, language)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
