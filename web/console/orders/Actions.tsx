import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button } from 'antd'
import { useRef, useState } from 'react'
import {
  ActOnOrder,
  GetOrder,
  ListOrders,
  type ActionInput,
  type Allowed,
  type Order,
} from '#capabilities/orders/contract.ts'
import { call, clientId, NoAnswer } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { ACTION_WORDS } from '#web/shared/words.ts'
import { useKeys } from '../shell/keys.ts'
import { codeOf, problemText } from '../shell/Say.tsx'
import { ActionForm, type Filled } from './ActionForm.tsx'

/** Nothing must be filled in, but a word is often in place. */
const ASKS = new Set<string>(['approve_answer', 'end_supervision'])

/** What carries the order on stands first and filled; sending it back or aside is a choice, not the default. */
const ONWARD: readonly string[] = [
  'accept',
  'dispatch',
  'sign',
  'resolve',
  'supply',
  'resume',
  'arbitrate',
  'approve_return',
  'approve_extension',
  'approve_answer',
  'call_back',
  'archive',
]
const onwardFirst = (list: readonly Allowed[]) =>
  list.toSorted((a, b) => Number(ONWARD.includes(b.action)) - Number(ONWARD.includes(a.action)))

type Pressed = { allowed: Allowed; filled: Filled }

/** Only what this person may do now, numbered for the keyboard. */
export function Actions({
  order,
  reload,
  draft,
}: {
  order: Order
  reload: () => Promise<unknown>
  draft?: string
}) {
  const t = useWords()
  const language = useLanguage()
  const { message } = App.useApp()
  const client = useQueryClient()
  const buttons = onwardFirst(order.allowed)
  const [chosen, choose] = useState<Allowed>()
  // Kept until the server has answered, so that pressing again after a lost answer is the same act.
  const sent = useRef<{ id: string; key: string }>(undefined)
  const act = useMutation({
    mutationFn: ({ allowed, filled }: Pressed) => {
      const input = { action: allowed.action as ActionInput['action'], version: order.version, ...filled }
      const key = JSON.stringify(input)
      if (sent.current?.key !== key) sent.current = { id: clientId(), key }
      return call(ActOnOrder, { params: { id: order.id }, body: { id: sent.current.id, ...input } })
    },
    onSuccess: (changed, { allowed }) => {
      sent.current = undefined
      choose(undefined)
      client.setQueryData([GetOrder.id, order.id], changed)
      void client.invalidateQueries({ queryKey: [ListOrders.id] })
      void message.success(
        t({ zh: `已${ACTION_WORDS[allowed.action].zh}`, en: `Done: ${ACTION_WORDS[allowed.action].en}` }),
      )
    },
    onError: (error) => {
      if (!(error instanceof NoAnswer)) sent.current = undefined
      const code = codeOf(error)
      if (code === 'order_changed' || code === 'action_not_allowed') void reload()
    },
  })
  // An action that has gone while its form stood open closes the form; what was written is not sent to another state.
  const open = chosen && order.allowed.some((a) => a.action === chosen.action) ? chosen : undefined
  const press = (allowed: Allowed) => {
    act.reset()
    if (allowed.needs.length > 0 || ASKS.has(allowed.action)) choose(allowed)
    else act.mutate({ allowed, filled: {} })
  }
  useKeys(
    Object.fromEntries(
      buttons.map((a, i) => [i < 9 ? String(i + 1) : '', act.isPending ? undefined : () => press(a)]),
    ),
  )
  return (
    <section className="card actions" aria-label={t({ zh: '可用操作', en: 'Allowed actions' })}>
      <div className="row">
        {order.allowed.length === 0 && (
          <span className="muted">
            {t({ zh: '现在没有您可做的操作', en: 'Nothing for you to do here now' })}
          </span>
        )}
        {buttons.map((a, i) => (
          <Button
            key={a.action}
            type={
              open
                ? open.action === a.action
                  ? 'primary'
                  : 'default'
                : ONWARD.includes(a.action) && i === 0
                  ? 'primary'
                  : 'default'
            }
            loading={act.isPending && act.variables.allowed.action === a.action}
            disabled={act.isPending}
            onClick={() => press(a)}
          >
            {i < 9 && <kbd>{i + 1}</kbd>} {t(ACTION_WORDS[a.action])}
          </Button>
        ))}
      </div>
      {open && (
        <ActionForm
          key={open.action}
          allowed={open}
          place={order.placeCode}
          element={order.element}
          {...(draft && { draft })}
          busy={act.isPending}
          onSend={(filled) => act.mutate({ allowed: open, filled })}
          onCancel={() => choose(undefined)}
        />
      )}
      {act.isError && (
        <Alert
          type={codeOf(act.error) === 'order_changed' ? 'warning' : 'error'}
          showIcon
          role="alert"
          title={problemText(act.error, language)}
          description={
            codeOf(act.error) === 'order_changed' &&
            t({
              zh: '已为您载入最新内容，请看过再办。',
              en: 'The newest version is loaded; look at it and decide again.',
            })
          }
        />
      )}
    </section>
  )
}
