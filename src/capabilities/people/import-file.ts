import { readRows } from '#kernel/sheet.ts'
import {
  COLUMNS,
  MOST_LINES,
  REQUIRED_COLUMNS,
  type Column,
  type ImportProblem,
} from './import-words.contract.ts'

/** A register as it was sent: where each column stands, and the cells of every line below the header. */
export type Sheet = { columns: Map<Column, number>; lines: string[][] }
export type Read = { ok: true; sheet: Sheet } | { ok: false; problem: ImportProblem }

/** A workbook of 300,000 lines unpacks to less; what unpacks to more is made to fill memory. */
const MOST_UNPACKED = 256 * 1024 * 1024

const no = (problem: ImportProblem): Read => ({ ok: false, problem })

/** Reads CSV or XLSX by what the bytes are, not by what the file is called. */
export async function readRegister(bytes: Buffer): Promise<Read> {
  const read = await readRows(bytes, {
    lines: MOST_LINES + 1,
    unpacked: MOST_UNPACKED,
    isHeader: (row) => columnsOf(row) !== undefined,
    dateText: (date) => date.toISOString().slice(0, 10),
  })
  if (!read.ok) return no(read.problem)
  // Half a person at the end of a file that was cut is nobody.
  if (read.cut) return no('encoding')
  const [header, ...lines] = read.rows
  if (!header || lines.length === 0) return no(header && columnsOf(header) === undefined ? 'header' : 'empty')
  const columns = columnsOf(header)
  if (!columns) return no('header')
  return { ok: true, sheet: { columns, lines } }
}

const plain = (word: string) =>
  word
    .normalize('NFKC')
    .replace(/[\s_*]+/g, ' ')
    .trim()
    .toLowerCase()
const MEANING = new Map(
  Object.entries(COLUMNS).flatMap(([column, words]) =>
    words.map((word) => [word, column as Column] as const),
  ),
)

function columnsOf(header: readonly string[]): Map<Column, number> | undefined {
  const columns = new Map<Column, number>()
  for (const [at, word] of header.entries()) {
    const column = MEANING.get(plain(word) as never)
    if (column && !columns.has(column)) columns.set(column, at)
  }
  return REQUIRED_COLUMNS.every((column) => columns.has(column)) ? columns : undefined
}
