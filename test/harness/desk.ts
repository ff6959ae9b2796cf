import pg from 'pg'
import { expect } from 'vitest'
import { newId, signedIn, startCity, type Caller, type TestCity } from './city.ts'
import { timeOf } from './time.ts'

export const NO_WATER = '浦东新区花木街道明月路188弄停水三天了'

/** A city with the people of a desk at work in it, and words to act with. */
export async function startDesk() {
  const city: TestCity = await startCity()
  const sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  const time = timeOf(city)
  /** A handler of a unit, or of everything in a place; a grant like any other. */
  const member = async (unit: string | null, place = '310115'): Promise<Caller> => {
    const username = `t.${unit ?? 'all'}`
    await sql.query(
      `with a as (insert into account (id, username, name, password_hash, place_code, simulated) values ($1, $2, $3, 'x', $4, true) returning id)
       insert into account_grant (account_id, role, place_code, unit_id, valid_from) select id, 'handler', $4, $5, now() from a`,
      [newId(), username, `模拟·${unit ?? place}`, place, unit],
    )
    return signedIn(city.base, username)
  }
  const resident = await signedIn(city.base, 'resident')
  const agent = await signedIn(city.base, 'agent')
  const pudong = await signedIn(city.base, 'pudong')
  const water = await member('water.310115')
  const housing = await member('housing.310115')

  const act = (who: Caller, id: string, action: string, more: object = {}) =>
    who.post(`/api/orders/${id}/actions`, { id: newId(), action, ...more })
  /** Acts, and the city must allow it. */
  const does = async (who: Caller, id: string, action: string, more: object = {}) => {
    const answer = await act(who, id, action, more)
    expect([answer.status, answer.body.code ?? null], action).toEqual([200, null])
    return answer.body
  }
  const get = async (id: string, who = agent) => (await who.get(`/api/orders/${id}`)).body
  const file = async (text = NO_WATER, who = resident): Promise<string> => {
    const id = newId()
    const answer = await who.post('/api/my/requests', { id, text })
    expect(answer.status).toBe(200)
    return id
  }
  return {
    city,
    sql,
    time,
    member,
    resident,
    agent,
    pudong,
    water,
    housing,
    act,
    does,
    get,
    file,
    /** An order in the hands of the water authority. */
    handled: async (text = NO_WATER, who = resident): Promise<string> => {
      const id = await file(text, who)
      if ((await get(id)).unit?.id !== 'water.310115')
        await does(agent, id, 'dispatch', { unitId: 'water.310115' })
      await does(water, id, 'sign')
      return id
    },
    mine: async (id: string, who = resident) => (await who.get(`/api/my/requests/${id}`)).body,
    leftOf: (order: { dueAt: string }) => (Date.parse(order.dueAt) - time.now().getTime()) / 60_000,
    inMinutes: (n: number) => new Date(time.now().getTime() + n * 60_000).toISOString(),
    stop: async () => {
      await sql.end()
      await city.stop()
    },
  }
}

export type Desk = Awaited<ReturnType<typeof startDesk>>
