import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { may, type Actor } from '#kernel/auth.ts'
import type { Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { atlasOf, getKnownPlace, pathIn } from '#capabilities/places/index.ts'
import { diffBodies } from './diff.ts'
import { hashOf, readBody, type Body, type Read } from './files.ts'
import { enactmentsAt, enactmentsOf, policyAt, rereadPolicy } from './in-force.ts'
import type { Pack } from './pack.ts'
import * as contract from './packs.contract.ts'
import { previewOf } from './preview.ts'
import * as store from './store.ts'
import type { EnactmentRecord, VersionRecord } from './store.ts'

const ENACT = 'policy.enact'

type Row = EnactmentRecord & { version: string; title: { zh: string; en: string } }

/** Where an enactment stands at an instant. */
export function stateOf(e: EnactmentRecord, at: Date, holding: ReadonlySet<string>): contract.EnactmentState {
  if (e.withdrawn_at) return 'withdrawn'
  if (!e.signed_at) return 'proposed'
  if (e.retracted_at && e.retracted_at <= at) return 'retracted'
  if (e.in_force_from > at) return 'coming'
  if (e.until && e.until <= at) return 'ended'
  return holding.has(e.id) ? 'in_force' : 'replaced'
}

function mayDo(e: EnactmentRecord, state: contract.EnactmentState, actor: Actor): contract.Enactment['may'] {
  if (!may(actor, ENACT, e.place_code)) return []
  if (state === 'proposed') return e.proposed_by === actor.id ? ['withdraw'] : ['sign', 'withdraw']
  if (state === 'in_force' || state === 'coming') {
    if (!e.retraction_by) return ['retract']
    return e.retraction_by === actor.id ? [] : ['sign_retraction']
  }
  return []
}

/** Every overlay holds at its own place; the city's pack everywhere. */
function holdingIds(enactments: readonly EnactmentRecord[], at: Date): Set<string> {
  const places = new Set(['31', ...enactments.map((e) => e.place_code)])
  return new Set([...places].flatMap((place) => enactmentsAt(enactments, at, place).map((e) => e.id)))
}

async function toEnactment(app: App, actor: Actor, e: Row): Promise<contract.Enactment> {
  const at = app.clock.now()
  const state = stateOf(e, at, holdingIds(await enactmentsOf(app), at))
  const signature = (by: string | null, when: Date | null) =>
    by !== null && when !== null ? { by, at: when.toISOString() } : null
  return {
    id: e.id,
    hash: e.hash,
    packId: e.pack_id,
    version: e.version,
    title: e.title,
    over: e.over_id,
    placeCode: e.place_code,
    place: pathIn(await atlasOf(app), e.place_code, actor.language),
    inForceFrom: e.in_force_from.toISOString(),
    until: e.until?.toISOString() ?? null,
    reason: e.reason,
    state,
    proposed: { by: e.proposed_name, at: e.proposed_at.toISOString() },
    signed: signature(e.signed_name, e.signed_at),
    withdrawnAt: e.withdrawn_at?.toISOString() ?? null,
    retraction: e.retraction_by
      ? {
          reason: e.retraction_reason!,
          proposed: { by: e.retraction_name!, at: e.retraction_at!.toISOString() },
          signed: signature(e.retracted_name, e.retracted_at),
        }
      : null,
    may: mayDo(e, state, actor),
  }
}

/** Enacted packs are public; what is only proposed is seen by those who may sign there. */
export async function listEnactments(app: App, actor: Actor, _given: Given<typeof contract.ListEnactments>) {
  const rows = await store.listEnactments(app.db, 200)
  const seen = rows.filter((e) => e.signed_at !== null || may(actor, ENACT, e.place_code))
  return { items: await Promise.all(seen.map((e) => toEnactment(app, actor, e))) }
}

/** A version that this actor may read: public once it was signed anywhere. */
async function readable(app: App, actor: Actor, name: string): Promise<VersionRecord & { body: Body }> {
  const found = await store.resolveVersion(app.db, name)
  if (!found || 'before' in found.body) throw new CityError('version_not_found')
  const isPublic = (await enactmentsOf(app)).some((e) => e.hash === found.hash)
  if (!isPublic && !may(actor, ENACT, found.place_code)) throw new CityError('version_not_found')
  return found as VersionRecord & { body: Body }
}

export async function getVersion(app: App, actor: Actor, { params }: Given<typeof contract.GetVersion>) {
  const v = await readable(app, actor, params.name)
  return { hash: v.hash, packId: v.pack_id, version: v.version, body: v.body as never }
}

/** What differs between two versions, each by name or as it was read. */
export async function differences(app: App, from: string | Body, to: string | Body) {
  const bodyOf = async (name: string | Body): Promise<Body> => {
    if (typeof name !== 'string') return name
    const found = await store.resolveVersion(app.db, name)
    if (!found || 'before' in found.body) throw new CityError('version_not_found')
    return found.body
  }
  return diffBodies(await bodyOf(from), await bodyOf(to))
}

export async function diffVersions(app: App, actor: Actor, { query }: Given<typeof contract.DiffVersions>) {
  const from = await readable(app, actor, query.from)
  const to = await readable(app, actor, query.to)
  return { from: from.hash, to: to.hash, changes: diffBodies(from.body, to.body) }
}

/** Reads what somebody wrote against what is in force now. */
export async function readGiven(app: App, text: string): Promise<Read & { before: Body | undefined }> {
  const at = app.clock.now()
  const enactments = await enactmentsOf(app)
  const [city] = enactmentsAt(enactments, at, '31')
  const bodyOf = async (hash: string | undefined): Promise<Body | undefined> => {
    const kept = hash === undefined ? undefined : await store.findVersion(app.db, hash)
    return kept && !('before' in kept.body) ? kept.body : undefined
  }
  const cityBody = await bodyOf(city?.hash)
  // The newest signed version of the id, so that an overlay can be written for a pack that is still to come.
  const packs = new Map<string, Pack>()
  for (const e of enactments.filter((x) => x.over_id === null && x.retracted_at === null)) {
    const body = await bodyOf(e.hash)
    if (body && 'pack' in body) packs.set(e.pack_id, body.pack)
  }
  const read = readBody(text, (id) => packs.get(id))
  if (!read.body) return { ...read, before: undefined }
  if ('overlay' in read.body) {
    const { place } = read.body.overlay
    await getKnownPlace(app, place)
    const own = enactmentsAt(enactments, at, place).find((e) => e.place_code === place && e.over_id !== null)
    return { ...read, before: await bodyOf(own?.hash) }
  }
  return { ...read, before: cityBody }
}

const casesIn = (body: Body) =>
  ('overlay' in body ? body.overlay.rules : body.pack.rules).reduce((n, r) => n + r.tests.length, 0)

const placeOf = (body: Body) => ('overlay' in body ? body.overlay.place : '31')

export async function checkPack(app: App, actor: Actor, { body }: Given<typeof contract.CheckPack>) {
  const read = await readGiven(app, body.text)
  if (!read.body) return { hash: null, faults: read.faults, cases: 0, changes: [], preview: null }
  const isWhole = read.faults.length === 0 && body.previewLast > 0
  return {
    hash: hashOf(read.body),
    faults: read.faults,
    cases: casesIn(read.body),
    changes: diffBodies(read.before, read.body),
    preview: isWhole ? await previewOf(app, actor, read.body, body.previewLast) : null,
  }
}

async function shown(app: App, trx: Trx, actor: Actor, id: string): Promise<contract.Enactment> {
  const e = await store.lockEnactment(trx, id)
  const v = await store.findVersion(trx, e.hash)
  return toEnactment(app, actor, { ...e, version: v!.version, title: v!.title })
}

export async function proposePack(app: App, actor: Actor, { body }: Given<typeof contract.ProposePack>) {
  const read = await readGiven(app, body.text)
  if (!read.body || read.faults.length > 0)
    throw new CityError('pack_has_faults', {
      fields: read.faults.slice(0, 50).map((fault) => ({ path: 'text', code: fault.slice(0, 300) })),
    })
  const place = placeOf(read.body)
  if (!may(actor, ENACT, place)) throw new CityError('not_allowed')
  const content = 'overlay' in read.body ? read.body.overlay : read.body.pack
  const hash = hashOf(read.body)
  const now = app.clock.now()
  const until = 'overlay' in read.body ? new Date(read.body.overlay.until) : null
  const from = new Date(Math.max(now.getTime(), new Date(body.inForceFrom ?? content.inForceFrom).getTime()))
  if (until && until <= from) throw new CityError('overlay_over')
  const known = (await store.resolveVersion(app.db, `${content.id}@${content.version}`))?.hash
  if (known !== undefined && known !== hash) throw new CityError('version_taken')
  return app.db.transaction().execute(async (trx) => {
    await store.keepVersion(trx, {
      hash,
      pack_id: content.id,
      version: content.version,
      over_id: 'overlay' in read.body! ? read.body.overlay.over : null,
      place_code: place,
      title: content.title,
      body: read.body!,
      kept_at: now,
    })
    await store.insertProposal(trx, {
      id: body.id,
      hash,
      pack_id: content.id,
      over_id: 'overlay' in read.body! ? read.body.overlay.over : null,
      place_code: place,
      in_force_from: from,
      until,
      reason: body.reason,
      proposed_by: actor.id,
      proposed_name: actor.name,
      proposed_at: now,
    })
    await audit(trx, actor, 'policy.propose', body.id, { placeCode: place, data: { hash } })
    return shown(app, trx, actor, body.id)
  })
}

/** Holds the enactment, checks the right at its place, and says what the change is; told to all servers on commit. */
async function change(
  app: App,
  actor: Actor,
  id: string,
  action: string,
  work: (trx: Trx, e: EnactmentRecord, now: Date) => Promise<Partial<EnactmentRecord> | null>,
): Promise<contract.Enactment> {
  await app.db.transaction().execute(async (trx) => {
    const e = await store.lockEnactment(trx, id)
    if (!may(actor, ENACT, e.place_code)) throw new CityError('enactment_not_found')
    const now = app.clock.now()
    const values = await work(trx, e, now)
    // The same again: it stands as it is.
    if (values) {
      await store.updateEnactment(trx, id, values)
      await audit(trx, actor, action, id, { placeCode: e.place_code, data: { hash: e.hash } })
      await app.live.say(trx, { topic: 'policy', id, placeCode: e.place_code })
    }
  })
  await rereadPolicy(app)
  return app.db.transaction().execute((trx) => shown(app, trx, actor, id))
}

export function signPack(app: App, actor: Actor, { params, body }: Given<typeof contract.SignPack>) {
  return change(app, actor, params.id, 'policy.sign', async (trx, e, now) => {
    if (e.hash !== body.hash) throw new CityError('not_what_was_proposed')
    if (e.signed_by === actor.id) return null
    if (e.signed_by !== null || e.withdrawn_at) throw new CityError('enactment_settled')
    if (e.proposed_by === actor.id) throw new CityError('needs_another_person')
    if (e.until && e.until <= now) throw new CityError('overlay_over')
    // Never backwards: what was decided until now was decided by what held then.
    const from = e.in_force_from > now ? e.in_force_from : now
    await app.bus.emit(app, trx, contract.PolicyEnacted, {
      enactmentId: e.id,
      packId: e.pack_id,
      placeCode: e.place_code,
      inForceFrom: from.toISOString(),
    })
    return { signed_by: actor.id, signed_name: actor.name, signed_at: now, in_force_from: from }
  })
}

export function withdrawPack(app: App, actor: Actor, { params }: Given<typeof contract.WithdrawPack>) {
  return change(app, actor, params.id, 'policy.withdraw', async (_trx, e, now) => {
    if (e.withdrawn_at) return null
    if (e.signed_by !== null) throw new CityError('enactment_settled')
    return { withdrawn_at: now }
  })
}

export function retractPack(app: App, actor: Actor, { params, body }: Given<typeof contract.RetractPack>) {
  return change(app, actor, params.id, 'policy.retract', async (_trx, e, now) => {
    if (e.signed_by === null || e.retracted_by !== null || (e.until && e.until <= now))
      throw new CityError('enactment_settled')
    const left = (await enactmentsOf(app)).filter(
      (x) => x.id !== e.id && x.over_id === null && x.retracted_at === null && x.in_force_from <= now,
    )
    // A city without any policy could decide nothing.
    if (e.over_id === null && e.in_force_from <= now && left.length === 0) throw new CityError('last_policy')
    return {
      retraction_reason: body.reason,
      retraction_by: actor.id,
      retraction_name: actor.name,
      retraction_at: now,
    }
  })
}

export function signRetraction(app: App, actor: Actor, { params }: Given<typeof contract.SignRetraction>) {
  return change(app, actor, params.id, 'policy.sign_retraction', async (trx, e, now) => {
    if (e.retraction_by === null || e.retracted_by !== null) throw new CityError('enactment_settled')
    if (e.retraction_by === actor.id) throw new CityError('needs_another_person')
    await app.bus.emit(app, trx, contract.PolicyRetracted, {
      enactmentId: e.id,
      packId: e.pack_id,
      placeCode: e.place_code,
      at: now.toISOString(),
    })
    return { retracted_by: actor.id, retracted_name: actor.name, retracted_at: now }
  })
}

export async function getInForce(app: App, _actor: Actor, { query }: Given<typeof contract.GetInForce>) {
  if (query.place) await getKnownPlace(app, query.place)
  const p = await policyAt(app, {
    ...(query.at && { at: new Date(query.at) }),
    ...(query.place && { place: query.place }),
  })
  return {
    id: p.pack.id,
    version: p.pack.version,
    title: p.pack.title,
    inForceFrom: p.pack.inForceFrom,
    parameters: p.pack.parameters.map(({ district: _d, ...rest }) => rest),
    hash: p.hash,
    overlays: [...p.overlays],
    testPlans: p.pack.testPlans as never[],
    rules: p.pack.rules.map(({ id, set, title, clause, logic }) => ({ id, set, title, clause, logic })),
  }
}
