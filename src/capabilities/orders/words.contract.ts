/** States as every screen and every exported list calls them; the terms are those of GLOSSARY.md. */
export const STATE_WORDS = {
  received: { zh: '待受理', en: 'To receive' },
  incomplete: { zh: '待补充', en: 'Asked back' },
  accepted: { zh: '待派单', en: 'To dispatch' },
  dispatched: { zh: '待签收', en: 'To sign' },
  return_review: { zh: '退单审核', en: 'Return under review' },
  arbitration: { zh: '待仲裁', en: 'At the arbiter' },
  handling: { zh: '办理中', en: 'Being handled' },
  extension_review: { zh: '延期审核', en: 'Extension under review' },
  suspended: { zh: '挂起', en: 'Suspended' },
  answer_review: { zh: '待审核', en: 'Answer under review' },
  resolved: { zh: '待回访', en: 'To call back' },
  redo: { zh: '重办', en: 'Redo' },
  closed: { zh: '已办结', en: 'Closed' },
  archived: { zh: '已归档', en: 'Archived' },
  rejected: { zh: '不予受理', en: 'Rejected' },
  merged: { zh: '已合并', en: 'Merged' },
} as const
