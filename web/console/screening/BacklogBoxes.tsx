import { useMutation, useQuery } from '@tanstack/react-query'
import { Button, Select, Spin } from 'antd'
import { useState } from 'react'
import {
  ListWaitingBoxes,
  RedirectBoxes,
  type Backlog,
  type WaitingBox,
} from '#capabilities/screening/capacity.contract.ts'
import { call, clientId } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { queryClient } from '../shell/query.ts'
import { Failure, Nothing } from '../shell/Say.tsx'
import { Deadline, num } from './backlog-words.tsx'

type Move = { boxes: { code: string; lab: string | null }[]; undo: boolean }

/** Boxes that nobody received, oldest first; chosen ones are sent to another laboratory, and back with one press. */
export function BacklogBoxes({
  data,
  place,
  lab,
  now,
  may,
}: {
  data: Backlog
  place: string
  lab: string | undefined
  now: number
  may: boolean
}) {
  const t = useWords()
  const language = useLanguage()
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [to, setTo] = useState<string>()
  const list = useQuery({
    queryKey: [ListWaitingBoxes.id, place, lab],
    queryFn: ({ signal }) => call(ListWaitingBoxes, { query: { place, ...(lab && { lab }) }, signal }),
    refetchInterval: 10_000,
  })
  const nameOf = (id: string) => data.labs.find((l) => l.lab === id)?.capacity?.name ?? id
  const moved = useMutation({
    mutationFn: ({ boxes }: Move) => call(RedirectBoxes, { body: { id: clientId(), boxes } }),
    onSuccess: () => {
      setChosen([])
      void queryClient.invalidateQueries()
    },
  })
  const items = list.data?.items ?? []
  const done = moved.data && !moved.variables.undo ? moved.data : undefined
  const toggle = (b: WaitingBox) =>
    setChosen((c) => (c.includes(b.code) ? c.filter((x) => x !== b.code) : [...c, b.code]))
  const options = data.labs
    .filter((l) => l.capacity !== null)
    .map((l) => ({
      value: l.lab,
      label: t({
        zh: `${l.capacity!.name} · 每小时余力 ${num(l.spare ?? 0)}`,
        en: `${l.capacity!.name} · ${num(l.spare ?? 0)}/h to spare`,
      }),
    }))
  return (
    <section className="card">
      <div className="row">
        <h2>{t({ zh: '没有实验室签收的箱', en: 'Boxes no laboratory has received' })}</h2>
        <span className="grow" />
        {may && items.length > 0 && (
          <>
            <Select
              aria-label={t({ zh: '改送到', en: 'Send to' })}
              className="to-lab"
              placeholder={t({ zh: '改送到哪个实验室', en: 'To which laboratory' })}
              value={to ?? null}
              onChange={(v: string) => setTo(v)}
              options={options}
            />
            <Button
              type="primary"
              disabled={!to || chosen.length === 0}
              loading={moved.isPending}
              onClick={() => moved.mutate({ boxes: chosen.map((code) => ({ code, lab: to! })), undo: false })}
            >
              {t({ zh: `改送 ${chosen.length} 箱`, en: `Send ${chosen.length} boxes` })}
            </Button>
          </>
        )}
      </div>
      <output className="said">
        {done && (
          <>
            {t({ zh: `已改送 ${done.moved.length} 箱`, en: `${done.moved.length} boxes sent elsewhere` })}
            {done.refused.length > 0 &&
              t({
                zh: `，${done.refused.length} 箱已被签收或不在您的辖区`,
                en: `, ${done.refused.length} were received already or are not yours`,
              })}{' '}
            {done.moved.length > 0 && (
              <Button
                size="small"
                onClick={() =>
                  moved.mutate({
                    boxes: done.moved.map((b) => ({ code: b.code, lab: b.before })),
                    undo: true,
                  })
                }
              >
                {t({ zh: '撤销', en: 'Undo' })}
              </Button>
            )}
          </>
        )}
        {moved.data && moved.variables.undo && t({ zh: '已撤销', en: 'Undone' })}
      </output>
      {(list.error ?? moved.error) && (
        <Failure error={list.error ?? moved.error} retry={() => void list.refetch()} />
      )}
      {list.isPending && <Spin />}
      {list.data && items.length === 0 && (
        <Nothing title={t({ zh: '没有在等的箱', en: 'No box is waiting' })}>
          {t({
            zh: '采样点装箱后会出现在这里，直到实验室签收。',
            en: 'A box appears here when it is packed, until a laboratory receives it.',
          })}
        </Nothing>
      )}
      {items.length > 0 && (
        <table className="list">
          <thead>
            <tr>
              {may && (
                <th>
                  <input
                    type="checkbox"
                    aria-label={t({ zh: '全选', en: 'All' })}
                    checked={chosen.length === items.length}
                    onChange={(e) => setChosen(e.target.checked ? items.map((b) => b.code) : [])}
                  />
                </th>
              )}
              <th>{t({ zh: '箱', en: 'Box' })}</th>
              <th>{t({ zh: '采样地', en: 'Sampled in' })}</th>
              <th>{t({ zh: '在哪里', en: 'Where it is' })}</th>
              <th className="n">{t({ zh: '管', en: 'Tubes' })}</th>
              <th>{t({ zh: '装箱', en: 'Packed' })}</th>
              <th>{t({ zh: '最近承诺', en: 'First promise' })}</th>
              <th>{t({ zh: '送往', en: 'Bound for' })}</th>
            </tr>
          </thead>
          <tbody>
            {items.map((b) => (
              <tr key={b.code} data-box={b.code} className={chosen.includes(b.code) ? 'chosen' : ''}>
                {may && (
                  <td>
                    <input
                      type="checkbox"
                      aria-label={b.code}
                      checked={chosen.includes(b.code)}
                      onChange={() => toggle(b)}
                    />
                  </td>
                )}
                <td className="mono">{b.code}</td>
                <td>{b.place}</td>
                <td>
                  {b.state === 'packed'
                    ? t({ zh: '待取走', en: 'To be collected' })
                    : t({ zh: '在途', en: 'On the way' })}
                </td>
                <td className="n">{num(b.tubes)}</td>
                <td>{when(b.packedAt, now, language)}</td>
                <td>
                  <Deadline at={b.dueAt} now={now} warnHours={data.promise.warnHours} />
                </td>
                <td>
                  {b.boundFor ? (
                    nameOf(b.boundFor)
                  ) : (
                    <span className="muted">{t({ zh: '未指定', en: 'nobody said' })}</span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
