/** Words that several screens show; the terms are those of GLOSSARY.md. */
export const STATE_WORDS = {
  received: { zh: '待派单', en: 'To dispatch' },
  dispatched: { zh: '待签收', en: 'To sign' },
  handling: { zh: '办理中', en: 'Being handled' },
  resolved: { zh: '待回访', en: 'To call back' },
  redo: { zh: '重办', en: 'Redo' },
  closed: { zh: '已办结', en: 'Closed' },
  archived: { zh: '已归档', en: 'Archived' },
  rejected: { zh: '不予受理', en: 'Rejected' },
  merged: { zh: '已合并', en: 'Merged' },
} as const

export const CLOCK_WORDS = {
  dispatch: { zh: '派单', en: 'dispatch' },
  sign: { zh: '签收', en: 'sign' },
  handle: { zh: '办理', en: 'handle' },
  call_back: { zh: '回访', en: 'call back' },
  archive: { zh: '归档', en: 'archive' },
  escalate: { zh: '再次上报', en: 'escalate again' },
} as const

export const ACTION_WORDS = {
  open: { zh: '受理', en: 'Receive' },
  dispatch: { zh: '派单', en: 'Dispatch' },
  sign: { zh: '签收', en: 'Sign' },
  return: { zh: '退单', en: 'Return' },
  resolve: { zh: '办结反馈', en: 'Resolve' },
  call_back: { zh: '回访', en: 'Call back' },
  rate: { zh: '评价', en: 'Rate' },
  reopen: { zh: '要求重办', en: 'Ask for redo' },
  redo: { zh: '退回重办', en: 'Send back for redo' },
  archive: { zh: '归档', en: 'Archive' },
  reject: { zh: '不予受理', en: 'Reject' },
  nudge: { zh: '催办', en: 'Nudge' },
  note: { zh: '备注', en: 'Note' },
  escalate: { zh: '超时上报', en: 'Escalated' },
} as const

export const ROLE_WORDS = {
  resident: { zh: '居民', en: 'Resident' },
  neighbourhood_worker: { zh: '居村委', en: 'Neighbourhood worker' },
  sampler: { zh: '采样员', en: 'Sampler' },
  lab: { zh: '实验室', en: 'Lab' },
  epidemiologist: { zh: '疾控流调', en: 'Epidemiologist' },
  transfer_coordinator: { zh: '转运床位', en: 'Transfer and beds' },
  agent: { zh: '话务员', en: 'Hotline agent' },
  handler: { zh: '承办单位', en: 'Department handler' },
  supervisor: { zh: '督办', en: 'Supervisor' },
  commander: { zh: '指挥', en: 'Commander' },
  company: { zh: '企业', en: 'Company' },
  courier: { zh: '骑手', en: 'Courier' },
  gate: { zh: '门岗', en: 'Gate' },
  administrator: { zh: '管理员', en: 'Administrator' },
  auditor: { zh: '审计', en: 'Auditor' },
  simulator: { zh: '模拟器', en: 'Simulator' },
} as const

/** What a full name and number may be asked for. */
export const PURPOSE_WORDS = {
  call_back: { zh: '回访', en: 'Calling back' },
  home_visit: { zh: '上门服务', en: 'Home visit' },
  tracing: { zh: '流行病学调查', en: 'Contact tracing' },
  emergency: { zh: '紧急救助', en: 'Emergency' },
  correction: { zh: '更正信息', en: 'Correcting the record' },
} as const
