import { readRows, type SheetProblem } from '#kernel/sheet.ts'
import { SLACK_MS } from './clock-slack.ts'
import { isLabel } from './label.contract.ts'
import type { Outcome } from './results.contract.ts'
import {
  COLUMNS,
  MOST_LINES,
  OUTCOME_WORDS,
  type Column,
  type FileNote,
} from './results-file-words.contract.ts'

export type FileLine = {
  line: number
  status: 'understood' | 'repaired' | 'refused' | 'unused'
  notes: FileNote[]
  tube: string | null
  written: string | null
  outcome: Outcome | null
  testedAt: string | null
}
export type ResultsFile = {
  ok: true
  format: 'csv' | 'xlsx'
  encoding: 'utf-8' | 'gb18030' | null
  lines: FileLine[]
}
export type ReadResults = ResultsFile | { ok: false; problem: SheetProblem | 'header' }

/** A workbook of 10,000 lines unpacks to some 3 MB. */
const MOST_UNPACKED = 64 * 1024 * 1024

// A cell that a spreadsheet would run as a formula (+, -) carries an apostrophe.
const plain = (cell: string | undefined): string => (cell ?? '').normalize('NFKC').trim().replace(/^'/, '')
const word = (cell: string | undefined): string =>
  plain(cell)
    .replace(/[\s_*]+/g, ' ')
    .toLowerCase()

const MEANING = new Map(
  Object.entries(COLUMNS).flatMap(([column, words]) => words.map((w) => [w as string, column as Column])),
)
const OUTCOMES = new Map(
  Object.entries(OUTCOME_WORDS).flatMap(([outcome, words]) =>
    words.map((w) => [w.normalize('NFKC'), outcome as Outcome]),
  ),
)

type Columns = Record<Column, number>

function columnsOf(header: readonly string[]): Columns | undefined {
  const found = new Map<Column, number>()
  for (const [at, cell] of header.entries()) {
    const column = MEANING.get(word(cell))
    if (column && !found.has(column)) found.set(column, at)
  }
  const [tube, outcome, testedAt] = [found.get('tube'), found.get('outcome'), found.get('testedAt')]
  if (tube === undefined || outcome === undefined || testedAt === undefined) return undefined
  return { tube, outcome, testedAt }
}

/**
 * Reads a laboratory's file line by line; pure but for the reading. A tube with two outcomes in one file has none:
 * the order of lines must not choose a person's result. `now` is city time.
 */
export async function readResultsFile(bytes: Buffer, now: Date): Promise<ReadResults> {
  const read = await readRows(bytes, {
    lines: MOST_LINES + 1,
    unpacked: MOST_UNPACKED,
    isHeader: (row) => columnsOf(row) !== undefined,
    // Rounded: a sheet keeps a time as a fraction of a day, which is off by less than a millisecond.
    dateText: (date) =>
      new Date(Math.round(date.getTime() / 1000) * 1000).toISOString().slice(0, 19).replace('T', ' '),
  })
  if (!read.ok) return read
  const [header, ...rows] = read.rows
  const columns = columnsOf(header ?? [])
  if (!columns) return { ok: false, problem: 'header' }
  if (rows.every((row) => row.every((cell) => plain(cell) === ''))) return { ok: false, problem: 'empty' }
  const width = Math.max(columns.tube, columns.outcome, columns.testedAt) + 1
  const lines = rows.map((row, i) => readLine(row, i + 2, columns, width, now))
  if (read.cut || (!read.ended && (breaksOff(rows, columns) || mayGoOn(rows.at(-1), columns))))
    refuseLast(lines)
  settle(lines)
  return { ok: true, format: read.format, encoding: read.encoding, lines }
}

function readLine(row: string[], line: number, columns: Columns, width: number, now: Date): FileLine {
  const nothing = { line, tube: null, written: null, outcome: null, testedAt: null }
  if (row.every((cell) => plain(cell) === '')) return { ...nothing, status: 'unused', notes: ['blank'] }
  if (row.length < width) return { ...nothing, status: 'refused', notes: ['cells_missing'] }
  const notes: FileNote[] = []
  const raw = plain(row[columns.tube])
  const label = raw.replace(/[\s-]/g, '').toUpperCase()
  const tube = isLabel('T', label) ? label : null
  if (tube === null) notes.push(label === '' ? 'label_missing' : 'label_wrong')
  const said = word(row[columns.outcome])
  const outcome = OUTCOMES.get(said) ?? null
  if (outcome === null) notes.push(said === '' ? 'outcome_missing' : 'outcome_unknown')
  const time = plain(row[columns.testedAt])
  const at = instantOf(time)
  if (at === null) notes.push(time === '' ? 'time_missing' : 'time_wrong')
  else if (at > now.getTime() + SLACK_MS) notes.push('time_future')
  const written = tube === null && raw !== '' ? [...raw].slice(0, 20).join('') : null
  const testedAt = at === null ? null : new Date(at).toISOString()
  const read = { line, tube, written, outcome, testedAt }
  if (notes.length > 0) return { ...read, status: 'refused', notes }
  return label === raw
    ? { ...read, status: 'understood', notes }
    : { ...read, status: 'repaired', notes: ['label_cleaned'] }
}

const LOCAL = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,6})?)?$/
const ZONED = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})$/

