import { useCallback, useEffect, useState, type ReactNode } from 'react'
import { call, clientId } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { listen } from '#web/shared/live.ts'
import { useCityTime } from '#web/shared/now.ts'
import { usePending, type Outbox, type Pending } from '#web/shared/outbox.ts'
import { ActOnOrder, ListOrders, type Me, type OrderRow } from '#web/shared/routes.ts'
import { remaining, when } from '#web/shared/time.ts'
import { ACTION_WORDS, STATE_WORDS } from '#web/shared/words.ts'
import { rememberedOrders, rememberOrders, type Field } from './field.ts'
import { Recall } from './Recall.tsx'

type Queue = Outbox<Promise<boolean>>
type FieldAction = 'sign' | 'resolve' | 'return' | 'extend'
type More = { note?: string; until?: string }
const LOOK_AGAIN_MS = 30_000

const actionOf = (p: Pending) => (p.body as { action: FieldAction }).action

/** The state as this phone will have made it once its waiting actions are through. */
function stateAhead(order: OrderRow, waiting: readonly Pending[]): OrderRow['state'] {
  const mine = waiting.filter((p) => p.params.id === order.id && !p.refused).map(actionOf)
  if (mine.includes('resolve')) return 'resolved'
  if (mine.includes('return')) return 'return_review'
  if (mine.includes('extend')) return 'extension_review'
  return mine.includes('sign') ? 'handling' : order.state
}

/** My orders by remaining time; the last list is kept sealed until its handler signs out. */
function useMyOrders(outbox: Queue, owner: string): { orders: OrderRow[] | null; at: number } {
  const [said, setSaid] = useState<{ orders: OrderRow[] | null; at: number }>({ orders: null, at: 0 })
  const load = useCallback(() => {
    call(ListOrders, { query: { view: 'mine', limit: 100 } })
      .then((page) => {
        const now = { orders: page.items, at: Date.now() }
        setSaid(now)
        return rememberOrders({ owner, ...now })
      })
      .catch(() => undefined)
  }, [owner])
  useEffect(() => {
    load()
    rememberedOrders(owner)
      .then((kept) => kept && setSaid((now) => (now.orders ? now : { orders: kept.orders, at: kept.at })))
      .catch(() => undefined)
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
  }, [load, outbox, owner])
  return said
}

const QUICK = [
  { zh: '已上门，已解决', en: 'Visited; solved' },
  { zh: '已送到', en: 'Delivered' },
  { zh: '已联系本人，已安排', en: 'Called the person; arranged' },
] as const

const ASKS = {
  resolve: { zh: '办了什么？（居民看得到）', en: 'What was done? (the resident sees it)' },
  return: { zh: '为什么不是我们办？（由值班审核）', en: 'Why is it not ours? (the desk reviews it)' },
  extend: { zh: '为什么要延期？（由督办审核）', en: 'Why is more time needed? (a supervisor decides)' },
} as const
const SENDS = {
  resolve: { zh: '办结，告诉居民', en: 'Resolve and tell the resident' },
  return: { zh: '申请退单', en: 'Ask to return it' },
  extend: { zh: '申请延期', en: 'Ask for extension' },
} as const
/** Hours beyond the present deadline. */
const LONGER = [4, 24, 72] as const

