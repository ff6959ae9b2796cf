import { readFileSync } from 'node:fs'
import { placesFromDivisions } from './divisions.ts'
import { makeGazetteer } from './gazetteer.ts'
import { decodeOutlines } from './geo.ts'
import type { Place } from './rules.ts'

// For tests only: the city as it ships.
const read = (name: string): string =>
  readFileSync(new URL(`../../../data/shanghai/${name}`, import.meta.url), 'utf8')

export const officialPlaces = placesFromDivisions(
  JSON.parse(read('divisions.json')),
  read('subdistrict-points.csv'),
)
export const officialGazetteer = makeGazetteer(officialPlaces)
export const officialOutlines = decodeOutlines(JSON.parse(read('districts.wgs84.topo.json')))

/** Simulated compounds spread over the neighbourhoods, with names that differ within each. */
export const simulatedCompounds = (count: number): Place[] => {
  const neighbourhoods = officialPlaces.filter(({ kind }) => kind === 'neighbourhood')
  const first = Array.from('兰桂梅竹松柏云霞月星晨曦')
  const second = Array.from('溪庭泉岭湾坡汀洲园轩')
  return Array.from({ length: count }, (_, i) => {
    const parent = neighbourhoods[i % neighbourhoods.length]!
    const round = Math.floor(i / neighbourhoods.length)
    const name = `${first[i % first.length]}${second[(i + round) % second.length]}${'苑府居里城舍'.charAt(round % 6)}（模拟）`
    return {
      code: `${parent.code}${String(round + 1).padStart(3, '0')}`,
      kind: 'compound',
      name,
      parentCode: parent.code,
      simulated: true,
    }
  })
}
