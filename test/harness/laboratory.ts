import pg from 'pg'
import { expect } from 'vitest'
import { residentWith, signedIn, startCity, type Caller } from './city.ts'
import { startLab, type Sampled } from './lab.ts'

export type Person = Sampled

/** A town of its own with a sampling day, a laboratory of two people, the neighbourhood and the centre. */
export async function startLaboratory(given: Parameters<typeof startCity>[0] = {}) {
  const city = await startCity(given)
  const sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  const day = await startLab(city)
  const { lab } = day
  const report = (tube: string, outcome: string, who?: Caller) => day.report(tube, outcome, who)
  const colleague = (await day.member()).caller
  const holdOf = async (tube: string) =>
    (await lab.get('/api/results/holds')).body.items.find((h: { tube: string }) => h.tube === tube) as
      | { id: string; stands: string; said: string; mayDecide: boolean }
      | undefined
  return {
    ...day,
    city,
    sql,
    colleague,
    worker: await signedIn(city.base, 'juwei'),
    centre: await signedIn(city.base, 'cdc.pudong'),
    labAccount: async (unit: string): Promise<Caller> => (await day.member(unit)).caller,
    /** A tube at the laboratory; of ten, unless another kind is named, however few are in it. */
    tubeOf: (people: readonly Person[], kind = 10, given: { sealedAt?: Date } = {}) =>
      day.tubeOf(people, kind, lab, given.sealedAt),
    holdOf,
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
