import { hash } from 'node:crypto'
import { sql } from 'kysely'
import { oncePerApp } from './app.ts'
import { plainArray, type Db, type Trx } from './db.ts'
import type { Routine } from './jobs.ts'

declare module '#kernel/db.ts' {
  interface DB {
    audit_chain: { seq: number; audit_id: number; hash: string }
  }
}

type Line = {
  id: number
  at: Date
  actor_kind: string
  actor_id: string
  action: string
  subject: string
  place_code: string | null
  data: string
}

/** Hash of a line and of everything chained before it. `data` comes as the database prints jsonb: one form per value. */
export function linkOf(before: string, l: Line): string {
  const said = JSON.stringify([
    before,
    l.id,
    l.at.toISOString(),
    l.actor_kind,
    l.actor_id,
    l.action,
    l.subject,
    l.place_code,
    l.data,
  ])
  return hash('sha256', said, 'hex')
}

const COLUMNS = sql`a.id, a.at, a.actor_kind, a.actor_id, a.action, a.subject, a.place_code, a.data::text as data`
const BATCH = 5_000
/** How far behind the newest line one may still commit: transactions end within 20 s (idle_in_transaction timeout). */
const LATE = 100_000
/**
 * Almost every line commits within milliseconds of its number. So far back is looked at every turn, and all of `LATE` only
 * now and then: that statement was busy for a tenth of the time while a city sealed.
 */
const SOON = 5_000
const FAR_EVERY_MS = 30_000

const chainedUpTo = async (db: Db): Promise<number> =>
  (await sql<{ id: number }>`select coalesce(max(audit_id), 0) as id from audit_chain`.execute(db)).rows[0]!
    .id

/** Chains what is not chained yet of the lines after number `from`; returns how many. One server at a time. */
export async function chainAudit(db: Db, from?: number): Promise<number> {
  const after = from ?? (await chainedUpTo(db)) - LATE
  return db.transaction().execute(async (trx) => {
    const { rows: lock } = await sql<{
      mine: boolean
    }>`select pg_try_advisory_xact_lock(20220302) as mine`.execute(trx)
    if (!lock[0]!.mine) return 0
    const last = await trx
      .selectFrom('audit_chain')
      .selectAll()
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst()
    const { rows } = await sql<Line>`
      select ${COLUMNS} from audit a
      where a.id > ${after} and not exists (select from audit_chain c where c.audit_id = a.id)
      order by a.id limit ${BATCH}`.execute(trx)
    if (rows.length === 0) return 0
    let hash = last?.hash ?? ''
    let seq = last?.seq ?? 0
    const links = rows.map((line) => ({ seq: ++seq, audit_id: line.id, hash: (hash = linkOf(hash, line)) }))
    await sql`
      insert into audit_chain (seq, audit_id, hash)
      select * from unnest(${plainArray(links.map((l) => l.seq))}::bigint[], ${plainArray(links.map((l) => l.audit_id))}::bigint[], ${plainArray(links.map((l) => l.hash))}::text[])`.execute(
      trx,
    )
    return rows.length
  })
}

const looks = oncePerApp(async () => ({ farAt: -Infinity, from: Infinity }))

export const auditChainRoutine: Routine = {
  name: 'audit.chain',
  everyMs: 2_000,
  async run(app) {
    const look = await looks.get(app)
    const upTo = await chainedUpTo(app.db)
    const isFar = performance.now() - look.farAt >= FAR_EVERY_MS
    // From where the far look before this one began to be sure of: what was late then has its second look now.
    const from = isFar ? Math.min(look.from, upTo - LATE) : upTo - SOON
    while ((await chainAudit(app.db, from)) === BATCH);
    if (isFar) Object.assign(look, { farAt: performance.now(), from: upTo - LATE })
  },
}

export type Verdict =
  | { whole: true; lines: number; head: string; waiting: number }
  | {
      whole: false
      seq: number
      auditId: number
      fault: 'line altered' | 'line missing' | 'link altered' | 'link missing' | 'cut off'
    }

/**
 * Walks the chain and names the first broken link. With `head` (the last known hash, kept outside the database) it also
 * finds an end that was cut off: without it nobody could tell a shorter audit from a younger one.
 */
