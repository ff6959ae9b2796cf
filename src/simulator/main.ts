import { makeApi } from './api.ts'
import { chance } from './chance.ts'
import { loadTowns, makeCrowd } from './people.ts'
import { makeRound } from './round.ts'
import { makeSites } from './sites.ts'
import { makeDesk, makeOffice, signIn } from './staff.ts'

/**
 * A living city that talks to the public API only: residents ask and ring by the hour of the day, in calm and in
 * surge; the desk sends on; departments sign, return, forget and solve; residents say how it was. Everything it makes
 * is marked as simulated by the people it acts as. It ends when its server lets go of it.
 */
const base = process.env.CITYLOOP_URL ?? 'http://localhost:8080'
const seed = Number(process.env.CITYLOOP_SEED ?? '20220607')
const people = Number(process.env.CITYLOOP_PEOPLE ?? '20000')
const epidemic = {
  prevalence: Number(process.env.CITYLOOP_PREVALENCE ?? '1'),
  clustering: Number(process.env.CITYLOOP_CLUSTERING ?? '0.7'),
}
const api = makeApi(base, process.env.CITYLOOP_SIM_KEY ?? '')

process.on('disconnect', () => process.exit(0))
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0))

/** Requests in a day: an ordinary day of the hotline, and the city's busiest day (15,000 work orders). */
const CALM_A_DAY = 4_000
const SURGE_A_DAY = 15_000
/** City minutes of each; both come several times a shift. */
const CALM_MINUTES = 40
const SURGE_MINUTES = 12
/** However fast city time runs, one small machine gets no more than this from us. */
const MOST_PER_SECOND = 6
/** What the screens show before anybody has done anything. */
const FIRST = 40

/** Share of a day's requests by hour in Shanghai: quiet nights, a peak at ten, a second one in the evening. */
const HOURS = [12, 8, 6, 5, 5, 9, 20, 42, 66, 84, 88, 76, 58, 62, 70, 68, 62, 56, 50, 52, 48, 38, 28, 18]
const MEAN = HOURS.reduce((sum, n) => sum + n, 0) / 24

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms))

async function main(): Promise<void> {
  const clock = await api<{ now: string; speed: number }>('GET', '/api/clock')
  let said = { city: Date.parse(clock.body.now), wall: Date.now(), speed: clock.body.speed }
  const now = () => said.city + (Date.now() - said.wall) * said.speed
  setInterval(() => {
    void api<{ now: string; speed: number }>('GET', '/api/clock').then(({ body, ok }) => {
      if (ok) said = { city: Date.parse(body.now), wall: Date.now(), speed: body.speed }
    })
  }, 30_000)

  const c = chance(seed)
  const towns = await loadTowns(api)
  const agent = await signIn(api, 'sim.agent')
  const districts = [...new Set(towns.map((t) => t.code.slice(0, 6))), '31']
  const crowd = makeCrowd(api, { seed, people, towns, agent, chance: c })
  for (let i = 0; i < FIRST; i++) await (c.happens(0.6) ? crowd.ask(0.2) : crowd.ring(0.2))

  const desk = makeDesk(api, { seed, agent, now, ours: crowd.ours })
  const forever = async (everyMs: number, work: () => Promise<void>) => {
    for (;;) {
      await work().catch((error: unknown) => process.stderr.write(`simulator: ${String(error)}\n`))
      await pause(everyMs)
    }
  }
  void forever(2_000, desk)
  void forever(1_500, () => crowd.answer())
  for (const [i, place] of districts.entries()) {
    const handler = await signIn(api, `sim.${place}`)
    const office = makeOffice(api, { seed, handler, now, ours: crowd.ours })
    setTimeout(() => void forever(5_000, office), i * 300)
  }
  const planner = await signIn(api, 'sim.rounds')
  await makeSites(api, { seed, as: planner, towns })
  const round = await makeRound(api, { seed, now, towns, epidemic, planner })
  await round.leftBehind()
  void forever(60_000, () => round.open())
  void forever(3_000, () => round.sample())
  void forever(2_000, () => round.test())
  void forever(4_000, () => round.visit())
  void forever(5_000, () => round.confirm())
  void forever(0, async () => {
    const minute = now() / 60_000
    const surging = minute % (CALM_MINUTES + SURGE_MINUTES) >= CALM_MINUTES
    const hour = new Date(now() + 8 * 3_600_000).getUTCHours()
    const perCitySecond = ((surging ? SURGE_A_DAY : CALM_A_DAY) / 86_400) * (HOURS[hour]! / MEAN)
    const perSecond = Math.min(MOST_PER_SECOND, perCitySecond * said.speed)
    // Exponential gaps: people do not come at even intervals.
    await pause(Math.min(30_000, (-Math.log(1 - c.next()) / perSecond) * 1000))
    const urgentShare = surging ? 0.12 : 0.05
    await (c.happens(0.55) ? crowd.ask(urgentShare) : crowd.ring(urgentShare))
  })
}

main().catch((error: unknown) => {
  process.stderr.write(`simulator ended: ${String(error)}\n`)
  process.exit(1)
})
