import { sql, type RawBuilder } from 'kysely'
import type { App } from '#kernel/app.ts'
import { lineAt, linkOf, verifyPart } from '#kernel/audit-chain.ts'
import { audit } from '#kernel/audit.ts'
import type { Actor } from '#kernel/auth.ts'
import type { Trx } from '#kernel/db.ts'
import type { Given } from '#kernel/http.ts'
import type { ListAudit, ListMyLooks, Look, VerifyAudit } from './looks.contract.ts'
import type { RevealPurpose } from './contract.ts'
import { LOOKS, PURPOSE_NAMES, roleName, type LookAction } from './names.ts'
import { allUnits } from './store.ts'

/** The grant by which the actor stands at a place: the narrowest that covers it, else (a broken glass) the first. */
function postAt(actor: Actor, placeCode: string) {
  const covering = actor.grants.filter((g) => placeCode.startsWith(g.place))
  return covering.sort((a, b) => b.place.length - a.place.length)[0] ?? actor.grants[0]
}

/**
 * Writes that somebody looked at a person's data, in the transaction of the look. The post (role and unit) is kept as
 * it was then; `personId` is what the person's own page and the audit find the line by. A look at oneself is none.
 */
export async function recordLook(
  trx: Trx,
  actor: Actor,
  action: LookAction,
  at: { personId: string; placeCode: string; subject?: string; purpose?: RevealPurpose; more?: object },
): Promise<void> {
  if (actor.id === at.personId) return
  const post = postAt(actor, at.placeCode)
  await audit(trx, actor, action, at.subject ?? at.personId, {
    placeCode: at.placeCode,
    data: {
      personId: at.personId,
      role: post?.role ?? actor.kind,
      unit: post?.unit ?? null,
      ...(at.purpose && { purpose: at.purpose }),
      ...(post && !at.placeCode.startsWith(post.place) && { glass: true }),
      ...at.more,
    },
  })
}

/** Looks at many people at once, a line each, in one insert. What somebody was registered with is a look at nobody else. */
export async function recordLooks(
  trx: Trx,
  actor: Actor,
  action: LookAction,
  people: readonly { personId: string; placeCode: string }[],
  given: { purpose?: RevealPurpose; more?: object } = {},
): Promise<void> {
  const others = people.filter((p) => p.personId !== actor.id)
  if (others.length === 0) return
  const data = others.map(({ personId, placeCode }) => {
    const post = postAt(actor, placeCode)
    return JSON.stringify({
      personId,
      role: post?.role ?? actor.kind,
      unit: post?.unit ?? null,
      ...(given.purpose && { purpose: given.purpose }),
      ...(post && !placeCode.startsWith(post.place) && { glass: true }),
      ...given.more,
    })
  })
  await sql`
    insert into audit (actor_kind, actor_id, action, subject, place_code, data)
    select ${actor.kind}, ${actor.id}, ${action}, t.person, t.place, t.data::jsonb
    from unnest(${others.map((p) => p.personId)}::text[], ${others.map((p) => p.placeCode)}::text[], ${data}::text[]) as t (person, place, data)`.execute(
    trx,
  )
}

type LookLine = {
  id: number
  at: Date
  action: LookAction
  subject: string
  data: { role?: string; unit?: string | null; purpose?: RevealPurpose }
}

/** The person and the records that were merged into theirs: what was read of those was read of them. */
async function recordsOf(app: App, personId: string): Promise<string[]> {
  const merged = await app.db.selectFrom('person').select('id').where('merged_into', '=', personId).execute()
  return [personId, ...merged.map((p) => p.id)]
}

/** What others read about the person who asks, newest first. Lines stand as long as the audit. */
export async function listMyLooks(app: App, actor: Actor, { query }: Given<typeof ListMyLooks>) {
  const after = query.after === undefined ? Number.MAX_SAFE_INTEGER : Number(query.after)
  const { rows } = await sql<LookLine>`
    select id, at, action, subject, data from audit
    where data ? 'personId' and data ->> 'personId' = any(${await recordsOf(app, actor.id)}::text[]) and id < ${after}
      and action = any(${Object.keys(LOOKS)}) and actor_id <> ${actor.id}
    order by id desc limit ${query.limit + 1}`.execute(app.db)
  const shown = rows.slice(0, query.limit)
  const units = new Map(shown.some((r) => r.data.unit) ? (await allUnits(app.db)).map((u) => [u.id, u]) : [])
  const items = shown.map((r): Look => {
    const unit = r.data.unit ? units.get(r.data.unit) : undefined
    return {
      id: String(r.id),
      at: r.at.toISOString(),
      what: LOOKS[r.action],
      purpose: r.data.purpose ? PURPOSE_NAMES[r.data.purpose] : null,
      role: roleName(r.data.role ?? ''),
      unit: unit ? { zh: unit.name, en: unit.name_en } : null,
      requestId: r.action === 'request.read' ? r.subject : null,
    }
  })
  return { items, next: rows.length > query.limit ? String(shown.at(-1)!.id) : null }
}

