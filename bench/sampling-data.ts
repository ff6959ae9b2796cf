import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { labelOf } from '#capabilities/screening/label.contract.ts'
import { signIn } from './harness.ts'

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

/** A paper code for everybody, by the API, as a neighbourhood would print them. */
export async function codesOf(base: string, sql: pg.Client): Promise<string[]> {
  const worker = await signIn(base, await benchAccount(sql, 'neighbourhood_worker'))
  const codes: string[] = []
  let after: string | undefined
  do {
    const answer = await worker('POST', '/api/sampling/codes', {
      placeCode: '31',
      limit: 1000,
      ...(after && { after }),
    })
    const page = (await answer.json()) as { items: { code: string }[]; next: string | null }
    codes.push(...page.items.map((p) => p.code))
    after = page.next ?? undefined
  } while (after !== undefined)
  return codes
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
