import type { Bilingual } from '#kernel/contract.ts'

// Apart from the routes and without Zod: the thread that reads a file needs these words and nothing else of the contract.
export const CSV = 'text/csv'
export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
/** 64 MB are some 300,000 lines. */
export const MOST_BYTES = 64 * 1024 * 1024
export const MOST_LINES = 300_000

/** The columns of a register, in any order; the first word of each is what our own template writes. */
export const COLUMNS = {
  name: ['姓名', 'name'],
  idKind: ['证件类型', 'id kind', 'id type'],
  idNumber: ['证件号码', '身份证号', '身份证号码', 'id number'],
  phone: ['手机号', '手机', '电话', '联系电话', 'phone', 'telephone'],
  birthDate: ['出生日期', 'birth date', 'date of birth'],
  sex: ['性别', 'sex'],
  placeCode: ['区划代码', '地点代码', 'place code', 'place'],
  residence: ['详细地址', '住址', 'address', 'residence'],
  occupation: ['职业', 'occupation'],
  needs: ['特殊情况', 'needs'],
} as const
export type Column = keyof typeof COLUMNS
export const REQUIRED_COLUMNS: readonly Column[] = ['name', 'placeCode']

/** What may be said of a line. */
export const IMPORT_NOTES = {
  blank: { zh: '空行', en: 'Empty line' },
  name_missing: { zh: '没有姓名', en: 'No name' },
  name_too_long: { zh: '姓名超过 60 个字', en: 'The name is longer than 60 characters' },
  phone_malformed: { zh: '手机号不是 11 位', en: 'The telephone is not an 11-digit mobile number' },
  phone_cleaned: {
    zh: '手机号已去掉空格或国家代码',
    en: 'Spaces or the country code were taken from the telephone',
  },
  id_kind_unknown: { zh: '证件类型不认识', en: 'The kind of identity document is not known' },
  id_kind_assumed: {
    zh: '没有证件类型，按居民身份证',
    en: 'No kind of document: read as a resident identity card',
  },
  id_number_wrong: {
    zh: '证件号码不对（位数、日期或校验位）',
    en: 'The identity number is wrong (length, date or check character)',
  },
  number_lost_digits: {
    zh: '表格把长号码存成了数字，末几位已丢失，请改为文本',
    en: 'The sheet keeps this long number as a number and lost its last digits; make it text',
  },
  birth_date_wrong: { zh: '出生日期不对', en: 'The birth date is not a date' },
  birth_differs: {
    zh: '出生日期与身份证号不同，以身份证号为准',
    en: 'The birth date differs from the identity number, which counts',
  },
  sex_unknown: { zh: '性别不认识，未采用', en: 'The sex was not understood and left out' },
  sex_differs: {
    zh: '性别与身份证号不同，以身份证号为准',
    en: 'The sex differs from the identity number, which counts',
  },
  place_missing: { zh: '没有区划代码', en: 'No place code' },
  place_unknown: { zh: '区划代码不存在', en: 'There is no such place' },
  place_shortened: {
    zh: '代码末段不存在，已归到上一级',
    en: 'The end of the code is not known: put to the place above',
  },
  place_elsewhere: { zh: '不在本次导入的地点内', en: 'Outside the place of this import' },
  address_too_long: { zh: '地址超过 200 个字', en: 'The address is longer than 200 characters' },
  occupation_cut: {
    zh: '职业超过 40 个字，已截短',
    en: 'The occupation was longer than 40 characters and was cut',
  },
  needs_unknown: {
    zh: '特殊情况只认“卧床”“夜班”，其余未采用',
    en: 'Of the needs only “bedridden” and “night shift” are understood; the rest was left out',
  },
  same_number_above: { zh: '上面已有同一证件号码的一行', en: 'A line above has the same identity number' },
  same_line_above: { zh: '上面已有相同的一行', en: 'A line above is the same' },
} as const satisfies Record<string, Bilingual>
export type ImportNote = keyof typeof IMPORT_NOTES

/** Why a whole file is not taken. */
export const IMPORT_PROBLEMS = {
  encoding: { zh: '不是 UTF-8 或 GB18030 文本', en: 'Neither UTF-8 nor GB18030 text' },
  header: {
    zh: '第一行须有“姓名”和“区划代码”两列',
    en: 'The first line must have the columns “name” and “place code”',
  },
  empty: { zh: '文件里没有内容', en: 'There is nothing in the file' },
  quotes: { zh: '有一个引号没有结束，请检查 CSV', en: 'A quotation mark is never closed; check the CSV' },
  too_many_lines: { zh: '超过 30 万行，请分成几个文件', en: 'More than 300,000 lines; split the file' },
  not_xlsx: { zh: '不是可读的 XLSX 文件', en: 'Not an XLSX file that can be read' },
  formulas: {
    zh: '表格含有公式，请复制后“粘贴为数值”再上传',
    en: 'The workbook has formulas; paste as values into a new one',
  },
  unpacked_too_large: {
    zh: '压缩包展开后超过 256 MB，已拒绝',
    en: 'It unpacks to more than 256 MB and was refused',
  },
  interrupted: { zh: '读取时服务中断，请重新上传', en: 'The server stopped while reading; upload it again' },
} as const satisfies Record<string, Bilingual>
export type ImportProblem = keyof typeof IMPORT_PROBLEMS
