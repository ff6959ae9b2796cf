import type { App } from '#kernel/app.ts'
import { scopeOf, type Actor } from '#kernel/auth.ts'
import { asService, within, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { idFrom } from '#kernel/ids.ts'
import { policyOf, type Policy } from '#capabilities/policy/index.ts'
import { contentHash } from './content.ts'
import { beginProcess, move } from './engine.ts'
import { insertNotices } from './notice-store.ts'
import type {
  ActOnPart,
  AddPart,
  GetParts,
  ListProcesses,
  Part,
  Parts,
  Process as ShownProcess,
  StartProcess,
} from './parts.contract.ts'
import { insertParts, isOpenPart, partsOf, updatePart, type PartRecord } from './part-store.ts'
import { findProcess, PROCESSES, type Process } from './process-file.ts'
import { sendNextStep } from './process-start.ts'
import * as store from './store.ts'
import type { OrderRecord } from './store.ts'
import { unitsOf, type UnitRow } from './units.ts'
import { roleHas } from './view.ts'

type PartAction = 'sign' | 'answer' | 'waive'

/** What leads a part on: a state table of its own, so small because the order's clock and answer stay with the lead. */
const PART_NEXT: Record<PartRecord['state'], Partial<Record<PartAction, PartRecord['state']>>> = {
  waiting: { waive: 'waived' },
  sent: { sign: 'handling', waive: 'waived' },
  handling: { answer: 'answered', waive: 'waived' },
  answered: {},
  waived: {},
}

const holds = (actor: Actor, permission: string, order: OrderRecord, unit: string | null) =>
  actor.grants.some(
    (g) =>
      roleHas(g, permission) && order.place_code.startsWith(g.place) && (g.unit === null || g.unit === unit),
  )

/** Lead of the order, or whoever dispatches there. */
const mayLead = (actor: Actor, order: OrderRecord) => holds(actor, 'orders.delegate', order, order.unit_id)

const LEADING: readonly string[] = ['dispatched', 'handling', 'redo', 'suspended']

const mayDoPart = (actor: Actor, order: OrderRecord, part: PartRecord, action: PartAction) =>
  action === 'waive' ? mayLead(actor, order) : holds(actor, 'orders.help', order, part.unit_id)

const allowedOn = (actor: Actor, order: OrderRecord, part: PartRecord): PartAction[] =>
  (Object.keys(PART_NEXT[part.state]) as PartAction[]).filter((a) => mayDoPart(actor, order, part, a))

const nameOf = (units: Map<string, UnitRow>, id: string) => {
  const unit = units.get(id)
  return unit ? { zh: unit.name, en: unit.name_en } : { zh: id, en: id }
}

function toPart(units: Map<string, UnitRow>, actor: Actor, order: OrderRecord, p: PartRecord): Part {
  return {
    id: p.id,
    n: p.n,
    step: p.step,
    unit: { id: p.unit_id, name: nameOf(units, p.unit_id) },
    task: { zh: p.task_zh, en: p.task_en },
    state: p.state,
    startedAt: p.started_at?.toISOString() ?? null,
    dueAt: p.due_at?.toISOString() ?? null,
    signedAt: p.signed_at?.toISOString() ?? null,
    endedAt: p.ended_at?.toISOString() ?? null,
    late: p.late_at !== null,
    answer: p.answer,
    waivedReason: p.waived_reason,
    allowed: allowedOn(actor, order, p),
  }
}

function toProcess(policy: Policy, p: Process): ShownProcess {
  const department = (id: string) => {
    const found = policy.elements.departments.find((d) => d.id === id)
    return { zh: found?.zh ?? id, en: found?.en ?? id }
  }
  return {
    id: p.id,
    name: { zh: p.zh, en: p.en },
    elements: p.elements.map((id) => {
      const e = policy.element.get(id)
      return { id, name: { zh: e?.zh ?? id, en: e?.en ?? id } }
    }),
    start: p.start,
    lead: department(p.lead),
    steps: p.steps.map((helpers) =>
      helpers.map((h) => ({
        department: department(h.department),
        level: h.level,
        task: { zh: h.zh, en: h.en },
        minutes: h.minutes ?? null,
        workingDays: h.workingDays ?? null,
      })),
    ),
    answer: p.answer,
  }
}

/** One answer out of the helpers': in the words of the process where the order has one. */
function draftOf(units: Map<string, UnitRow>, actor: Actor, order: OrderRecord, parts: PartRecord[]): string {
  const zh = actor.language === 'zh'
  const lines = parts
    .filter((p) => p.answer !== null)
    .map((p) => `${nameOf(units, p.unit_id)[actor.language]}${zh ? '：' : ': '}${p.answer!}`)
    .join(zh ? '；' : '; ')
  const words = findProcess(order.process)?.answer[actor.language]
  if (!words || parts.length === 0) return lines
  return words.replace('{parts}', lines === '' ? '' : `${lines}${zh ? '。' : '.'}`)
}

async function shown(app: App, trx: Trx, actor: Actor, order: OrderRecord): Promise<Parts> {
  const units = await unitsOf(app)
  const policy = await policyOf(app)
  const parts = await partsOf(trx, order.id)
  const process = findProcess(order.process)
  const leads = LEADING.includes(order.state) && mayLead(actor, order)
  return {
    items: parts.map((p) => toPart(units, actor, order, p)),
    process: process ? { started: parts.length > 0, process: toProcess(policy, process) } : null,
    draft: draftOf(units, actor, order, parts),
    mayStart: leads && process !== undefined && parts.length === 0,
    mayAdd: leads,
  }
}

export async function listProcesses(app: App, _actor: Actor, _given: Given<typeof ListProcesses>) {
  const policy = await policyOf(app)
  return { items: PROCESSES.map((p) => toProcess(policy, p)) }
}

export async function getParts(app: App, actor: Actor, { params }: Given<typeof GetParts>): Promise<Parts> {
  return within(app.db, scopeOf(actor, 'orders.read'), async (trx) =>
    shown(app, trx, actor, await store.getOrder(trx, params.id)),
  )
}

/** Sees the order as the actor does, then holds it as the service; the same id again answers what stands. */
async function change(
  app: App,
  actor: Actor,
  orderId: string,
  eventId: string,
  given: object,
  mayDo: (trx: Trx, order: OrderRecord) => boolean | Promise<boolean>,
  work: (trx: Trx, order: OrderRecord) => Promise<OrderRecord>,
): Promise<Parts> {
  return within(app.db, scopeOf(actor, 'orders.read'), async (trx) => {
    await store.getOrder(trx, orderId)
    await asService(trx)
    const order = await store.lockOrder(trx, orderId)
    if (!(await mayDo(trx, order))) throw new CityError('not_allowed')
    const before = await store.findEvent(trx, orderId, eventId)
    if (!before) return shown(app, trx, actor, await work(trx, order))
    if ((before.data as { given?: string }).given !== contentHash(given))
      throw new CityError('same_id_other_content')
    return shown(app, trx, actor, order)
  })
}

const log = (
  app: App,
  trx: Trx,
  order: OrderRecord,
  actor: Actor,
  given: { id: string; note: string; content: object; part?: string },
) =>
  move(app, trx, order, order.state, {
    id: given.id,
    action: 'part',
    actor,
    at: app.clock.now(),
    note: given.note,
    public: false,
    data: { given: contentHash(given.content), ...(given.part && { part: given.part }) },
  })

/** Asks another unit to help. It must cover the order's place, or it could not see what it is asked about. */
export async function addPart(
  app: App,
  actor: Actor,
  { params, body }: Given<typeof AddPart>,
): Promise<Parts> {
  const { id, ...content } = body
  const leads = (_trx: Trx, order: OrderRecord) => mayLead(actor, order)
  return change(app, actor, params.id, id, content, leads, async (trx, order) => {
    if (!LEADING.includes(order.state)) throw new CityError('action_not_allowed')
    const unit = (await unitsOf(app)).get(body.unitId)
    if (!unit) throw new CityError('unit_not_found')
    if (!order.place_code.startsWith(unit.place_code)) throw new CityError('unit_elsewhere')
    if (unit.id === order.unit_id) throw new CityError('helper_is_lead')
    const parts = await partsOf(trx, order.id)
    const open = parts.filter(isOpenPart)
    const last = Math.max(0, ...parts.map((p) => p.step))
    const running = open.length > 0 ? Math.min(...open.map((p) => p.step)) : last + 1
    await insertParts(trx, [
      {
        order_id: order.id,
        id,
        n: parts.length + 1,
        step: body.after ? last + 1 : running,
        unit_id: unit.id,
        task_zh: body.task,
        task_en: body.task,
        state: 'waiting',
        minutes: body.minutes ?? null,
        working_days: body.workingDays ?? null,
        started_at: null,
        due_at: null,
        signed_at: null,
        ended_at: null,
        late_at: null,
        answer: null,
        waived_reason: null,
      },
    ])
    await sendNextStep(trx, await policyOf(app), order.id, app.clock.now())
    return log(app, trx, order, actor, { id, note: `请${unit.name}协办：${body.task}`, content, part: id })
  })
}

export async function actOnPart(
  app: App,
  actor: Actor,
  { params, body }: Given<typeof ActOnPart>,
): Promise<Parts> {
  const { id, ...content } = body
  const find = async (trx: Trx, order: OrderRecord) => {
    const part = (await partsOf(trx, order.id)).find((p) => p.id === params.part)
    if (!part) throw new CityError('part_not_found')
    return part
  }
  const may = async (trx: Trx, order: OrderRecord) =>
    mayDoPart(actor, order, await find(trx, order), body.action)
  return change(app, actor, params.id, id, { ...content, part: params.part }, may, async (trx, order) => {
    const part = await find(trx, order)
    const to = PART_NEXT[part.state][body.action]
    if (!to) throw new CityError('action_not_allowed')
    if (body.action !== 'sign' && body.note === undefined)
      throw new CityError('bad_input', { fields: [{ path: 'note', code: 'required' }] })
    const now = app.clock.now()
    const unit = nameOf(await unitsOf(app), part.unit_id).zh
    await updatePart(trx, part, {
      state: to,
      ...(to === 'handling' && { signed_at: now }),
      ...(to === 'answered' && { ended_at: now, answer: body.note! }),
      ...(to === 'waived' && { ended_at: now, waived_reason: body.note! }),
    })
    if (to !== 'handling') {
      await sendNextStep(trx, await policyOf(app), order.id, now)
      await tellLead(trx, order, now)
    }
    const said = { handling: '签收协办', answered: '协办答复', waived: '免除协办' }[to as 'handling']
    return log(app, trx, order, actor, {
      id,
      note: `${unit}${said}${body.note ? `：${body.note}` : ''}`,
      content: { ...content, part: params.part },
      part: part.id,
    })
  })
}

/** The last part has ended: the lead can give the one answer. */
async function tellLead(trx: Trx, order: OrderRecord, at: Date): Promise<void> {
  const parts = await partsOf(trx, order.id)
  if (!order.unit_id || parts.some(isOpenPart)) return
  await insertNotices(trx, [
    {
      order_id: order.id,
      id: idFrom('parts ended', order.id, String(parts.length)),
      to_kind: 'unit',
      to_id: order.unit_id,
      kind: 'part.all',
      at,
      by_name: '',
    },
  ])
}

export async function startOrderProcess(
  app: App,
  actor: Actor,
  { params, body }: Given<typeof StartProcess>,
): Promise<Parts> {
  return within(app.db, scopeOf(actor, 'orders.read'), async (trx) => {
    await store.getOrder(trx, params.id)
    await asService(trx)
    const order = await store.lockOrder(trx, params.id)
    if (!mayLead(actor, order)) throw new CityError('not_allowed')
    if (!LEADING.includes(order.state)) throw new CityError('action_not_allowed')
    return shown(app, trx, actor, await beginProcess(app, trx, order, actor, body.id))
  })
}