function Card({
  order,
  state,
  waiting,
  now,
  onAct,
  children,
}: {
  order: OrderRow
  state: OrderRow['state']
  waiting: boolean
  now: number
  onAct: (action: FieldAction, more?: More) => void
  children?: ReactNode
}) {
  const t = useWords()
  const language = useLanguage()
  const [note, setNote] = useState('')
  const [open, setOpen] = useState<'resolve' | 'return' | 'extend'>()
  const [hours, setHours] = useState(24)
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
        {order.card === 'red' && <b className="red">■ {t({ zh: '红牌', en: 'Red card' })}</b>}
        {order.card === 'yellow' && <b className="amber">◧ {t({ zh: '黄牌', en: 'Yellow card' })}</b>}
        {order.supervised && <b>◉ {t({ zh: '督办', en: 'Supervised' })}</b>}
        {waiting && <b className="amber">{t({ zh: '待发送', en: 'unsent' })}</b>}
      </p>
      <h2>{order.title}</h2>
      <p>
        {order.place} {order.address ?? ''}
      </p>
      <p className="muted">{order.number}</p>
      {children}
      {(state === 'dispatched' || state === 'redo') && (
        <button type="button" className="big" onClick={() => onAct('sign')}>
          {t(ACTION_WORDS.sign)}
        </button>
      )}
      {state === 'handling' && !open && (
        <button type="button" className="big" onClick={() => setOpen('resolve')}>
          {t(ACTION_WORDS.resolve)}
        </button>
      )}
      {(state === 'handling' || state === 'dispatched') && !open && (
        <p className="others">
          {state === 'handling' && (
            <button type="button" className="light" onClick={() => setOpen('extend')}>
              {t(ACTION_WORDS.extend)}
            </button>
          )}
          <button type="button" className="light" onClick={() => setOpen('return')}>
            {t(ACTION_WORDS.return)}
          </button>
        </p>
      )}
      {open && (
        <form
          onSubmit={(e) => {
            e.preventDefault()
            if (!note.trim()) return
            const from = Math.max(now, order.dueAt ? Date.parse(order.dueAt) : now)
            onAct(open, {
              note: note.trim(),
              ...(open === 'extend' && { until: new Date(from + hours * 3_600_000).toISOString() }),
            })
            setOpen(undefined)
            setNote('')
          }}
        >
          <label htmlFor={`note-${order.id}`}>{t(ASKS[open])}</label>
          <textarea
            id={`note-${order.id}`}
            rows={3}
            maxLength={2000}
            required
            value={note}
            onChange={(e) => setNote(e.target.value)}
          />
          {open === 'resolve' && (
            <div className="quick">
              {QUICK.map((q) => (
                <button key={q.zh} type="button" className="light" onClick={() => setNote(t(q))}>
                  {t(q)}
                </button>
              ))}
            </div>
          )}
          {open === 'extend' && (
            <div className="quick">
              {LONGER.map((h) => (
                <button
                  key={h}
                  type="button"
                  className="light"
                  aria-pressed={hours === h}
                  onClick={() => setHours(h)}
                >
                  {hours === h ? '✓ ' : ''}
                  {t({ zh: `延 ${h} 小时`, en: `${h} h longer` })}
                </button>
              ))}
            </div>
          )}
          <button type="submit" className="big">
            {t(SENDS[open])}
          </button>
          <button type="button" className="light" onClick={() => setOpen(undefined)}>
            {t({ zh: '不办了，回去', en: 'Back' })}
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
  field,
}: {
  me: Me
  outbox: Queue
  owner: string
  reachable: boolean
  field: Field
}) {
  const t = useWords()
  const language = useLanguage()
  const pending = usePending(outbox)
  const { orders, at } = useMyOrders(outbox, owner)
  const [notKept, setNotKept] = useState(false)
  const { now, wall } = useCityTime(5_000)
  const act = async (order: OrderRow, action: FieldAction, more: More = {}) => {
    const id = clientId()
    const { kept } = outbox.add({
      id,
      method: ActOnOrder.method,
      path: ActOnOrder.path,
      params: { id: order.id },
      body: { id, action, ...more },
      title: `${t(ACTION_WORDS[action])} · ${order.title}`,
      owner,
    })
    setNotKept(!(await kept))
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
      {notKept && pending.length > 0 && (
        <p className="card bad" role="alert">
          {t({
            zh: '手机上存不住（地址不是 https，或存储满了）：送完之前不要关这一页。',
            en: 'This cannot be kept on the device (no https, or it is full): leave this page open until it is sent.',
          })}
        </p>
      )}
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
          onAct={(action, more) => void act(order, action, more)}
        >
          {order.kind === 'recall' && me.may['recalls.read'] && (
            <Recall order={order} me={me} field={field} />
          )}
        </Card>
      ))}
    </>
  )
}
