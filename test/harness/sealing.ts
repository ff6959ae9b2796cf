import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { labelOf } from '#capabilities/screening/label.contract.ts'

/** A compound of the demonstration. */
export const COMPOUND = '310115016001001'

/** Somebody who may do it everywhere: the demonstration's own accounts hold one subdistrict. */
export async function benchAccount(sql: pg.Client, role: string): Promise<string> {
  const id = randomUUID()
  const username = `bench.${role}.${id.slice(0, 8)}`
  await sql.query(
    `insert into account (id, username, name, password_hash, place_code, simulated) values ($1, $2, '模拟', 'x', '31', true)`,
    [id, username],
  )
  await sql.query(
    `insert into account_grant (account_id, role, place_code, valid_from) values ($1, $2, '31', now())`,
    [id, role],
  )
  return username
}

/**
 * A paper code for everybody, by the API, as a neighbourhood would print them: in the order of where they live, since it is
 * neighbours who stand before one table.
 */
export async function codesOf(base: string, sql: pg.Client): Promise<string[]> {
  const cookie = await cookieOf(base, await benchAccount(sql, 'neighbourhood_worker'))
  const people: { code: string; placeCode: string }[] = []
  let after: string | undefined
  do {
    const answer = await fetch(`${base}/api/sampling/codes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify({ placeCode: '31', limit: 1000, ...(after && { after }) }),
    })
    const page = (await answer.json()) as { items: typeof people; next: string | null }
    people.push(...page.items)
    after = page.next ?? undefined
  } while (after !== undefined)
  return people.toSorted((a, b) => (a.placeCode < b.placeCode ? -1 : 1)).map((p) => p.code)
}

/** The cookie of a demonstration account, for what is sent as bytes. */
export async function cookieOf(base: string, username: string): Promise<string> {
  const answer = await fetch(`${base}/api/session/demo`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username }),
  })
  return answer.headers.getSetCookie()[0]!.split(';')[0]!
}

export async function openSession(base: string, cookie: string): Promise<string> {
  const id = randomUUID()
  const opened = await fetch(`${base}/api/sampling/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify({ id, placeCode: COMPOUND, address: '模拟小区' }),
  })
  if (!opened.ok) throw new Error(`no session: ${await opened.text()}`)
  return id
}

export type BenchTube = {
  id: string
  code: string
  kind: number
  members: { code: string }[]
  sealedAt: string
}

/** Gives one tube of ten after another, with labels and people in turn. */
export function tubeMaker(codes: readonly string[], from = 0): () => BenchTube {
  let label = from
  let person = from
  return () => ({
    id: randomUUID(),
    code: labelOf('T', ++label),
    kind: 10,
    members: Array.from({ length: 10 }, () => ({ code: codes[person++ % codes.length]! })),
    sealedAt: new Date().toISOString(),
  })
}

type Kept = { code: string; client_id: string; members: number; samples: number; lines: number }

/**
 * Tables that seal one tube of ten after another, and what they were told: the ledger that the database is held against
 * once everything that could be killed was killed.
 */
export function sealingLedger(
  given: { base: string; cookie: string; sessionId: string; codes: readonly string[] },
  writers = 8,
) {
  const next = tubeMaker(given.codes)
  const sent = new Map<string, BenchTube>()
  const acknowledged = new Set<string>()
  const again: BenchTube[] = []
  const fate = { done: false, left: false, refused: '' }
  const wait = (ms: number) => new Promise((go) => setTimeout(go, ms))

  const write = async () => {
    while (!fate.left && !fate.refused && (!fate.done || again.length > 0)) {
      const tube = again.pop() ?? next()
      sent.set(tube.code, tube)
      try {
        const answer = await fetch(`${given.base}/api/tubes`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', cookie: given.cookie },
          body: JSON.stringify({ sessionId: given.sessionId, tubes: [tube] }),
          signal: AbortSignal.timeout(20_000),
        })
        const body = (await answer.json()) as { tubes?: { refused: string | null }[] }
        if (answer.status === 200 && body.tubes?.[0]?.refused === null) acknowledged.add(tube.code)
        else if (answer.status >= 500 || answer.status === 429) {
          again.push(tube)
          await wait(50)
        } else fate.refused ||= JSON.stringify(body)
      } catch {
        // No answer: the device sends the same tube again, as the pages do.
        again.push(tube)
        await wait(20)
      }
    }
  }
  const tables = Array.from({ length: writers }, write)

  return {
    acknowledged,
    /** Waits until so many more were acknowledged; throws when a tube was refused, or none comes for a minute. */
    async more(n: number): Promise<void> {
      const goal = acknowledged.size + n
      let [seen, until] = [acknowledged.size, Date.now() + 60_000]
      while (acknowledged.size < goal) {
        if (fate.refused) throw new Error(`refused: ${fate.refused}`)
        if (acknowledged.size > seen) [seen, until] = [acknowledged.size, Date.now() + 60_000]
        if (Date.now() > until) throw new Error(`no tube was acknowledged for a minute, ${seen} before`)
        await wait(20)
      }
    },
    /** Ends when everything that was sent has its answer. */
    async end(): Promise<void> {
      fate.done = true
      await Promise.all(tables)
      if (fate.refused) throw new Error(`refused: ${fate.refused}`)
    },
    /** Leaves everything as it stands, for whoever has no city any more. */
    leave: () => void (fate.left = true),
    /** Labels that were acknowledged and are not there, and tubes that are not what one table sent once, whole. */
    async heldAgainst(sql: pg.Client): Promise<{ lost: string[]; wrong: string[] }> {
      const { rows } = await sql.query<Kept>(`
        select t.code, t.client_id, t.members, count(s.tube)::int as samples,
          (select count(*) from audit a where a.subject = t.code and a.action = 'tubes.seal')::int as lines
        from tube t left join sample s on s.tube = t.code group by t.code`)
      const there = new Set(rows.map((r) => r.code))
      const isOnce = (r: Kept) =>
        sent.get(r.code)?.id === r.client_id && r.members === 10 && r.samples === 10 && r.lines === 1
      return {
        lost: [...acknowledged].filter((code) => !there.has(code)),
        wrong: rows.filter((r) => !isOnce(r)).map((r) => r.code),
      }
    },
  }
}
