import {
  type Line,
  makeReport,
  type Note,
  note,
  refused,
  repaired,
  type Report,
  understood,
  unused,
} from '#kernel/import-report.ts'
import { matchKey, normalise } from '#kernel/text.ts'
import {
  everydayName,
  findDistrict,
  type Gazetteer,
  type Place,
  understandPlace,
} from '#capabilities/places/index.ts'

export type ImportedAddress = {
  date: string
  district: string
  /** The deepest place that the address names inside its district; the district where it names none. */
  placeCode: string
  /** As published, without a district put before it. */
  address: string
  key: string
  /** 1 for the first time on this day, 2 for the second … */
  occurrence: number
}

export type AddressesImportOptions = { file?: string }

const LONGEST = 60

/** The district that a line begins with (普陀区真光路…), by its full name. */
const districtBefore = (districts: readonly Place[], line: string): Place | undefined =>
  districts.find(({ name }) => line.startsWith(name) && line.length > name.length)

/** A road that bears another district's name: 长宁路 in 静安区. Often right, always worth a look. */
const namesakeOf = (districts: readonly Place[], address: string, own: Place): Place | undefined =>
  districts.find(
    (district) =>
      district.code !== own.code &&
      new RegExp(`^${everydayName(district)}[东西南北中]?(?:路|支路|大道)`).test(address),
  )

type Seen = Map<string, { district: Place; line: number; count: number }[]>

/**
 * Addresses of one day under their district headings, as published. Duplicates, headings left out, addresses
 * under two districts and places of another district are reported and kept as they stand.
 */
export const parseAddresses = (
  text: string,
  date: string,
  gazetteer: Gazetteer,
  options: AddressesImportOptions = {},
): Report<ImportedAddress> => {
  const districts = (gazetteer.children.get('31') ?? []).filter(({ kind }) => kind === 'district')
  const lines: Line<ImportedAddress>[] = []
  const inconsistencies: Note[] = []
  const headings = new Map<string, number>()
  const withoutHeading = new Map<string, number>()
  const seen: Seen = new Map()
  let heading: Place | undefined

  const readLine = (raw: string, line: number): Line<ImportedAddress> => {
    const trimmed = normalise(raw).text
    if (trimmed === '') return unused(line, raw)
    const named = findDistrict(gazetteer, trimmed)
    if (named?.name === trimmed) {
      heading = named
      if (headings.has(named.code))
        inconsistencies.push(
          note(
            'heading_twice',
            `第 ${line} 行：${named.name} 的标题第二次出现`,
            `Line ${line}: second heading ${named.name}`,
          ),
        )
      headings.set(named.code, line)
      return unused(line, raw, [note('heading', `区标题：${named.name}`, `Heading: ${named.name}`)])
    }
    const own = districtBefore(districts, trimmed)
    const district = own ?? heading
    if (!district)
      return refused(line, raw, [note('no_district', '不在任何区的标题下', 'Under no district heading')])
    const address = (own ? trimmed.slice(own.name.length) : trimmed).trim()
    if (!/\p{Script=Han}{2}/u.test(address))
      return refused(line, raw, [note('not_an_address', '不像地址', 'Not an address')])
    if (address.length > LONGEST)
      return refused(line, raw, [
        note(
          'too_long',
          `超过 ${LONGEST} 字，不是一个地址`,
          `Longer than ${LONGEST} characters: not one address`,
        ),
      ])
    const notes: Note[] = []
    if (own && own !== heading) {
      withoutHeading.set(own.code, (withoutHeading.get(own.code) ?? 0) + 1)
      notes.push(
        note(
          'district_in_line',
          `行内写明${own.name}，标题是${heading?.name ?? '无'}`,
          `The line says ${own.name}, the heading ${heading?.name ?? 'none'}`,
        ),
      )
    } else if (own)
      notes.push(
        note(
          'district_repeated',
          '行内重复写了区名，已去掉',
          'The district repeated in the line was taken off',
        ),
      )
    const place = placeOf(district, address, line)
    const key = matchKey(address).text
    const before = seen.get(key) ?? []
    const same = before.find((each) => each.district === district)
    if (same) {
      same.count++
      notes.push(note('duplicate', `与第 ${same.line} 行重复`, `Same as line ${same.line}`))
    } else seen.set(key, [...before, { district, line, count: 1 }])
    const value: ImportedAddress = {
      date,
      district: district.name,
      placeCode: place,
      address,
      key: `${date}|${district.code}|${key}`,
      occurrence: same?.count ?? 1,
    }
    return own ? repaired(line, raw, value, notes) : understood(line, raw, value, notes)
  }

  const placeOf = (district: Place, address: string, line: number): string => {
    const alone = understandPlace(gazetteer, address)
    if (alone && alone.confidence >= 0.85 && !alone.placeCode.startsWith(district.code))
      inconsistencies.push(
        note(
          'place_elsewhere',
          `第 ${line} 行 ${address} 在${district.name}标题下，名称属于 ${alone.path.join('')}`,
          `Line ${line} ${address} stands under ${district.name}; the name belongs to ${alone.path.join(' ')}`,
        ),
      )
    const namesake = namesakeOf(districts, address, district)
    if (namesake)
      inconsistencies.push(
        note(
          'road_of_other_district',
          `第 ${line} 行 ${address} 在${district.name}标题下，路名与${namesake.name}相同，请核对`,
          `Line ${line} ${address} stands under ${district.name}; the road bears the name of ${namesake.name}: please check`,
        ),
      )
    const found = understandPlace(gazetteer, `${district.name}${address}`, { within: district.code })
    return found && found.confidence >= 0.5 && found.placeCode.startsWith(district.code)
      ? found.placeCode
      : district.code
  }

  for (const [index, raw] of text.split('\n').entries()) lines.push(readLine(raw, index + 1))
  // The line end at the end of the file is not a line.
  if (lines.at(-1)?.raw === '') lines.pop()
  for (const [code, count] of withoutHeading)
    if (!headings.has(code)) {
      const name = gazetteer.byCode.get(code)?.name ?? code
      inconsistencies.push(
        note(
          'heading_missing',
          `${name} 没有标题，${count} 行写在别的区标题下`,
          `${name} has no heading; ${count} of its lines stand under another district`,
        ),
      )
    }
  for (const places of seen.values()) {
    for (const { district, line, count } of places)
      if (count > 1) {
        const address = lines[line - 1]?.value?.address ?? ''
        inconsistencies.push(
          note(
            'duplicate_address',
            `${district.name} ${address} 出现 ${count} 次`,
            `${district.name} ${address} stands ${count} times`,
          ),
        )
      }
    if (places.length > 1) {
      const names = places.map(({ district, line }) => `${district.name}（第 ${line} 行）`)
      const address = lines[(places[0]?.line ?? 1) - 1]?.value?.address ?? ''
      inconsistencies.push(
        note(
          'address_under_two_districts',
          `${address} 同时写在 ${names.join('、')}`,
          `${address} stands under ${places.map(({ district, line }) => `${district.name} (line ${line})`).join(', ')}`,
        ),
      )
    }
  }
  return makeReport(options.file ?? `addresses ${date}`, 'addresses', lines, inconsistencies)
}
