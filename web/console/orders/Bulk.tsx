import { useMutation, useQueries } from '@tanstack/react-query'
import { Alert, Button } from 'antd'
import { useRef, useState } from 'react'
import {
  BulkAct,
  GetOrder,
  type ActionInput,
  type Allowed,
  type OrderRow,
} from '#capabilities/orders/contract.ts'
import { call, clientId, NoAnswer } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { UndoBulk } from '#capabilities/orders/bulk.contract.ts'
import { remaining } from '#web/shared/time.ts'
import { ACTION_WORDS, STATE_WORDS } from '#web/shared/words.ts'
import { useNow } from '../shell/clock.ts'
import { problemText } from '../shell/Say.tsx'
import { ActionForm, type Filled } from './ActionForm.tsx'

const MOST = 500

/** Actions that every kind of selected order allows, asked of the server for one order of each state and unit kind. */
function useAllowed(rows: OrderRow[]): { allowed: Allowed[]; pending: boolean } {
  const samples = [...new Map(rows.map((row) => [row.state, row])).values()]
  const asked = useQueries({
    queries: samples.map((row) => ({
      queryKey: [GetOrder.id, row.id],
      queryFn: ({ signal }: { signal: AbortSignal }) => call(GetOrder, { params: { id: row.id }, signal }),
    })),
  })
  const lists = asked.map((a) => a.data?.allowed)
  const known = lists.filter((l) => l !== undefined)
  const [first = [], ...rest] = known
  return {
    allowed: first.filter((a) => rest.every((list) => list.some((b) => b.action === a.action))),
    pending: known.length < samples.length,
  }
}

type Sent = { id: string; key: string }

export function Bulk({
  rows,
  onClear,
  onDone,
}: {
  rows: OrderRow[]
  onClear: () => void
  onDone: () => void
}) {
  const t = useWords()
  const language = useLanguage()
  const { allowed, pending } = useAllowed(rows)
  const [chosen, choose] = useState<Allowed>()
  const sent = useRef<Sent>(undefined)
  const act = useMutation({
    mutationFn: async ({ action, filled }: { action: Allowed['action']; filled: Filled }) => {
      const body = {
        orderIds: rows.slice(0, MOST).map((r) => r.id),
        input: { action: action as ActionInput['action'], ...filled },
      }
      const key = JSON.stringify(body)
      // Until the server has answered, pressing again sends the same id: it is done once.
      if (sent.current?.key !== key) sent.current = { id: clientId(), key }
      const answer = await call(BulkAct, { body: { id: sent.current.id, ...body } })
      return { ...answer, bulk: sent.current.id, numbers: new Map(rows.map((row) => [row.id, row.number])) }
    },
    onSuccess: () => {
      sent.current = undefined
      choose(undefined)
      onDone()
    },
    onError: (error) => {
      if (!(error instanceof NoAnswer)) sent.current = undefined
    },
  })
  const reasons = Map.groupBy(act.data?.refused ?? [], (r) => r.code)
  const press = (a: Allowed) =>
    a.needs.length === 0 ? act.mutate({ action: a.action, filled: {} }) : choose(a)
  const states = [...new Set(rows.map((r) => t(STATE_WORDS[r.state])))].join(t({ zh: '、', en: ', ' }))
  return (
    <section className="bulk" aria-label={t({ zh: '批量操作', en: 'Bulk action' })}>
      <div className="row">
        <b>{t({ zh: `已选 ${rows.length} 张`, en: `${rows.length} selected` })}</b>
        <span className="muted">{states}</span>
        {rows.length > MOST && (
          <span className="unassigned">
            {t({
              zh: `一次最多 ${MOST} 张，只处理前 ${MOST} 张`,
              en: `At most ${MOST} at once: the first ${MOST}`,
            })}
          </span>
        )}
        <span className="grow" />
        {allowed.map((a) => (
          <Button
            key={a.action}
            type={chosen?.action === a.action ? 'primary' : 'default'}
            loading={act.isPending && act.variables.action === a.action}
            onClick={() => press(a)}
          >
            {t(ACTION_WORDS[a.action])}
          </Button>
        ))}
        {!pending && allowed.length === 0 && (
          <span className="muted">
            {t({
              zh: '所选工单没有共同的可用操作，请按状态筛选后再选',
              en: 'They share no action: filter by state and select again',
            })}
          </span>
        )}
        <Button onClick={onClear}>
          {t({ zh: '取消选择', en: 'Clear selection' })} <kbd>esc</kbd>
        </Button>
      </div>
      {chosen && (
        <ActionForm
          key={chosen.action}
          allowed={chosen}
          place={commonPlace(rows)}
          element={rows.every((r) => r.element === rows[0]?.element) ? (rows[0]?.element ?? null) : null}
          busy={act.isPending}
          onSend={(filled) => act.mutate({ action: chosen.action, filled })}
          onCancel={() => choose(undefined)}
        />
      )}
      {act.isError && <Alert type="error" showIcon role="alert" title={problemText(act.error, language)} />}
      {act.data && (
        <Alert
          type={act.data.refused.length > 0 ? 'warning' : 'success'}
          showIcon
          title={t({
            zh: `完成 ${act.data.done.length} 张，未办 ${act.data.refused.length} 张`,
            en: `${act.data.done.length} done, ${act.data.refused.length} refused`,
          })}
          action={
            <Undo bulk={act.data.bulk} until={act.data.undoUntil} n={act.data.done.length} onDone={onDone} />
          }
          description={
            reasons.size > 0 && (
              <ul className="plain">
                {[...reasons].map(([code, list]) => (
                  <li key={code}>
                    {language === 'zh' ? list[0]!.titleZh : list[0]!.title}：
                    {list
                      .map((r) => act.data?.numbers.get(r.id) ?? r.id)
                      .slice(0, 20)
                      .join(' ')}
                    {list.length > 20 && ' …'}
                  </li>
                ))}
              </ul>
            )
          }
        />
      )}
    </section>
  )
}

/** Takes the whole back, as long as the pack allows; what has moved on since stays and is said. */
function Undo({ bulk, until, n, onDone }: { bulk: string; until: string; n: number; onDone: () => void }) {
  const t = useWords()
  const language = useLanguage()
  const now = useNow(5_000)
  const undo = useMutation({
    mutationFn: () => call(UndoBulk, { params: { bulk }, body: { id: clientId() } }),
    onSuccess: onDone,
  })
  if (n === 0) return null
  if (undo.isError) return <span role="alert">{problemText(undo.error, language)}</span>
  if (undo.data)
    return (
      <output>
        {t({
          zh: `已撤销 ${undo.data.undone.length} 张${undo.data.refused.length > 0 ? `，${undo.data.refused.length} 张之后又有变动，未撤` : ''}`,
          en: `${undo.data.undone.length} taken back${undo.data.refused.length > 0 ? `, ${undo.data.refused.length} had moved on` : ''}`,
        })}
      </output>
    )
  const left = remaining(until, now, language)
  return (
    <Button disabled={Date.parse(until) <= now} loading={undo.isPending} onClick={() => undo.mutate()}>
      {t({ zh: '撤销', en: 'Undo' })} <span className="muted">{left.text}</span>
    </Button>
  )
}

/** The longest code that all share: a district, a subdistrict or the city. */
function commonPlace(rows: OrderRow[]): string {
  const first = rows[0]?.placeCode ?? '31'
  for (const length of [12, 9, 6]) {
    const code = first.slice(0, length)
    if (code.length === length && rows.every((r) => r.placeCode.startsWith(code))) return code
  }
  return '31'
}
