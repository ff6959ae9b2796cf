import type { Outcome } from './results.contract.ts'

// Without Zod: the thread that reads a workbook needs these words and nothing else of the contract.
export const CSV = 'text/csv'
export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
/** 10,000 lines of CSV are some 500 KB, of a workbook some 300 KB; a laboratory's machine at work fills about a hundred. */
export const MOST_BYTES = 4 * 1024 * 1024
export const MOST_LINES = 10_000

/** The columns of a file of results, in any order; the first word of each is what our own template writes. */
export const COLUMNS = {
  tube: ['管码', '采样管', '试管编号', '条码', 'tube', 'barcode'],
  outcome: ['结果', '检测结果', 'result', 'outcome'],
  testedAt: ['检测时间', '检测日期', 'tested at', 'time'],
} as const
export type Column = keyof typeof COLUMNS

/** Words for an outcome, whole: what is not here is refused, never guessed. */
export const OUTCOME_WORDS = {
  negative: ['阴性', '阴', '阴性(-)', '未检出', '-', '−', '(-)', 'negative', 'neg', 'not detected'],
  positive: ['阳性', '阳', '阳性(+)', '检出', '+', '(+)', 'positive', 'pos', 'detected'],
  inconclusive: ['可疑', '待复检', '灰区', '±', '+/-', 'inconclusive', 'indeterminate'],
  invalid: ['无效', '不合格', 'invalid', 'unsatisfactory'],
} as const satisfies Record<Outcome, readonly string[]>

/** What may be said of a line. */
export const FILE_NOTES = {
  blank: { zh: '空行', en: 'Empty line' },
  cut: { zh: '文件在这里断了，这一行不完整', en: 'The file breaks off here; this line is not whole' },
  cells_missing: { zh: '这一行缺列', en: 'Cells are missing in this line' },
  label_missing: { zh: '没有管码', en: 'No tube label' },
  label_wrong: {
    zh: '管码不对（T 加 12 位数字，末位校验）',
    en: 'The label is wrong (T and 12 digits, the last one a check)',
  },
  label_cleaned: {
    zh: '管码已去掉空格、横线或改为大写',
    en: 'Spaces, dashes or lower case were mended in the label',
  },
  outcome_missing: { zh: '没有结果', en: 'No result' },
  outcome_unknown: {
    zh: '结果不认识，请写阴性、阳性、可疑或无效',
    en: 'The result is not known: write negative, positive, inconclusive or invalid',
  },
  time_missing: { zh: '没有检测时间', en: 'No time of testing' },
  time_wrong: { zh: '检测时间不对，须有日期和时分', en: 'The time of testing needs a date, hour and minute' },
  time_future: { zh: '检测时间在将来', en: 'The time of testing lies ahead' },
  twice: { zh: '与前面一行相同，只算一次', en: 'The same as a line above; it counts once' },
  contradicts: {
    zh: '同一管在这份文件里有不同结果，都没有收，请核对',
    en: 'This file gives the tube different results; none is taken until you have looked',
  },
} as const
export type FileNote = keyof typeof FILE_NOTES
