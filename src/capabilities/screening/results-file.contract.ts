import { z } from 'zod'
import { Instant, route, typed } from '#kernel/contract.ts'
import { CSV, FILE_NOTES, MOST_BYTES, XLSX, type FileNote } from './results-file-words.contract.ts'
import { Outcome, ResultAnswer } from './results.contract.ts'

export const ResultLine = z.object({
  /** As the sheet shows it; the header is line 1. */
  line: z.int(),
  /** How the line was read; a line of a tube that is not here was understood all the same. */
  status: z.enum(['understood', 'repaired', 'refused', 'unused']),
  notes: z.array(z.enum(Object.keys(FILE_NOTES) as [FileNote, ...FileNote[]])),
  tube: z.string().nullable(),
  /** What stands where a label should, when it is none. */
  written: z.string().max(40).nullable(),
  outcome: Outcome.nullable(),
  testedAt: Instant.nullable(),
  /** What became of it, or would become; null where the line was not taken. */
  answer: ResultAnswer.nullable(),
})
export type ResultLine = z.infer<typeof ResultLine>

export const ResultsReport = z.object({
  file: z.string(),
  format: z.enum(['csv', 'xlsx']),
  encoding: z.enum(['utf-8', 'gb18030']).nullable(),
  /** False for a preview. */
  stored: z.boolean(),
  counts: z.object({
    /** Lines below the header: understood + repaired + refused + unused. */
    total: z.int(),
    understood: z.int(),
    repaired: z.int(),
    refused: z.int(),
    unused: z.int(),
    /** Of the understood and repaired. */
    new: z.int(),
    same: z.int(),
    held: z.int(),
    /** Kept until the table has reported the tube. */
    early: z.int(),
    notTaken: z.int(),
  }),
  lines: z.array(ResultLine),
})
export type ResultsReport = z.infer<typeof ResultsReport>

/** The same file again is harmless: what it says stands already. */
export const UploadResults = route({
  id: 'results.upload',
  method: 'POST',
  path: '/api/results/file',
  load: 'emergency',
  summary: {
    zh: '实验室上传结果文件（CSV 或 XLSX），逐行答复；可先预览',
    en: 'A laboratory uploads a file of results (CSV or XLSX); every line is answered, and it can be previewed',
  },
  query: z.strictObject({
    file: typed(1, 200),
    /** Says what would become of each line, and stores nothing. */
    preview: z.enum(['true']).optional(),
  }),
  upload: { types: [CSV, XLSX, 'application/octet-stream'], bytes: MOST_BYTES },
  response: ResultsReport,
})
