import type { Place } from './rules.ts'
import { parentOf } from './rules.ts'

/** The shape of data/shanghai/divisions.json: [code, name] pairs by level. */
export type Divisions = {
  source: string
  districts: readonly (readonly [string, string])[]
  subdistricts: readonly (readonly [string, string])[]
  neighbourhoods: readonly (readonly [string, string])[]
}

/** The official tree of the city, with a representative point where data/shanghai/subdistrict-points.csv has one. */
export const placesFromDivisions = (divisions: Divisions, pointsCsv = ''): Place[] => {
  const points = new Map<string, { lng: number; lat: number }>()
  for (const line of pointsCsv.split(/\r?\n/).slice(1)) {
    const [code, , , lng, lat] = line.split(',')
    if (code && lng && lat) points.set(code, { lng: Number(lng), lat: Number(lat) })
  }
  const official =
    (kind: Place['kind']) =>
    ([code, name]: readonly [string, string]): Place => ({
      code,
      kind,
      name,
      parentCode: parentOf(code),
      ...points.get(code),
      simulated: false,
    })
  return [
    { code: '31', kind: 'city', name: '上海市', parentCode: undefined, simulated: false },
    ...divisions.districts.map(official('district')),
    ...divisions.subdistricts.map(official('subdistrict')),
    ...divisions.neighbourhoods.map(official('neighbourhood')),
  ]
}
