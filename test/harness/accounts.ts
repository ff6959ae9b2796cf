import { randomUUID } from 'node:crypto'
import { caller, type Answer, type Caller, type TestCity } from './city.ts'

export type Staff = { username: string; password: string; caller: Caller }

/** Signs in by password as a browser does, keeping the half-session for the second step. */
export async function signInAs(
  city: TestCity,
  username: string,
  password: string,
): Promise<{ caller: Caller; answer: Answer; second: (code: string) => Promise<Answer> }> {
  const someone = caller(city.base)
  const answer = await someone.post('/api/session', { username, password })
  const half = answer.headers.getSetCookie().find((c) => c.startsWith('cityloop_half='))
  return {
    caller: someone,
    answer,
    second: (code) =>
      someone.post('/api/session/second', { code }, half ? { cookie: half.split(';')[0]! } : {}),
  }
}

/** A new account made by the administrator, signed in, with a password of its own. */
export async function accountIn(
  city: TestCity,
  admin: Caller,
  grant: { role: string; placeCode: string; unitId?: string },
): Promise<Staff & { id: string }> {
  const id = randomUUID()
  const username = `${grant.role}.${id.slice(0, 8)}`
  const made = await admin.post('/api/accounts', {
    id,
    username,
    name: `模拟·${username}`,
    placeCode: grant.placeCode,
    grants: [grant],
  })
  if (made.status !== 200) throw new Error(`cannot make ${username}: ${JSON.stringify(made.body)}`)
  const { caller: someone } = await signInAs(city, username, made.body.oneTimePassword)
  const password = `simulated ${id}`
  const changed = await someone.post('/api/account/password', {
    old: made.body.oneTimePassword,
    new: password,
  })
  if (changed.status !== 200) throw new Error(`cannot change the password: ${JSON.stringify(changed.body)}`)
  return { id, username, password, caller: someone }
}
