import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { parse } from 'yaml'
import { z } from 'zod'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { service } from '#kernel/auth.ts'
import { dayOf } from '#kernel/clock.ts'
import type { Db } from '#kernel/db.ts'
import type { Routine } from '#kernel/jobs.ts'
import { StartError } from '#kernel/start-error.ts'
import { Bilingual } from '#kernel/contract.ts'
import { silentPeople } from './erase.ts'

const How = z.enum(['delete', 'drop-days', 'erase-text', 'erase-person'])

/** What may be given a term, since when a row ages, by which time, and what may be done to it. Nothing else is touched. */
const KEPT = {
  sign_in_code: { key: 'phone_hash', since: 'expires_at', time: 'wall', how: 'delete' },
  machine_key: { key: 'id', since: 'expires_at', time: 'wall', how: 'delete' },
  call: { key: 'id', since: 'at', time: 'city', how: 'delete' },
  alarm: { key: 'id', since: 'at', time: 'city', how: 'delete' },
  person_reveal: { key: 'id', since: 'at', time: 'city', how: 'delete' },
  person_import_row: { key: 'run_id', since: 'at', time: 'wall', how: 'delete' },
  person_import: { key: 'id', since: 'created_at', time: 'wall', how: 'delete' },
  person_merge: { key: 'id', since: 'at', time: 'city', how: 'delete' },
  glass_break: { key: 'id', since: 'until_at', time: 'city', how: 'delete' },
  // Whole days of what grows by millions a day: partitions are dropped, no row is looked at.
  sample: { key: 'tube', since: 'day', time: 'city', how: 'drop-days' },
  antigen_test: { key: 'id', since: 'day', time: 'city', how: 'delete' },
  antigen_photo: { key: 'id', since: 'at', time: 'city', how: 'delete' },
  early_box: { key: 'code', since: 'at', time: 'city', how: 'delete' },
  early_result: { key: 'tube', since: 'at', time: 'city', how: 'delete' },
  request: { key: 'id', since: 'received_at', time: 'city', how: 'erase-text' },
  person: { key: 'id', since: 'created_at', time: 'city', how: 'erase-person' },
} as const satisfies Record<
  string,
  { key: string; since: string; time: 'city' | 'wall'; how: z.infer<typeof How> }
>
type Table = keyof typeof KEPT

export const RetentionFile = z.strictObject({
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  rules: z
    .array(
      z
        .strictObject({
          id: z.string().min(1),
          what: Bilingual,
          table: z.enum(Object.keys(KEPT) as [Table, ...Table[]]),
          days: z.int().positive(),
          how: How,
          basis: z.string().min(1),
          source: z.string().min(1),
          mark: z.enum(['published', 'other-source', 'set-by-us']),
        })
        .refine((rule) => KEPT[rule.table].how === rule.how, 'how does not fit the table'),
    )
    .refine((rules) => new Set(rules.map((r) => r.table)).size === rules.length, 'a table stands twice'),
})
export type RetentionFile = z.infer<typeof RetentionFile>
export type RetentionRule = RetentionFile['rules'][number]

const FILE = join(import.meta.dirname, '../../../policies/retention.yaml')

/** The terms in force; a fault in the file is one sentence at the start of the server. */
export function readRetention(file = FILE): RetentionFile {
  try {
    return RetentionFile.parse(parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw new StartError({
      zh: '保存期限文件 policies/retention.yaml 无法使用',
      en: `policies/retention.yaml cannot be used: ${(error as Error).message.slice(0, 500)}`,
    })
  }
}

/** Does what a rule says, some rows at a time, each batch in a commit of its own. */
export type Eraser = {
  count(db: Db, before: Date): Promise<number>
  erase(app: App, before: Date, limit: number): Promise<number>
}

function deleter(table: Table): Eraser {
  const { key, since } = KEPT[table]
  const [t, k, s] = [sql.table(table), sql.ref(key), sql.ref(since)]
  // A day is one of the city: an instant would be cut to the day of the server's own time zone.
  const old = (before: Date) => (since === 'day' ? sql`${s} < ${dayOf(before)}::date` : sql`${s} < ${before}`)
  return {
    async count(db, before) {
      const { rows } = await sql<{
        n: number
      }>`select count(*) as n from ${t} where ${old(before)}`.execute(db)
      return rows[0]!.n
    },
    async erase(app, before, limit) {
      // Of a key that holds several rows (a person's days) only the old ones go.
      const done =
        await sql`delete from ${t} where ${old(before)} and ${k} in (select ${k} from ${t} where ${old(before)} limit ${limit})`.execute(
          app.db,
        )
      return Number(done.numAffectedRows ?? 0n)
    },
  }
}

/** Drops partitions by the door that the migration of the table opens for the service; an answer is days, not rows. */
const droppedDays: Eraser = {
  async count(db, before) {
    const { rows } = await sql<{ n: number }>`
      select count(distinct day) as n from sample where day < ${dayOf(before)}::date`.execute(db)
    return rows[0]!.n
  },
  async erase(app, before) {
    const { rows } = await sql<{
      n: number
    }>`select cityloop_drop_sample_days(${dayOf(before)}::date) as n`.execute(app.db)
    return rows[0]!.n
  },
}

function eraserOf(rule: RetentionRule, above: { request: Eraser }): Eraser {
  if (rule.table === 'request') return above.request
  if (rule.table === 'person') return silentPeople
  return rule.how === 'drop-days' ? droppedDays : deleter(rule.table)
}

/** Small enough that nobody at work waits for a lock; big enough that a year goes in a minute. */
const BATCH = 500
const DAY_MS = 86_400_000

export type Applied = { rule: RetentionRule; before: Date; rows: number }

/**
 * Applies every rule now, or with `preview` counts what it would take. `request` stands a floor above and hands in its
 * own eraser. What was done is one audit line a rule; every erased person has a line too.
 */
export async function applyRetention(
  app: App,
  above: { request: Eraser },
  given: { preview?: boolean; rules?: readonly RetentionRule[] } = {},
): Promise<Applied[]> {
  const applied: Applied[] = []
  for (const rule of given.rules ?? readRetention().rules) {
    const { time } = KEPT[rule.table]
    const now = time === 'wall' ? new Date() : app.clock.now()
    const before = new Date(now.getTime() - rule.days * DAY_MS)
    const eraser = eraserOf(rule, above)
    let rows = 0
    if (given.preview) rows = await eraser.count(app.db, before)
    else
      for (;;) {
        const done = await eraser.erase(app, before, BATCH)
        rows += done
        if (done < BATCH) break
      }
    applied.push({ rule, before, rows })
    if (given.preview || rows === 0) continue
    await audit(app.db, service('retention'), 'retention.apply', rule.id, {
      data: { table: rule.table, how: rule.how, rows, before: before.toISOString() },
    })
  }
  return applied
}

export const retentionRoutine = (above: { request: Eraser }): Routine => ({
  name: 'retention',
  everyMs: 3_600_000,
  run: async (app) => void (await applyRetention(app, above)),
})
