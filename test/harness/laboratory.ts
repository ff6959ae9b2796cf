import pg from 'pg'
import { expect } from 'vitest'
import { within } from '#kernel/db.ts'
import { newId } from '#kernel/ids.ts'
import { registerPerson } from '#capabilities/people/index.ts'
import { labelOf } from '#capabilities/screening/label.contract.ts'
import { codeFor } from '#capabilities/screening/resident-code.ts'
import { residentWith, signedIn, startCity, type Caller } from './city.ts'

const COMPOUND = '310115016001001'
export type Person = { id: string; phone: string }

/** A town with a table, a laboratory with two people, the neighbourhood and the centre, and people by their room. */
export async function startLaboratory() {
  const city = await startCity()
  const sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  const sampler = await signedIn(city.base, 'sampler')
  const lab = await signedIn(city.base, 'lab')
  const session = newId()
  await sampler.post('/api/sampling/sessions', {
    id: session,
    placeCode: COMPOUND,
    address: '樱花路801弄（模拟）',
  })
  let labels = 100
  let numbers = 5000

  async function labAccount(unit: string): Promise<Caller> {
    const id = newId()
    await sql.query(
      `insert into account (id, username, name, password_hash, place_code, simulated) values ($1, $2, $2, 'x', '31', true)`,
      [id, `模拟·${id}`],
    )
    await sql.query(
      `insert into account_grant (account_id, role, place_code, unit_id, valid_from) values ($1, 'lab', '31', $2, now())`,
      [id, unit],
    )
    return signedIn(city.base, `模拟·${id}`)
  }
  const colleague = await labAccount('lab.simulated')

  /** Samples people into one tube, packs it and has it received by the laboratory. */
  async function tubeOf(
    people: readonly Person[],
    kind = 10,
    given: { by?: Caller; sealedAt?: Date } = {},
  ): Promise<string> {
    const [tube, box] = [labelOf('T', ++labels), labelOf('B', labels)]
    const sealed = await sampler.post('/api/tubes', {
      sessionId: session,
      tubes: [
        {
          id: newId(),
          code: tube,
          kind,
          members: people.map((p) => ({ code: codeFor(city.app, p.id, 60) })),
          sealedAt: (given.sealedAt ?? city.app.clock.now()).toISOString(),
        },
      ],
    })
    expect(sealed.body.tubes[0].refused).toBeNull()
    await sampler.post('/api/boxes', { id: newId(), code: box, sessionId: session, tubes: [tube] })
    const received = await (given.by ?? lab).post(`/api/boxes/${box}/events`, {
      id: newId(),
      kind: 'received',
    })
    expect(received.status).toBe(200)
    return tube
  }
  const report = async (tube: string, outcome: string, who = lab) =>
    (
      await who.post('/api/results', {
        results: [{ id: newId(), tube, outcome, testedAt: city.app.clock.now().toISOString() }],
      })
    ).body.results[0] as { state: string; refused: string | null }
  const holdOf = async (tube: string) =>
    (await lab.get('/api/results/holds')).body.items.find((h: { tube: string }) => h.tube === tube) as
      | { id: string; stands: string; said: string; mayDecide: boolean }
      | undefined

  return {
    city,
    sql,
    sampler,
    lab,
    colleague,
    session,
    worker: await signedIn(city.base, 'juwei'),
    centre: await signedIn(city.base, 'cdc.pudong'),
    labAccount,
    tubeOf,
    report,
    holdOf,
    /** Somebody registered at a room of the compound; the same room is one household. */
    async resident(room: string, name?: string): Promise<Person> {
      const id = newId()
      const phone = `1990${String(++numbers).padStart(7, '0')}`
      await within(city.app.db, { as: 'service' }, (trx) =>
        registerPerson(city.app, trx, {
          id,
          name: name ?? `模拟住户${numbers}`,
          phone,
          placeCode: COMPOUND,
          residence: room,
        }),
      )
      return { id, phone }
    },
    /** What the laboratory said is replaced by two of its people. */
    async correct(tube: string, outcome: string): Promise<void> {
      expect((await report(tube, outcome)).state).toBe('held')
      const path = `/api/results/holds/${(await holdOf(tube))!.id}`
      await lab.post(`${path}/propose`, { proposal: 'replaced', reason: '复测（模拟）' })
      expect((await colleague.post(`${path}/decide`, { proposal: 'replaced' })).body.state).toBe('replaced')
    },
    async recallsOf(tube: string) {
      const { rows } = await sql.query(`select * from recall where tube = $1 order by person_id, opened_at`, [
        tube,
      ])
      return rows as {
        id: string
        person_id: string
        household: string[]
        why: string
        answered_by: string | null
      }[]
    },
    mine: async (p: Person) =>
      (await (await residentWith(city.base, p.phone)).get('/api/my/results')).body.items,
    duty: async (p: Person) => (await (await residentWith(city.base, p.phone)).get('/api/my/duty')).body,
    async stop() {
      await sql.end()
      await city.stop()
    },
  }
}
export type Laboratory = Awaited<ReturnType<typeof startLaboratory>>
