import { useCallback, useEffect, useState } from 'react'
import { call, clientId } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { listen } from '#web/shared/live.ts'
import { useCityTime } from '#web/shared/now.ts'
import { usePending, type Outbox, type Pending } from '#web/shared/outbox.ts'
import { ActOnOrder, ListOrders, type Me, type OrderRow } from '#web/shared/routes.ts'
import { remaining, when } from '#web/shared/time.ts'
import { ACTION_WORDS, STATE_WORDS } from '#web/shared/words.ts'

type FieldAction = 'sign' | 'resolve'
const LOOK_AGAIN_MS = 30_000

const actionOf = (p: Pending) => (p.body as { action: FieldAction }).action

/** The state as this phone will have made it once its waiting actions are through. */
function stateAhead(order: OrderRow, waiting: readonly Pending[]): OrderRow['state'] {
  const mine = waiting.filter((p) => p.params.id === order.id && !p.refused).map(actionOf)
  if (mine.includes('resolve')) return 'resolved'
  return mine.includes('sign') ? 'handling' : order.state
}

/** My orders by remaining time. Held in memory only: a lost phone holds no list of other people's needs. */
function useMyOrders(outbox: Outbox): { orders: OrderRow[] | null; at: number } {
  const [said, setSaid] = useState<{ orders: OrderRow[] | null; at: number }>({ orders: null, at: 0 })
  const load = useCallback(() => {
    call(ListOrders, { query: { view: 'mine', limit: 100 } })
      .then((page) => setSaid({ orders: page.items, at: Date.now() }))
      .catch(() => undefined)
  }, [])
  useEffect(() => {
    load()
    const timer = setInterval(load, LOOK_AGAIN_MS)
    let soon: ReturnType<typeof setTimeout> | undefined
    const later = () => {
      clearTimeout(soon)
      soon = setTimeout(load, 500)
    }
    const silence = [listen(later, (live) => live && later()), outbox.onAnswer(later)]
    return () => {
      clearInterval(timer)
      clearTimeout(soon)
      silence.forEach((stop) => stop())
    }
  }, [load, outbox])
  return said
}

const QUICK = [
  { zh: '已上门，已解决', en: 'Visited; solved' },
  { zh: '已送到', en: 'Delivered' },
  { zh: '已联系本人，已安排', en: 'Called the person; arranged' },
] as const

function Card({
  order,
  state,
  waiting,
  now,
  onAct,
}: {
  order: OrderRow
  state: OrderRow['state']
  waiting: boolean
  now: number
  onAct: (action: FieldAction, note?: string) => void
}) {
  const t = useWords()
  const language = useLanguage()
  const [note, setNote] = useState('')
  const [open, setOpen] = useState(false)
  const left = order.dueAt ? remaining(order.dueAt, now, language) : null
  return (
    <article className={`card ${order.urgent ? 'urgent' : ''}`} data-order={order.id}>
      <p className="tags">
        {order.urgent && <b className="red">▲ {t({ zh: '急难', en: 'Urgent' })}</b>}
        <b>{t(STATE_WORDS[state])}</b>
        {left && !waiting && (
          <b className={left.level}>
            {when(order.dueAt!, now, language)} · {left.text}
          </b>
        )}
        {waiting && <b className="amber">{t({ zh: '待发送', en: 'unsent' })}</b>}
      </p>
      <h2>{order.title}</h2>
      <p>
        {order.place} {order.address ?? ''}
      </p>
      <p className="muted">{order.number}</p>
      {(state === 'dispatched' || state === 'redo') && (
        <button type="button" className="big" onClick={() => onAct('sign')}>
          {t(ACTION_WORDS.sign)}
        </button>
      )}
      {state === 'handling' && !open && (
        <button type="button" className="big" onClick={() => setOpen(true)}>
          {t(ACTION_WORDS.resolve)}
        </button>
      )}
      {state === 'handling' && open && (
        <form
          onSubmit={(e) => {
            e.preventDefault()
            if (note.trim()) onAct('resolve', note.trim())
          }}
        >
          <label htmlFor={`note-${order.id}`}>
            {t({ zh: '办了什么？（居民看得到）', en: 'What was done? (the resident sees it)' })}
          </label>
          <textarea
            id={`note-${order.id}`}
            rows={3}
            maxLength={2000}
            required
            value={note}
            onChange={(e) => setNote(e.target.value)}
          />
          <div className="quick">
            {QUICK.map((q) => (
              <button key={q.zh} type="button" className="light" onClick={() => setNote(t(q))}>
                {t(q)}
              </button>
            ))}
          </div>
          <button type="submit" className="big">
            {t({ zh: '办结，告诉居民', en: 'Resolve and tell the resident' })}
          </button>
        </form>
      )}
    </article>
  )
}

export function Work({
  me,
  outbox,
  owner,
  reachable,
}: {
  me: Me
  outbox: Outbox
  owner: string
  reachable: boolean
}) {
  const t = useWords()
  const language = useLanguage()
  const pending = usePending(outbox)
  const { orders, at } = useMyOrders(outbox)
  const { now, wall } = useCityTime(5_000)
  const act = (order: OrderRow, action: FieldAction, note?: string) => {
    const id = clientId()
    outbox.add({
      id,
      method: ActOnOrder.method,
      path: ActOnOrder.path,
      params: { id: order.id },
      body: { id, action, ...(note && { note }) },
      title: `${t(ACTION_WORDS[action])} · ${order.title}`,
      owner,
    })
    void outbox.flush(owner)
  }
  const refused = pending.filter((p) => p.refused)
  const shown = (orders ?? [])
    .map((order) => ({ order, state: stateAhead(order, pending) }))
    .filter(({ state }) => state === 'dispatched' || state === 'handling' || state === 'redo')
  return (
    <>
      <p className="muted">
        {me.unit ? t({ zh: me.unit.name, en: me.unit.nameEn }) : me.name}
        {!reachable &&
          at > 0 &&
          t({
            zh: ` · 列表是 ${Math.round((wall - at) / 60_000)} 分钟前的`,
            en: ` · list is ${Math.round((wall - at) / 60_000)} min old`,
          })}
      </p>
      {refused.map((p) => (
        <div key={p.id} className="card bad" role="alert">
          <p>
            {t({ zh: '没有被接受：', en: 'Not accepted: ' })}
            {p.title}
          </p>
          <p>{language === 'zh' ? p.refused!.titleZh : p.refused!.title}</p>
          <button type="button" className="light" onClick={() => outbox.remove(p.id)}>
            {t({ zh: '知道了', en: 'Understood' })}
          </button>
        </div>
      ))}
      {orders && shown.length === 0 && <p>{t({ zh: '没有要办的工单。', en: 'No order to handle.' })}</p>}
      {shown.map(({ order, state }) => (
        <Card
          key={order.id}
          order={order}
          state={state}
          now={now}
          waiting={pending.some((p) => p.params.id === order.id && !p.refused)}
          onAct={(action, note) => act(order, action, note)}
        />
      ))}
    </>
  )
}
