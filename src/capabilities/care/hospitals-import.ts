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
  valuesOf,
} from '#kernel/import-report.ts'
import { normalise } from '#kernel/text.ts'
import {
  positionNote,
  findDistrict,
  type Gazetteer,
  type Outline,
  understandPlace,
} from '#capabilities/places/index.ts'

export type Phone = { number: string; extension?: string; label?: string; raw: string }
export type EmergencyRoom = 'open' | 'suspended' | 'green_channel'

/** One address of a hospital with what is open there. */
export type ImportedCampus = {
  key: string
  hospital: string
  district: string
  placeCode: string
  address: string
  lng: number
  lat: number
  suspended: string[]
  /** What the source says is open: 全部, or all but the suspended, with its remark. */
  open: string
  emergencyRoom: EmergencyRoom
  phones: { outpatient: Phone[]; emergency: Phone[]; switchboard: Phone[] }
}
export type ImportedHospital = { name: string; campuses: ImportedCampus[] }
export type HospitalsImportOptions = { file?: string; outlines?: { readonly features: readonly Outline[] } }

const unreadable = (raw: string): Note =>
  note('phone_unreadable', `电话看不懂：${raw}`, `Telephone number cannot be read: ${raw}`)
const placeholder = (raw: string): Note =>
  note('phone_placeholder', `电话是占位数字：${raw}`, `Telephone number is a placeholder: ${raw}`)

// 8 digits in the city, 11 mobile, 10 for 400 and 800 lines, 5 or 6 for service lines such as 95169 and 968886.
const isNumber = (digits: string): boolean => /^(?:[2-9]\d{7}|1[3-9]\d{9}|[48]00\d{7}|9\d{4,5})$/.test(digits)

/** Telephone numbers out of one field: several numbers, extensions after - * 转, labels in brackets, half of them cut off. */
export const readPhones = (field: unknown, notes: Note[]): Phone[] => {
  const text = typeof field === 'string' ? normalise(field).text : ''
  if (text === '') return []
  const phones: Phone[] = []
  // A space inside one number (2507 8999) is closed up; between two whole numbers it separates them.
  const pieces = text
    .replace(/(?<!\d)(\d{4}) (\d{4})(?!\d)/g, '$1$2')
    .split(/[,;/ ]+/)
    .filter((piece) => piece !== '')
  for (const piece of pieces) {
    const match = /^(?:\(?(0\d{2,3})\)?-?)?(\d+)(?:[-*转](\d{2,7}))?(?:\(([^()]*)\)?)?$/.exec(piece)
    const [, area, digits = '', extension, label] = match ?? []
    const last = phones.at(-1)
    if (match && !area && !extension && last?.extension && digits.length <= 6 && !isNumber(digits)) {
      phones.push({ number: last.number, extension: digits, ...(label && { label }), raw: piece })
      continue
    }
    if (/^0+$/.test(digits)) {
      notes.push(placeholder(piece))
      continue
    }
    if (!isNumber(digits)) {
      notes.push(unreadable(piece))
      continue
    }
    if (label && !piece.endsWith(')'))
      notes.push(
        note('phone_label_cut', `电话备注不完整：${piece}`, `The remark on a number is cut off: ${piece}`),
      )
    const number = area ? `${area}-${digits}` : digits
    if (phones.some((known) => known.number === number && known.extension === extension)) {
      notes.push(note('phone_twice', `电话重复：${number}`, `The same number twice: ${number}`))
      continue
    }
    phones.push({ number, ...(extension && { extension }), ...(label && { label }), raw: piece })
  }
  return phones
}

/** Departments in 门急诊、住院（急救绿色通道保留） as a list; 门急诊 is two. */
export const readDepartments = (field: string | undefined): string[] =>
  normalise(field ?? '')
    .text.replace(/\([^()]*\)/g, '')
    .split(/[,;]/)
    .flatMap((name) => (name === '门急诊' ? ['门诊', '急诊'] : name === '' ? [] : [name]))

/** Open unless 急诊 is suspended; a kept green channel for rescue stands apart from both. */
export const emergencyRoomOf = (suspended: string | undefined, open: string | undefined): EmergencyRoom => {
  if (/急诊开诊/.test(open ?? '') || !readDepartments(suspended).includes('急诊')) return 'open'
  return /绿色通道/.test(`${suspended ?? ''}${open ?? ''}`) ? 'green_channel' : 'suspended'
}

const hasLineEnd = (value: unknown): boolean => typeof value === 'string' && value.includes('\n')

