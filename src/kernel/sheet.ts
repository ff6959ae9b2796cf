import { CsvError, parse } from 'csv-parse/sync'
import { decodeText, firstInvalidUtf8 } from './import-report.ts'
import { workbookProblem } from './workbook.ts'

/** Why a table was not read at all. */
export type SheetProblem =
  | 'empty'
  | 'encoding'
  | 'quotes'
  | 'not_xlsx'
  | 'formulas'
  | 'unpacked_too_large'
  | 'too_many_lines'

export type SheetLimits = {
  /** Rows with the header. */
  lines: number
  /** Bytes that a workbook may unpack to. */
  unpacked: number
}
export type SheetReading = SheetLimits & {
  /** Tells the delimiter: the one that makes the first line a header. */
  isHeader: (row: string[]) => boolean
  /** A workbook keeps wall-clock times without a zone, and gives them as if they were UTC. */
  dateText: (date: Date) => string
}

export type Rows = {
  ok: true
  rows: string[][]
  format: 'csv' | 'xlsx'
  encoding: 'utf-8' | 'gb18030' | null
  /** The last row ends in the middle of a character: the file was cut, and what stands there is a part. */
  cut: boolean
  /** The last row has its line end; one without may be whole or not. */
  ended: boolean
}
export type ReadRows = Rows | { ok: false; problem: SheetProblem }

/** Reads the rows of CSV or XLSX by what the bytes are, not by what the file is called. Blank lines are kept: they count. */
export async function readRows(bytes: Buffer, given: SheetReading): Promise<ReadRows> {
  if (bytes.length === 0) return { ok: false, problem: 'empty' }
  const isZip = bytes.length >= 4 && bytes.readUInt32BE(0) === 0x504b0304
  const read = isZip ? await readWorkbook(bytes, given) : readCsv(bytes, given)
  if (typeof read === 'string') return { ok: false, problem: read }
  if (read.rows.length > given.lines) return { ok: false, problem: 'too_many_lines' }
  return read
}

function readCsv(bytes: Buffer, given: SheetReading): Rows | SheetProblem {
  // UTF-16, which Excel calls Unicode Text: in its ASCII half it is valid UTF-8 with a zero after each letter.
  if (bytes.includes(0)) return 'encoding'
  // A character takes up to four bytes: what breaks in the last three is a file that ends too early, not another encoding.
  const broken = firstInvalidUtf8(bytes)
  const cut = broken > 0 && broken >= bytes.length - 3 && bytes.subarray(0, broken).some((b) => b > 0x7f)
  const decoded = decodeText(cut ? bytes.subarray(0, broken) : bytes)
  if (!decoded.ok) return 'encoding'
  const { text, encoding } = decoded
  if (text.trim() === '') return 'empty'
  const first = text.slice(0, text.indexOf('\n') + 1 || undefined).trimEnd()
  const delimiter =
    [',', '\t', ';'].find((d) => given.isHeader(first.split(d).map((w) => w.replaceAll('"', '')))) ?? ','
  try {
    const rows: string[][] = parse(text, {
      delimiter,
      relax_column_count: true,
      relax_quotes: true,
      record_delimiter: '\n',
      to: given.lines + 1,
      // Blank lines are counted, so that a line has the number that a spreadsheet shows.
      skip_empty_lines: false,
    })
    return { ok: true, rows, format: 'csv', encoding, cut, ended: !cut && text.endsWith('\n') }
  } catch (error) {
    if (error instanceof CsvError) return 'quotes'
    throw error
  }
}

async function readWorkbook(bytes: Buffer, given: SheetReading): Promise<Rows | SheetProblem> {
  const problem = workbookProblem(bytes, given.unpacked)
  if (problem) return problem
  try {
    // Only here: most files are CSV, and loading the reader of workbooks takes a third of a second.
    const { readSheet } = await import('read-excel-file/node')
    const rows = await readSheet<string>(bytes, { parseNumber: numberText })
    return {
      ok: true,
      rows: rows.map((row) => row.map((cell) => cellText(cell, given.dateText))),
      format: 'xlsx',
      encoding: null,
      cut: false,
      ended: true,
    }
  } catch {
    return 'not_xlsx'
  }
}

/** A sheet keeps fifteen digits of a number; a longer one is written so that nobody takes it for whole. */
const numberText = (text: string): string => (/^\d{16,}$/.test(text) ? Number(text).toExponential() : text)

function cellText(cell: unknown, dateText: (date: Date) => string): string {
  if (cell === null || cell === undefined) return ''
  if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? '' : dateText(cell)
  return typeof cell === 'string' ? cell : JSON.stringify(cell)
}