export async function verifyAudit(db: Db | Trx, head?: string): Promise<Verdict> {
  let before = ''
  let expected = 0
  let seenHead = head === undefined || head === ''
  for (;;) {
    const { rows } = await sql<
      { seq: number; audit_id: number; hash: string } & { [K in keyof Line]: Line[K] | null }
    >`
      select c.seq, c.audit_id, c.hash, ${COLUMNS} from audit_chain c left join audit a on a.id = c.audit_id
      where c.seq > ${expected} order by c.seq limit ${BATCH}`.execute(db)
    for (const row of rows) {
      expected++
      if (row.seq !== expected)
        return { whole: false, seq: expected, auditId: row.audit_id, fault: 'link missing' }
      if (row.id === null) return { whole: false, seq: row.seq, auditId: row.audit_id, fault: 'line missing' }
      const hash = linkOf(before, row as Line)
      if (hash !== row.hash)
        return {
          whole: false,
          seq: row.seq,
          auditId: row.audit_id,
          fault: await which(db, row.seq, row.hash),
        }
      before = row.hash
      if (before === head) seenHead = true
    }
    if (rows.length < BATCH) break
  }
  if (!seenHead) return { whole: false, seq: expected + 1, auditId: 0, fault: 'cut off' }
  const { rows } = await sql<{
    n: number
  }>`select count(*) as n from audit a where not exists (select from audit_chain c where c.audit_id = a.id)`.execute(
    db,
  )
  return { whole: true, lines: expected, head: before, waiting: rows[0]!.n }
}

export type PartVerdict = {
  to: number
  end: boolean
  links: number
  broken: { seq: number; auditId: number; fault: 'line altered' | 'line missing' | 'link missing' } | null
}

/** Checks the links after `after`, at most `count` of them: a click gets an answer in a second, the whole in some clicks. */
export async function verifyPart(db: Db | Trx, after: number, count = BATCH): Promise<PartVerdict> {
  const { rows: ends } = await sql<{ links: number; hash: string | null }>`
    select coalesce(max(seq), 0) as links, (select hash from audit_chain where seq = ${after}) as hash from audit_chain`.execute(
    db,
  )
  const { links, hash } = ends[0]!
  const { rows } = await sql<
    { seq: number; audit_id: number; hash: string } & { [K in keyof Line]: Line[K] | null }
  >`
    select c.seq, c.audit_id, c.hash, ${COLUMNS} from audit_chain c left join audit a on a.id = c.audit_id
    where c.seq > ${after} order by c.seq limit ${count}`.execute(db)
  let before = hash ?? ''
  let expected = after
  for (const row of rows) {
    expected++
    const broken = (fault: NonNullable<PartVerdict['broken']>['fault']) => ({
      to: expected,
      end: true,
      links,
      broken: { seq: expected, auditId: row.audit_id, fault },
    })
    if (row.seq !== expected || (after > 0 && hash === null)) return broken('link missing')
    if (row.id === null) return broken('line missing')
    if (linkOf(before, row as Line) !== row.hash) return broken('line altered')
    before = row.hash
  }
  return { to: expected, end: rows.length < count, links, broken: null }
}

/** The first line at or after an instant, give or take a minute (lines commit out of order): ids grow with time, so halving finds it. */
export async function lineAt(db: Db | Trx, at: Date): Promise<number> {
  let low = 0
  const { rows } = await sql<{ n: number }>`select coalesce(max(id), 0) + 1 as n from audit`.execute(db)
  let high = rows[0]!.n
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const { rows: found } = await sql<{
      at: Date
    }>`select at from audit where id >= ${middle} order by id limit 1`.execute(db)
    if (found[0] && found[0].at < at) low = middle + 1
    else high = middle
  }
  return low
}

/** A changed link breaks the next one too; a changed line breaks only its own. */
async function which(db: Db | Trx, seq: number, hash: string): Promise<'line altered' | 'link altered'> {
  const { rows } = await sql<{ hash: string } & Line>`
    select c.hash, ${COLUMNS} from audit_chain c join audit a on a.id = c.audit_id where c.seq = ${seq + 1}`.execute(
    db,
  )
  const next = rows[0]
  return next && linkOf(hash, next) !== next.hash ? 'link altered' : 'line altered'
}
