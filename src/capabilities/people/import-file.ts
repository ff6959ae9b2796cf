import { inflateRawSync } from 'node:zlib'
import { CsvError, parse } from 'csv-parse/sync'
import { decodeText } from '#kernel/import-report.ts'
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
  if (bytes.length === 0) return no('empty')
  const rows = bytes.readUInt32BE(0) === 0x504b0304 ? await readWorkbook(bytes) : readCsv(bytes)
  if (typeof rows === 'string') return no(rows)
  const [header, ...lines] = rows
  if (!header || lines.length === 0) return no(header && columnsOf(header) === undefined ? 'header' : 'empty')
  const columns = columnsOf(header)
  if (!columns) return no('header')
  if (lines.length > MOST_LINES) return no('too_many_lines')
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

function readCsv(bytes: Buffer): string[][] | ImportProblem {
  const decoded = decodeText(bytes)
  if (!decoded.ok) return 'encoding'
  const { text } = decoded
  if (text.trim() === '') return 'empty'
  const first = text.slice(0, text.indexOf('\n') + 1 || undefined)
  const delimiter =
    [',', '\t', ';'].find((d) => columnsOf(first.split(d).map((w) => w.replaceAll('"', '')))) ?? ','
  try {
    return parse(text, {
      delimiter,
      relax_column_count: true,
      relax_quotes: true,
      record_delimiter: '\n',
      to: MOST_LINES + 2,
      // Blank lines are counted, so that a line has the number that a spreadsheet shows.
      skip_empty_lines: false,
    })
  } catch (error) {
    if (error instanceof CsvError) return 'quotes'
    throw error
  }
}

async function readWorkbook(bytes: Buffer): Promise<string[][] | ImportProblem> {
  const problem = lookInside(bytes)
  if (problem) return problem
  try {
    // Only here: most files are CSV, and loading the reader of workbooks takes a third of a second.
    const { readSheet } = await import('read-excel-file/node')
    const rows = await readSheet<string>(bytes, { parseNumber: numberText })
    return rows.map((row) => row.map(cellText))
  } catch {
    return 'not_xlsx'
  }
}

/** A sheet keeps fifteen digits of a number; a longer one is written so that nobody takes it for whole. */
const numberText = (text: string): string => (/^\d{16,}$/.test(text) ? Number(text).toExponential() : text)

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return ''
  if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? '' : cell.toISOString().slice(0, 10)
  return typeof cell === 'string' ? cell : JSON.stringify(cell)
}

/**
 * Unpacks every part once under a limit, before anything else reads it: sizes in the directory are what the sender says.
 * A formula is refused, because its stored result may be stale or missing, and nobody would see which.
 */
function lookInside(zip: Buffer): ImportProblem | undefined {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end < 0 || end + 22 > zip.length) return 'not_xlsx'
  const count = zip.readUInt16LE(end + 10)
  let at = zip.readUInt32LE(end + 16)
  let left = MOST_UNPACKED
  let sheets = 0
  try {
    for (let i = 0; i < count; i++) {
      if (zip.readUInt32LE(at) !== 0x02014b50) return 'not_xlsx'
      const [method, packed, local] = [
        zip.readUInt16LE(at + 10),
        zip.readUInt32LE(at + 20),
        zip.readUInt32LE(at + 42),
      ]
      const [nameLength, extra, comment] = [28, 30, 32].map((o) => zip.readUInt16LE(at + o)) as [
        number,
        number,
        number,
      ]
      const name = zip.toString('utf8', at + 46, at + 46 + nameLength)
      at += 46 + nameLength + extra + comment
      const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
      const data = zip.subarray(from, from + packed)
      const part = method === 0 ? data : inflateRawSync(data, { maxOutputLength: Math.max(1, left) })
      left -= part.length
      if (left < 0) return 'unpacked_too_large'
      if (!/^xl\/worksheets\/[^/]+\.xml$/.test(name)) continue
      sheets++
      if (part.includes('<f>') || part.includes('<f ') || part.includes('<f/>')) return 'formulas'
    }
  } catch (error) {
    return (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE' ? 'unpacked_too_large' : 'not_xlsx'
  }
  return sheets === 0 ? 'not_xlsx' : undefined
}