const readCampus = (
  gazetteer: Gazetteer,
  { ordinal, raw, properties, lng, lat }: PointFeature,
): Line<ImportedCampus> => {
  const [districtName, hospital, address, suspended, open] = [
    '区县',
    '医院',
    '地址',
    '停诊科室',
    '开诊科室',
  ].map((key) => textOf(properties[key]))
  const district = districtName && findDistrict(gazetteer, districtName)
  if (!hospital) return refused(ordinal, raw, [note('name_missing', '没有医院名称', 'No name of a hospital')])
  if (!address) return refused(ordinal, raw, [note('address_missing', '没有地址', 'No address')])
  if (!district)
    return refused(ordinal, raw, [
      note(
        'district_unknown',
        `没有这个区：${districtName ?? ''}`,
        `No such district: ${districtName ?? ''}`,
      ),
    ])
  const notes: Note[] = []
  const named = understandPlace(gazetteer, address, { within: district.code })
  const placeCode =
    named && named.confidence >= 0.6 && named.placeCode.startsWith(district.code)
      ? named.placeCode
      : district.code
  const fields = ['门诊电话', '急诊电话', '总机'] as const
  if (fields.some((key) => hasLineEnd(properties[key])))
    notes.push(note('stray_newline', '字段里有多余的换行，已去掉', 'Stray line end in a field removed'))
  const [outpatient = [], emergency = [], switchboard = []] = fields.map((key) =>
    readPhones(properties[key], notes),
  )
  if (/镇镇|路路|区区|号号|弄弄/.test(address))
    notes.push(
      note(
        'address_doubled',
        `地址可能多字：${address}`,
        `A character may be doubled in the address: ${address}`,
      ),
    )
  const value: ImportedCampus = {
    key: [hospital, district.code, address].map((part) => normalise(part).text).join('|'),
    hospital,
    district: district.name,
    placeCode,
    address,
    lng,
    lat,
    suspended: readDepartments(suspended),
    open: open ?? '',
    emergencyRoom: emergencyRoomOf(suspended, open),
    phones: { outpatient, emergency, switchboard },
  }
  return notes.length > 0 ? repaired(ordinal, raw, value, notes) : understood(ordinal, raw, value)
}

const contradictions = (lines: readonly Line<ImportedCampus>[], options: HospitalsImportOptions): Note[] => {
  const found: Note[] = []
  const keys = new Set<string>()
  const spots = new Map<string, string>()
  for (const { line, value } of lines) {
    if (!value) continue
    if (keys.has(value.key))
      found.push(
        note(
          'campus_twice',
          `${value.hospital}（${value.address}）出现两次`,
          `${value.hospital} (${value.address}) stands twice`,
        ),
      )
    keys.add(value.key)
    const spot = `${value.hospital}|${value.lng},${value.lat}`
    const other = spots.get(spot)
    if (other !== undefined && other !== value.address)
      found.push(
        note(
          'position_shared',
          `${value.hospital}：${other} 与 ${value.address} 写的是同一位置`,
          `${value.hospital}: ${other} and ${value.address} are given one position`,
        ),
      )
    spots.set(spot, value.address)
    if (value.open === '全部' && value.suspended.length > 0)
      found.push(
        note(
          'open_and_suspended',
          `${value.hospital}：写“全部”开诊，又有停诊`,
          `${value.hospital}: all open, and some suspended`,
        ),
      )
    const misplaced =
      options.outlines &&
      positionNote(options.outlines, { ...value, line, name: `${value.hospital}（${value.address}）` })
    if (misplaced) found.push(misplaced)
  }
  return found
}

/** Hospitals from the published GeoJSON (WGS84): one line for each address. `line` is the feature's number. */
export const parseHospitals = (
  text: string,
  gazetteer: Gazetteer,
  options: HospitalsImportOptions = {},
): Report<ImportedCampus> => {
  const { points, refusals, notes } = readPoints(text)
  const lines: Line<ImportedCampus>[] = points.map((point) => readCampus(gazetteer, point))
  const all = [...lines, ...refusals].sort((a, b) => a.line - b.line)
  return makeReport(options.file ?? 'hospitals', 'hospitals', all, [
    ...notes,
    ...contradictions(all, options),
  ])
}

/** The same hospital at several addresses is one hospital with several campuses. */
export const groupHospitals = (report: Pick<Report<ImportedCampus>, 'lines'>): ImportedHospital[] => {
  const hospitals = new Map<string, ImportedHospital>()
  for (const campus of valuesOf(report)) {
    const known = hospitals.get(campus.hospital)
    if (known) known.campuses.push(campus)
    else hospitals.set(campus.hospital, { name: campus.hospital, campuses: [campus] })
  }
  return [...hospitals.values()]
}
