import { useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { GetOrder, ListOrders, type OrderRow } from '#capabilities/orders/contract.ts'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { Said } from '../requests/Said.tsx'
import { useNow } from '../shell/clock.ts'
import { useOnNotes } from '../shell/live.tsx'
import { useMay } from '../shell/me.ts'
import { Failure, NotForYou, Nothing } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'
import { Actions } from './Actions.tsx'
import { DueMark, UrgentMark, useTitleOf } from './marks.tsx'
import { Timeline } from './Timeline.tsx'

/** Whose it is and why not: the steps that an arbiter decides by. */
const ABOUT = new Set<string>(['dispatch', 'return', 'approve_return', 'refuse_return', 'ask_arbitration'])

export function ArbitrationPage() {
  const may = useMay()
  return may('orders.arbitrate') ? <Desk /> : <NotForYou />
}

function Desk() {
  const t = useWords()
  const now = useNow()
  const titleOf = useTitleOf()
  const [chosen, choose] = useState<string>()
  useTitle(t({ zh: '仲裁台', en: "Arbiter's desk" }))
  const list = useQuery({
    queryKey: [ListOrders.id, 'arbitration'],
    queryFn: ({ signal }) => call(ListOrders, { query: { view: 'arbitration' }, signal }),
  })
  useOnNotes(
    (note) => note.topic === 'order',
    () => void list.refetch(),
    1_000,
  )
  if (list.isPending) return <Skeleton active={false} paragraph={{ rows: 8 }} />
  if (!list.data) return <Failure error={list.error} retry={() => void list.refetch()} />
  const { items } = list.data
  const at = items.find((o) => o.id === chosen) ?? items[0]
  return (
    <>
      <div className="page-head">
        <h1>{t({ zh: '仲裁台', en: "Arbiter's desk" })}</h1>
        <span className="muted">
          {t({
            zh: '退单用完仍有争议的，由您定谁办；定了不能再退。',
            en: 'Returned as often as allowed and still disputed: you decide who handles, and it is not returned again.',
          })}
        </span>
      </div>
      {!at && (
        <Nothing title={t({ zh: '没有待仲裁的工单', en: 'Nothing to decide' })}>
          <Link to="/supervision">{t({ zh: '去督办台', en: 'To the supervision board' })}</Link>
        </Nothing>
      )}
      {at && (
        <div className="desk-columns">
          <section className="card">
            {items.map((o) => (
              <button
                key={o.id}
                type="button"
                className="pick"
                aria-current={o.id === at.id}
                onClick={() => choose(o.id)}
              >
                {o.urgent && <UrgentMark />} <b>{titleOf(o)}</b>
                <br />
                <span className="mono muted">{o.number}</span> <DueMark order={o} now={now} />
              </button>
            ))}
          </section>
          <Case key={at.id} row={at} now={now} after={() => void list.refetch()} />
        </div>
      )}
    </>
  )
}

function Case({ row, now, after }: { row: OrderRow; now: number; after: () => void }) {
  const t = useWords()
  const titleOf = useTitleOf()
  const order = useQuery({
    queryKey: [GetOrder.id, row.id],
    queryFn: ({ signal }) => call(GetOrder, { params: { id: row.id }, signal }),
  })
  if (!order.data) return order.isError ? <Failure error={order.error} /> : <Skeleton active={false} />
  return (
    <div>
      <section className="card">
        <h2>
          <Link to="/orders/$id" params={{ id: row.id }}>
            {titleOf(order.data)}
          </Link>
        </h2>
        <p className="muted">
          {t({ zh: `退单 ${order.data.returns} 次`, en: `Returned ${order.data.returns} times` })} ·{' '}
          {order.data.place} {order.data.address}
        </p>
        <Timeline events={order.data.timeline.filter((e) => ABOUT.has(e.action))} now={now} />
      </section>
      <Actions
        order={order.data}
        reload={async () => {
          await order.refetch()
          after()
        }}
      />
      <Said order={order.data} />
    </div>
  )
}
