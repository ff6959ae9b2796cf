import pg from 'pg'
import { within } from '#kernel/db.ts'
import { registerPerson } from '#capabilities/people/index.ts'
import { labelOf } from '#capabilities/screening/label.contract.ts'
import { codeFor } from '#capabilities/screening/resident-code.ts'
import { newId, signedIn, type Caller, type TestCity } from './city.ts'

export const COMPOUND = '310115016001001'
export type Sampled = { id: string; phone: string }

/** A sampling day beside a city: people of one compound, tubes sealed and boxed, boxes received by the laboratory. */
export async function startLab(city: TestCity, labels = 100) {
  const sampler = await signedIn(city.base, 'sampler')
  const lab = await signedIn(city.base, 'lab')
  const session = newId()
  let last = labels
  let numbers = 5000 + labels
  const opened = await sampler.post('/api/sampling/sessions', {
    id: session,
    placeCode: COMPOUND,
    address: '樱花路801弄（模拟）',
  })
  if (opened.status !== 200) throw new Error(JSON.stringify(opened.body))
  const self = {
    sampler,
    lab,
    /** Somebody registered at a room of the compound; the same room is one household. */
    async resident(room: string, name?: string): Promise<Sampled> {
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
    /** The session that everything is sealed in. */
    session,
    /** Labels that nobody used yet. */
    labels: () => [labelOf('T', ++last), labelOf('B', last)] as const,
    /** A tube of these people under a label. */
    async seal(
      tube: string,
      people: readonly Sampled[],
      kind = people.length === 1 ? 1 : 10,
      sealedAt = city.app.clock.now(),
    ) {
      const sealed = await sampler.post('/api/tubes', {
        sessionId: session,
        tubes: [
          {
            id: newId(),
            code: tube,
            kind,
            members: people.map((p) => ({ code: codeFor(city.app, p.id, 60) })),
            sealedAt: sealedAt.toISOString(),
          },
        ],
      })
      if (sealed.body.tubes?.[0]?.refused !== null) throw new Error(JSON.stringify(sealed.body))
    },
    /** A tube of these people, sealed and packed; the box is on its way. */
    async boxed(people: readonly Sampled[], kind?: number, sealedAt?: Date) {
      const [tube, box] = self.labels()
      await self.seal(tube, people, kind, sealedAt)
      const packed = await sampler.post('/api/boxes', {
        id: newId(),
        code: box,
        sessionId: session,
        tubes: [tube],
      })
      if (packed.body.packed !== 1) throw new Error(JSON.stringify(packed.body))
      return { tube, box }
    },
    /** A tube of these people at the laboratory. */
    async tubeOf(
      people: readonly Sampled[],
      kind?: number,
      by: Caller = lab,
      sealedAt?: Date,
    ): Promise<string> {
      const { tube, box } = await self.boxed(people, kind, sealedAt)
      const moved = await by.post(`/api/boxes/${box}/events`, { id: newId(), kind: 'received' })
      if (moved.status !== 200) throw new Error(JSON.stringify(moved.body))
      return tube
    },
    /** Somebody at a laboratory, the demonstration's unless another is named. */
    async member(unit = 'lab.simulated'): Promise<{ username: string; caller: Caller }> {
      const id = newId()
      const username = `lab.${id.slice(0, 8)}`
      const sql = new pg.Client({ connectionString: city.url })
      await sql.connect()
      await sql.query(
        `with a as (insert into account (id, username, name, password_hash, place_code, simulated) values ($1, $2, $3, 'x', '31', true) returning id)
         insert into account_grant (account_id, role, place_code, unit_id, valid_from) select id, 'lab', '31', $4, now() from a`,
        [id, username, `模拟·${username}`, unit],
      )
      await sql.end()
      return { username, caller: await signedIn(city.base, username) }
    },
    async report(tube: string, outcome: string, who: Caller = lab) {
      const said = await who.post('/api/results', {
        results: [{ id: newId(), tube, outcome, testedAt: city.app.clock.now().toISOString() }],
      })
      return said.body.results[0] as { state: string; refused: string | null }
    },
  }
  return self
}
