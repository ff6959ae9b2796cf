import type { Bilingual } from '#kernel/contract.ts'
import type { RevealPurpose, Role } from './contract.ts'

/** What a post is called to somebody outside: the employee's own name is never said. */
export const ROLE_NAMES = {
  resident: { zh: '居民', en: 'Resident' },
  neighbourhood_worker: { zh: '居委干部', en: 'Neighbourhood worker' },
  sampler: { zh: '采样员', en: 'Sampler' },
  lab: { zh: '检测机构', en: 'Laboratory' },
  epidemiologist: { zh: '流调人员', en: 'Epidemiologist' },
  transfer_coordinator: { zh: '转运协调员', en: 'Transfer coordinator' },
  agent: { zh: '热线话务员', en: 'Hotline agent' },
  handler: { zh: '承办人员', en: 'Handling officer' },
  supervisor: { zh: '督办人员', en: 'Supervisor' },
  commander: { zh: '指挥长', en: 'Commander' },
  company: { zh: '企业', en: 'Company' },
  courier: { zh: '配送员', en: 'Courier' },
  gate: { zh: '场所查验', en: 'Gate' },
  administrator: { zh: '系统管理员', en: 'Administrator' },
  auditor: { zh: '审计人员', en: 'Auditor' },
  simulator: { zh: '仿真程序', en: 'Simulator' },
} as const satisfies Record<Role, Bilingual>

/** A role that a later version drops still stands in old lines. */
export const roleName = (role: string): Bilingual =>
  (ROLE_NAMES as Record<string, Bilingual>)[role] ?? { zh: '工作人员', en: 'City staff' }

export const PURPOSE_NAMES = {
  call_back: { zh: '回访', en: 'Calling back' },
  home_visit: { zh: '上门服务', en: 'Home visit' },
  tracing: { zh: '流行病学调查', en: 'Contact tracing' },
  emergency: { zh: '紧急救助', en: 'Emergency' },
  correction: { zh: '更正信息', en: 'Correcting the record' },
} as const satisfies Record<RevealPurpose, Bilingual>

/** Audit actions that are a look at one person's data, in the words of that person's page. */
export const LOOKS = {
  'request.read': { zh: '查看了您诉求的原话', en: 'Read what you told the city' },
  'attachment.read': { zh: '查看了您诉求的附件', en: 'Opened a file of your request' },
  'people.list': { zh: '在名册里看到了您（脱敏）', en: 'Saw you in a register (masked)' },
  'people.find': { zh: '用您的手机号查到了您', en: 'Found you by your telephone number' },
  'people.find_by_id': { zh: '用您的证件号码查到了您', en: 'Found you by your identity number' },
  'people.get': { zh: '查看了您的信息（脱敏）', en: 'Looked at your record (masked)' },
  'people.reveal': { zh: '查看了您的完整姓名和电话', en: 'Saw your full name and telephone' },
  'people.reveal_more': {
    zh: '查看了您的完整姓名、电话及证件号码或住址',
    en: 'Saw your full name, telephone, and identity number or address',
  },
  'people.needs': { zh: '登记了您是否卧床、夜班', en: 'Noted whether you are bedridden or on night shift' },
  'antigen.get': { zh: '查看了您报告的抗原自测', en: 'Looked at a self-test that you reported' },
  'antigen.photo': { zh: '查看了您抗原自测的照片', en: 'Opened the picture of your self-test' },
  'antigen.report': { zh: '代您报告了抗原自测', en: 'Reported a self-test for you' },
  'people.import': { zh: '用名册补充了您的登记信息', en: 'Added to your record from a register' },
  'people.merge': { zh: '把您的两份登记合并为一份', en: 'Made one record of two that you had' },
  'people.unmerge': { zh: '撤销了您登记信息的合并', en: 'Undid the merging of your records' },
  'decisions.list': { zh: '查看了关于您的决定', en: 'Read decisions about you' },
  'decisions.recompute': { zh: '复核了关于您的一项决定', en: 'Checked a decision about you' },
  'appeals.get': { zh: '查看了您的申诉', en: 'Read your appeal' },
  'sampling.identify': { zh: '采样时核对了您的身份', en: 'Checked who you are at the sampling table' },
  'sampling.codes': { zh: '为您打印了采样纸质码', en: 'Printed a paper code for you' },
  'tubes.get': { zh: '查看了您所在采样管的流转', en: 'Looked at the custody of your tube' },
  'recalls.get': {
    zh: '为上门采样查看了您和同住人',
    en: 'Looked at you and your household for a sample at home',
  },
  'findings.get': { zh: '查看了对您样本的复核', en: 'Looked at the confirmation of your sample' },
  'claims.settle': { zh: '核实了您的采样记录', en: 'Settled a record of your sampling' },
  'findings.record': { zh: '登记了对您样本的复核结论', en: 'Recorded what was found of your sample' },
  'findings.tell': { zh: '电话告知了您复核结论', en: 'Told you by telephone what was found' },
  'people.export': { zh: '导出了包含您的名册', en: 'Exported a register that holds you' },
} as const satisfies Record<string, Bilingual>
export type LookAction = keyof typeof LOOKS
