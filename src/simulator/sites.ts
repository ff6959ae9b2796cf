import { randomUUID } from 'node:crypto'
import type { Api, Person } from './api.ts'
import { chanceOf } from './chance.ts'
import type { Town } from './people.ts'

type Found = { total: number }
type Around = {
  children: { code: string; name: string; kind: string; lng: number | null; lat: number | null }[]
}

const PER_TOWN = 2
const DAY: [number, number] = [0, 1440]
const HOURS: [number, number][][] = [
  [
    [420, 690],
    [780, 1200],
  ],
  [
    [480, 690],
    [780, 1080],
  ],
  [
    [360, 600],
    [960, 1260],
  ],
  [[540, 1020]],
]
const SETTINGS = ['community', 'community', 'park', 'office', 'school', 'transport', 'building_site'] as const

/** Sampling sites of the simulated city, where none was imported: two a subdistrict, one in twenty open day and night. */
export async function makeSites(
  api: Api,
  given: { seed: number; as: Person; towns: readonly Town[] },
): Promise<number> {
  const { body } = await api<Found>('GET', '/api/sites?limit=1')
  if (body.total > 0) return 0
  const points = new Map<string, { lng: number; lat: number }>()
  for (const district of new Set(given.towns.map((t) => t.code.slice(0, 6)))) {
    const around = await api<Around>('GET', `/api/places/${district}`)
    for (const c of around.body.children)
      if (c.lng !== null && c.lat !== null) points.set(c.code, { lng: c.lng, lat: c.lat })
  }
  let made = 0
  for (const town of given.towns) {
    const point = points.get(town.code)
    if (!point) continue
    for (let i = 0; i < PER_TOWN; i++) {
      const c = chanceOf(given.seed, `site ${town.code} ${i}`)
      const always = c.happens(0.05)
      const times = always ? [DAY] : c.pick(HOURS)
      const setting = c.pick(SETTINGS)
      const { ok } = await api('PUT', `/api/sites/${randomUUID()}`, {
        as: given.as,
        body: {
          version: 0,
          reason: '模拟城市设立',
          facts: {
            name: `模拟·${town.subdistrict}第${i + 1}采样点`,
            placeCode: town.code,
            address: `${town.district}${town.subdistrict}（模拟地址）`,
            lng: Number((point.lng + (c.next() - 0.5) * 0.012).toFixed(5)),
            lat: Number((point.lat + (c.next() - 0.5) * 0.012).toFixed(5)),
            kind: c.pick(['fixed', 'fixed', 'convenience', 'mobile']),
            setting,
            pooling: c.pick(['pooled', 'pooled', 'both']),
            desks: 1 + Math.floor(c.next() * 5),
            hours: { always, week: Array.from({ length: 7 }, () => times), exceptions: [] },
            ended: false,
          },
        },
      })
      if (ok) made++
    }
  }
  return made
}