type ChainedLine = {
  id: number
  at: Date
  actor_kind: string
  actor_id: string
  action: string
  subject: string
  place_code: string | null
  data: string
  hash: string | null
  before: string | null
}

/**
 * The audit of a person or a record for an auditor; each shown line is checked against its link, the whole chain by
 * `cityloop audit verify` (a walk over everything is no answer to a click). Reading the audit is audited too.
 */
export async function listAudit(app: App, actor: Actor, { query }: Given<typeof ListAudit>) {
  const places = actor.may.get('audit.read') ?? []
  const after = query.after === undefined ? Number.MAX_SAFE_INTEGER : Number(query.after)
  const seen = places.some((p) => '31'.startsWith(p))
    ? sql`true`
    : sql`exists (select from unnest(${[...places]}::text[]) p where a.place_code ^@ p)`
  const limit = query.limit + 1
  const MINUTE = 60_000
  const [from, to] = [query.from, query.to].map((text) => text && new Date(text))
  // Bounds of the walk by id, for an hour of last year must not be looked for from today backwards; then the exact time.
  const first = from ? await lineAt(app.db, new Date(from.getTime() - MINUTE)) : 0
  const last = to ? await lineAt(app.db, new Date(to.getTime() + MINUTE)) : Number.MAX_SAFE_INTEGER
  const timed = sql`a.id >= ${first} and a.id <= ${last} ${from ? sql`and a.at >= ${from}` : sql``} ${to ? sql`and a.at < ${to}` : sql``}`
  const acted = query.actor === undefined ? sql`true` : sql`a.actor_id = ${query.actor}`
  const found = (which: RawBuilder<unknown>) =>
    sql`(select a.id from audit a where a.id < ${after} and ${timed} and ${acted} and ${which} and ${seen} order by a.id desc limit ${limit})`
  // A person is the subject of some lines and spoken of in others: two short index walks, where one condition with
  // "or" under this order would walk the whole audit backwards.
  const people = query.person === undefined ? [] : await recordsOf(app, query.person)
  const ids =
    query.person !== undefined
      ? sql`${found(sql`a.subject = any(${people}::text[]) and ${also(query.subject)}`)} union ${found(sql`a.data ? 'personId' and a.data ->> 'personId' = any(${people}::text[]) and ${also(query.subject)}`)}`
      : found(also(query.subject))
  const { rows } = await sql<ChainedLine>`
    select a.id, a.at, a.actor_kind, a.actor_id, a.action, a.subject, a.place_code, a.data::text as data, c.hash,
      (select b.hash from audit_chain b where b.seq = c.seq - 1) as before
    from audit a left join audit_chain c on c.audit_id = a.id
    where a.id in (${ids})
    order by a.id desc limit ${limit}`.execute(app.db)
  const shown = rows.slice(0, query.limit)
  const { rows: chain } = await sql<{ links: number; head: string | null; waiting: number }>`
    select coalesce(max(seq), 0) as links, (select hash from audit_chain order by seq desc limit 1) as head,
      (select count(*) from audit a where a.id > (select coalesce(max(audit_id), 0) from audit_chain)) as waiting
    from audit_chain`.execute(app.db)
  await audit(app.db, actor, 'audit.read', query.person ?? query.subject ?? '*', {
    data: { ...(query.person && { about: query.person }), ...(query.actor && { actor: query.actor }) },
  })
  return {
    items: shown.map((r) => ({
      id: String(r.id),
      at: r.at.toISOString(),
      actorKind: r.actor_kind,
      actorId: r.actor_id,
      action: r.action,
      subject: r.subject,
      placeCode: r.place_code,
      data: JSON.parse(r.data) as unknown,
      link: linkState(r),
    })),
    next: rows.length > query.limit ? String(shown.at(-1)!.id) : null,
    chain: chain[0]!,
  }
}

/** Some links of the chain, checked now; reading on from `to` walks all of it. */
export async function verifyAudit(app: App, actor: Actor, { query }: Given<typeof VerifyAudit>) {
  const part = await verifyPart(app.db, query.after)
  if (query.after === 0 || part.broken)
    await audit(app.db, actor, 'audit.verify', part.broken ? 'broken' : 'begun')
  const { broken } = part
  return { ...part, broken: broken && { seq: broken.seq, line: String(broken.auditId), fault: broken.fault } }
}

const also = (subject: string | undefined) =>
  subject === undefined ? sql`true` : sql`a.subject = ${subject}`

function linkState(line: ChainedLine): 'whole' | 'broken' | 'waiting' {
  if (line.hash === null) return 'waiting'
  return linkOf(line.before ?? '', line) === line.hash ? 'whole' : 'broken'
}
