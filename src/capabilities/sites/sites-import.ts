import {
  type Line,
  makeReport,
  type Note,
  note,
  type PointFeature,
  readPoints,
  refused,
  repaired,
  type Report,
  textOf,
  understood,
} from '#kernel/import-report.ts'
import { normalise } from '#kernel/text.ts'
import {
  positionNote,
  findChild,
  findDistrict,
  findSoundalike,
  type Gazetteer,
  type Outline,
} from '#capabilities/places/index.ts'

import type { OpeningRules } from './hours.contract.ts'
import { parseHours } from './hours.ts'

export type ImportedSite = {
  /** The same site in a later edition of the file has the same key: district, name and address. */
  key: string
  name: string
  district: string
  town: string | undefined
  /** Subdistrict where the town was recognised, else the district. */
  placeCode: string
  address: string
  lng: number
  lat: number
  serveDay: string | undefined
  serveHour: string | undefined
  /** Absent where the hours could not be read: the site stands on the map with hours unknown. */
  rules: OpeningRules | undefined
}

export type SitesImportOptions = { file?: string; outlines?: { readonly features: readonly Outline[] } }

type Town = { placeCode: string; notes: Note[] }

const townOf = (gazetteer: Gazetteer, districtCode: string, town: string | undefined): Town => {
  if (town === undefined)
    return {
      placeCode: districtCode,
      notes: [note('town_missing', '没有街镇，放在区一级', 'No town given; placed in the district')],
    }
  const read = (zh: string, en: string, name: string, code: string): Town => ({
    placeCode: code,
    notes: [note('town_read_as', `${town} ${zh} ${name}`, `${town} ${en} ${name}`)],
  })
  const named = findChild(gazetteer, districtCode, town)
  if (named?.name === town) return { placeCode: named.code, notes: [] }
  const shorter = named ?? findChild(gazetteer, districtCode, town.replace(/路街道$/, '街道'))
  if (shorter) return read('读作', 'read as', shorter.name, shorter.code)
  const same = findSoundalike(gazetteer, districtCode, town)
  if (same) return read('同音，读作', 'sounds like and is read as', same.name, same.code)
  return {
    placeCode: districtCode,
    notes: [
      note(
        'town_unknown',
        `本区没有“${town}”，放在区一级`,
        `No town ${town} in this district; placed in the district`,
      ),
    ],
  }
}

const readSite = (
  gazetteer: Gazetteer,
  { ordinal, raw, properties, lng, lat }: PointFeature,
): Line<ImportedSite> => {
  const [name, address, districtName, town] = ['name', 'address', 'district', 'town'].map((key) =>
    textOf(properties[key]),
  )
  const district = districtName && findDistrict(gazetteer, districtName)
  if (!name) return refused(ordinal, raw, [note('name_missing', '没有名称', 'No name')])
  if (!address) return refused(ordinal, raw, [note('address_missing', '没有地址', 'No address')])
  if (!district)
    return refused(ordinal, raw, [
      note(
        'district_unknown',
        `没有这个区：${districtName ?? ''}`,
        `No such district: ${districtName ?? ''}`,
      ),
    ])
  const place = townOf(gazetteer, district.code, town)
  const hours = parseHours(properties['serveDay'], properties['serveHour'])
  const notes = [...place.notes, ...hours.notes]
  if (!hours.rules)
    notes.push(note('site_hours_unknown', '站点保留，开放时间未知', 'The site is kept with hours unknown'))
  const value: ImportedSite = {
    key: [district.code, name, address].map((part) => normalise(part).text).join('|'),
    name,
    district: district.name,
    town,
    placeCode: place.placeCode,
    address,
    lng,
    lat,
    serveDay: textOf(properties['serveDay']),
    serveHour: textOf(properties['serveHour']),
    rules: hours.rules,
  }
  return place.notes.length > 0 || hours.status !== 'understood'
    ? repaired(ordinal, raw, value, notes)
    : understood(ordinal, raw, value, notes)
}

const contradictions = (lines: readonly Line<ImportedSite>[], options: SitesImportOptions): Note[] => {
  const found: Note[] = []
  const names = new Map<string, string>()
  const keys = new Set<string>()
  for (const { line, value } of lines) {
    if (!value) continue
    if (keys.has(value.key))
      found.push(
        note(
          'site_twice',
          `${value.name}（${value.address}）出现两次`,
          `${value.name} (${value.address}) stands twice`,
        ),
      )
    keys.add(value.key)
    const at = `${value.district}${value.address}`
    const other = names.get(at)
    if (other !== undefined && other !== value.name)
      found.push(
        note(
          'address_shared',
          `${at}：${other}、${value.name} 同址`,
          `${at} is given for ${other} and for ${value.name}`,
        ),
      )
    names.set(at, value.name)
    const misplaced = options.outlines && positionNote(options.outlines, { ...value, line, name: value.name })
    if (misplaced) found.push(misplaced)
  }
  return found
}

/** Sampling sites from the published GeoJSON (WGS84). `line` is the feature's number. */
export const parseSites = (
  text: string,
  gazetteer: Gazetteer,
  options: SitesImportOptions = {},
): Report<ImportedSite> => {
  const { points, refusals, notes } = readPoints(text)
  const lines: Line<ImportedSite>[] = points.map((point) => readSite(gazetteer, point))
  const all = [...lines, ...refusals].sort((a, b) => a.line - b.line)
  return makeReport(options.file ?? 'sites', 'sites', all, [...notes, ...contradictions(all, options)])
}
