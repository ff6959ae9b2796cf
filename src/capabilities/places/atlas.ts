import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { oncePerApp, type App } from '#kernel/app.ts'
import type { Language } from '#kernel/auth.ts'
import type { Db } from '#kernel/db.ts'
import { placesFromDivisions } from './divisions.ts'
import { everydayName, makeGazetteer, type Gazetteer } from './gazetteer.ts'
import { decodeOutlines, makePointIndex } from './geo.ts'
import { romanise } from './pinyin.ts'
import { ancestorsOf, type Place } from './rules.ts'
import { allPlaces, countPlaces, putPlaces, type PlaceFacts } from './store.ts'

const DATA = join(import.meta.dirname, '../../../data/shanghai')
const read = (file: string) => readFileSync(join(DATA, file), 'utf8')

/** A city has far too many places below the neighbourhood for names in a list: two compounds each are simulated. */
const COMPOUNDS_PER_NEIGHBOURHOOD = 2

function officialPlaces(): PlaceFacts[] {
  const divisions = JSON.parse(read('divisions.json')) as Parameters<typeof placesFromDivisions>[0]
  const points = read('subdistrict-points.csv')
  const radius = new Map(
    points
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map((l) => [l.split(',')[0]!, Math.round(Number(l.split(',')[5]) * 1000)]),
  )
  const population = new Map(
    read('population.csv')
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map((l) => [l.split(',')[0]!, l.split(',').slice(1).map(Number)]),
  )
  return placesFromDivisions(divisions, points).map((p) => {
    const [people, area] = population.get(p.name) ?? []
    const isDistrict = p.kind === 'district'
    return {
      ...p,
      radiusM: radius.get(p.code),
      population: isDistrict ? people : undefined,
      areaKm2: isDistrict ? area : undefined,
    }
  })
}

/** A spot within `radiusM` of a point, always the same for the same words: nothing finer is public. */
export function spotNear(
  lng: number,
  lat: number,
  radiusM: number,
  words: string,
): [lng: number, lat: number] {
  const h = createHash('sha256').update(words).digest()
  const angle = (h.readUInt32BE(0) / 2 ** 32) * 2 * Math.PI
  const metres = Math.sqrt(h.readUInt32BE(4) / 2 ** 32) * radiusM
  return [
    lng + (Math.cos(angle) * metres) / (111_320 * Math.cos((lat * Math.PI) / 180)),
    lat + (Math.sin(angle) * metres) / 110_574,
  ]
}

function simulatedCompounds(places: readonly PlaceFacts[]): PlaceFacts[] {
  const byCode = new Map(places.map((p) => [p.code, p]))
  return places
    .filter((p) => p.kind === 'neighbourhood')
    .flatMap((n) => {
      const around = byCode.get(n.code.slice(0, 9))
      return Array.from({ length: COMPOUNDS_PER_NEIGHBOURHOOD }, (_, i) => {
        const code = `${n.code}${String(i + 1).padStart(3, '0')}`
        const at =
          around?.lng !== undefined && around.lat !== undefined
            ? spotNear(around.lng, around.lat, around.radiusM ?? 1000, code)
            : undefined
        return {
          code,
          kind: 'compound' as const,
          name: `${i + 1}号小区（模拟）`,
          parentCode: n.code,
          lng: at?.[0],
          lat: at?.[1],
          simulated: true,
        }
      })
    })
}

/** Loads the city at the first start: official tree, and in a demonstration the simulated compounds. */
export async function seedPlaces(db: Db, demo: boolean): Promise<void> {
  if ((await countPlaces(db)) > 0) return
  const official = officialPlaces()
  await putPlaces(db, demo ? [...official, ...simulatedCompounds(official)] : official)
}

export type Atlas = {
  gazetteer: Gazetteer
  facts: ReadonlyMap<string, PlaceFacts>
  outlines: ReturnType<typeof decodeOutlines>
  subdistricts: ReturnType<typeof makePointIndex<Place & { lng: number; lat: number }>>
}

const atlas = oncePerApp<Atlas>(async (app) => {
  const places = await allPlaces(app.db)
  // Compounds of the simulation carry no names that anybody would write; leaving them out keeps search quick.
  const named = places.filter((p) => p.kind !== 'compound' || !p.simulated)
  const located = places.filter(
    (p): p is PlaceFacts & { lng: number; lat: number } =>
      p.kind === 'subdistrict' && p.lng !== undefined && p.lat !== undefined,
  )
  return {
    gazetteer: makeGazetteer(named),
    facts: new Map(places.map((p) => [p.code, p])),
    outlines: decodeOutlines(JSON.parse(read('districts.wgs84.topo.json'))),
    subdistricts: makePointIndex(located),
  }
})

/** The places of the running city in memory. */
export const atlasOf = (app: App): Promise<Atlas> => atlas.get(app)

const SIMULATED_COMPOUND = /^(\d+)号小区（模拟）$/

/** A place's name for English readers, without its suffix: 花木街道 → Huamu. */
export function pinyinName(place: Pick<Place, 'kind' | 'name'>): string {
  const compound = SIMULATED_COMPOUND.exec(place.name)
  return compound ? `Compound ${compound[1]} (simulated)` : romanise(everydayName(place))
}

/** Names from the district down; the city's own name for the city. In English by pinyin, which everybody can say. */
export function pathIn(known: Atlas, code: string, language: Language = 'zh'): string {
  const above = ancestorsOf(code)
  const codes = code.length > 2 ? [...above.slice(1), code] : [code]
  const places = codes.flatMap((c) => known.facts.get(c) ?? [])
  if (places.length === 0) return code
  return language === 'zh' ? places.map((p) => p.name).join('') : places.map(pinyinName).join(' ')
}

export async function findPlacePath(app: App, code: string, language: Language = 'zh'): Promise<string> {
  return pathIn(await atlasOf(app), code, language)
}

/** Where something at this place stands on the map: the place's own point, or one inside the place above it. */
export function positionOf(
  known: Atlas,
  code: string,
  words: string,
): { lng: number; lat: number } | undefined {
  for (const c of [code, ...ancestorsOf(code).reverse()]) {
    const p = known.facts.get(c)
    if (p?.lng === undefined || p.lat === undefined) continue
    const [lng, lat] = spotNear(p.lng, p.lat, Math.min(p.radiusM ?? 300, 1200), words || code)
    return { lng, lat }
  }
  return undefined
}
