import type { App } from '#kernel/app.ts'
import type { Trx } from '#kernel/db.ts'
import { idFrom } from '#kernel/ids.ts'
import { policyOf, type Policy } from '#capabilities/policy/index.ts'
import { insertNotices } from './notice-store.ts'
import { insertParts, partsOf, updatePart, type PartRecord } from './part-store.ts'
import { findProcess, type Process } from './process-file.ts'
import { endOf } from './span.ts'
import type { OrderRecord } from './store.ts'

const DIGITS = { city: 2, district: 6, subdistrict: 9 } as const

/** The office of a department over a place; where the order names no subdistrict, the district's. */
export function helperUnit(department: string, level: keyof typeof DIGITS, placeCode: string): string {
  const digits = Math.min(DIGITS[level], placeCode.length)
  if (digits >= 9) return `street.${placeCode.slice(0, 9)}`
  return `${department}.${placeCode.slice(0, digits >= 6 ? 6 : 2)}`
}

export const spanOf = (p: { minutes: number | null; working_days: number | null }) =>
  p.working_days !== null ? { workingDays: p.working_days } : { minutes: p.minutes! }

/** Sends the parts of the first step that has any open one; parts of later steps go on waiting. */
export async function sendNextStep(trx: Trx, policy: Policy, orderId: string, at: Date): Promise<void> {
  const parts = await partsOf(trx, orderId)
  const open = parts.filter((p) => p.state !== 'answered' && p.state !== 'waived')
  const step = Math.min(...open.map((p) => p.step))
  for (const p of open) {
    if (p.step !== step || p.state !== 'waiting') continue
    await updatePart(trx, p, { state: 'sent', started_at: at, due_at: endOf(policy, at, spanOf(p)) })
    await insertNotices(trx, [partNotice(p, at)])
  }
}

const partNotice = (p: PartRecord, at: Date) => ({
  order_id: p.order_id,
  id: idFrom('part', p.order_id, p.id),
  to_kind: 'unit' as const,
  to_id: p.unit_id,
  kind: 'part',
  at,
  by_name: '',
})

/** Gives the helpers of the order's process their parts; undefined when it has none or they have them already. */
export async function startProcess(
  app: App,
  trx: Trx,
  order: OrderRecord,
  at: Date,
): Promise<Process | undefined> {
  const process = findProcess(order.process)
  if (!process || (await partsOf(trx, order.id)).length > 0) return undefined
  const rows = process.steps.flatMap((helpers, step) =>
    helpers.map((h) => ({ ...h, step: step + 1, unit: helperUnit(h.department, h.level, order.place_code) })),
  )
  await insertParts(
    trx,
    rows.map((h, i) => ({
      order_id: order.id,
      id: idFrom('process', order.id, String(i)),
      n: i + 1,
      step: h.step,
      unit_id: h.unit,
      task_zh: h.zh,
      task_en: h.en,
      state: 'waiting' as const,
      minutes: h.minutes ?? null,
      working_days: h.workingDays ?? null,
      started_at: null,
      due_at: null,
      signed_at: null,
      ended_at: null,
      late_at: null,
      answer: null,
      waived_reason: null,
    })),
  )
  await sendNextStep(trx, await policyOf(app), order.id, at)
  return process
}