/** A time with its zone, or without one in Shanghai's (UTC+8 all year); null where it is neither. */
function instantOf(text: string): number | null {
  if (ZONED.test(text)) {
    const at = Date.parse(text)
    return Number.isNaN(at) ? null : at
  }
  const m = LOCAL.exec(text)
  if (!m) return null
  const [year, month, day, hour, minute, second] = m.slice(1).map((n) => Number(n ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  if (hour > 23 || minute > 59 || second > 59) return null
  const at = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
  // The thirtieth of February is a slip, not the second of March.
  if (at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day) return null
  return at.getTime() - 8 * 3_600_000
}

/** Whether the last time is the beginning of what times look like here: seconds or a zone that were cut change the instant. */
function breaksOff(rows: string[][], columns: Columns): boolean {
  const shape = (row: string[] | undefined) => plain(row?.[columns.testedAt]).replace(/\d+/g, '0')
  const [before, last] = [shape(rows.at(-2)), shape(rows.at(-1))]
  return before !== last && before.startsWith(last)
}

/** Whether the row ends with an outcome that is the beginning of another one: `+` may be what is left of `+/-`. */
function mayGoOn(row: string[] | undefined, columns: Columns): boolean {
  if (row?.length !== columns.outcome + 1) return false
  const said = word(row[columns.outcome])
  const is = OUTCOMES.get(said)
  return [...OUTCOMES].some(([other, outcome]) => other.startsWith(said) && outcome !== is)
}

function refuseLast(lines: FileLine[]): void {
  const last = lines.at(-1)
  if (last) Object.assign(last, { status: 'refused', notes: ['cut'] } satisfies Partial<FileLine>)
}

const isTaken = (line: FileLine) => line.status === 'understood' || line.status === 'repaired'

/** One outcome for a tube: a line that says the same again counts once, lines that contradict each other not at all. */
function settle(lines: FileLine[]): void {
  const byTube = new Map<string, FileLine[]>()
  for (const line of lines) {
    // A line refused for its time still says another outcome of the tube.
    if (line.tube === null || line.outcome === null) continue
    byTube.set(line.tube, [...(byTube.get(line.tube) ?? []), line])
  }
  for (const same of byTube.values()) {
    if (same.length === 1) continue
    if (new Set(same.map((l) => l.outcome)).size > 1) {
      for (const line of same)
        Object.assign(line, { status: 'refused', notes: [...line.notes, 'contradicts'] })
      continue
    }
    for (const line of same.filter(isTaken).slice(1))
      Object.assign(line, { status: 'unused', notes: ['twice'] } satisfies Partial<FileLine>)
  }
}
