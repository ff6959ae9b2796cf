import { z } from 'zod'
import { Instant, page, PlaceCode, route, typed } from '#kernel/contract.ts'

import {
  CSV,
  IMPORT_NOTES,
  IMPORT_PROBLEMS,
  MOST_BYTES,
  XLSX,
  type ImportNote,
  type ImportProblem,
} from './import-words.contract.ts'

export const ImportCounts = z.object({
  /** Lines below the header; understood + repaired + refused + unused. */
  total: z.int(),
  understood: z.int(),
  repaired: z.int(),
  refused: z.int(),
  unused: z.int(),
  /** Of the understood and repaired: new here, or in the register already (only what is missing there is filled in). */
  fresh: z.int(),
  known: z.int(),
  /** New ones that may be the same as somebody: listed for review, never merged by themselves. */
  alike: z.int(),
  /** Lines read or stored so far. */
  progress: z.int(),
  stored: z.int(),
  filled: z.int(),
})
export type ImportCounts = z.infer<typeof ImportCounts>

export const ImportRun = z.object({
  id: z.uuid(),
  file: z.string(),
  placeCode: PlaceCode,
  place: z.string(),
  state: z.enum(['reading', 'ready', 'storing', 'done', 'refused', 'dropped']),
  problem: z.enum(Object.keys(IMPORT_PROBLEMS) as [ImportProblem, ...ImportProblem[]]).nullable(),
  counts: ImportCounts,
  /** Wall time. */
  createdAt: Instant,
})
export type ImportRun = z.infer<typeof ImportRun>

const byId = z.strictObject({ id: z.uuid() })

/**
 * Reads a register and says what it understood; nothing is stored before somebody accepts it. The id in the address is
 * the client's; the same file under the same id again is the same import.
 */
export const UploadPeople = route({
  id: 'people.import',
  method: 'POST',
  path: '/api/people/imports/:id',
  summary: {
    zh: '上传人员名册（CSV 或 XLSX），先预览',
    en: 'Upload a register of people (CSV or XLSX), previewed first',
  },
  params: byId,
  query: z.strictObject({ file: typed(1, 200), place: PlaceCode.optional() }),
  upload: { types: [CSV, XLSX, 'application/octet-stream'], bytes: MOST_BYTES },
  response: ImportRun,
})

export const ListImports = route({
  id: 'people.imports',
  method: 'GET',
  path: '/api/people/imports',
  summary: { zh: '人员导入记录', en: 'Imports of people, newest first' },
  query: z.strictObject({ limit: z.coerce.number().int().min(1).max(100).default(20) }),
  response: z.object({ items: z.array(ImportRun) }),
})

export const GetImport = route({
  id: 'people.getImport',
  method: 'GET',
  path: '/api/people/imports/:id',
  summary: { zh: '一次导入的进度和结果', en: 'How far an import is, and what came of it' },
  params: byId,
  response: ImportRun,
})

export const ImportLine = z.object({
  line: z.int(),
  status: z.enum(['understood', 'repaired', 'refused', 'unused']),
  notes: z.array(z.enum(Object.keys(IMPORT_NOTES) as [ImportNote, ...ImportNote[]])),
  nameMasked: z.string().nullable(),
  known: z.boolean(),
  alike: z.enum(['phone_name', 'name_birth_residence']).nullable(),
})
export type ImportLine = z.infer<typeof ImportLine>

export const ListImportLines = route({
  id: 'people.importLines',
  method: 'GET',
  path: '/api/people/imports/:id/lines',
  summary: {
    zh: '一次导入的逐行结果',
    en: 'Every line of an import with what became of it; lines are counted as the sheet shows them',
  },
  params: byId,
  query: z.strictObject({
    only: z.enum(['refused', 'repaired', 'unused', 'alike', 'known']).optional(),
    after: z.coerce.number().int().min(0).default(0),
    limit: z.coerce.number().int().min(1).max(1000).default(100),
  }),
  response: page(ImportLine),
})

export const AcceptImport = route({
  id: 'people.acceptImport',
  method: 'POST',
  path: '/api/people/imports/:id/accept',
  summary: { zh: '确认入库', en: 'Store what was previewed; all of it or nothing' },
  params: byId,
  response: ImportRun,
})

export const DropImport = route({
  id: 'people.dropImport',
  method: 'POST',
  path: '/api/people/imports/:id/drop',
  summary: { zh: '放弃这次导入', en: 'Forget what was previewed' },
  params: byId,
  response: ImportRun,
})
