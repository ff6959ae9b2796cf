import { Link } from '@tanstack/react-router'
import type { z } from 'zod'
import type { ReceiveRequest } from '#capabilities/requests/contract.ts'
import { useWords } from '#web/shared/language.ts'
import { DueMark, UrgentMark, useUnitName } from '../orders/marks.tsx'
import { useNow } from '../shell/clock.ts'

/** The number to read out to the caller, with the deadline. */
export function Saved({ saved }: { saved: z.infer<typeof ReceiveRequest.response> }) {
  const t = useWords()
  const unitName = useUnitName()
  const now = useNow()
  const { order } = saved
  return (
    <span className="saved">
      <b>{t({ zh: '已受理', en: 'Received' })}</b>
      <Link to="/orders/$id" params={{ id: order.id }} className="mono">
        {order.number}
      </Link>
      {order.urgent && <UrgentMark />}
      <span>{unitName(order.unit) ?? t({ zh: '待派单', en: 'to be dispatched' })}</span>
      <DueMark order={order} now={now} />
    </span>
  )
}
