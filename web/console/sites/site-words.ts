export const KIND = {
  fixed: { zh: '固定', en: 'Fixed' },
  convenience: { zh: '便民', en: 'Convenience' },
  mobile: { zh: '流动', en: 'Mobile' },
} as const

export const SETTING = {
  community: { zh: '社区', en: 'Community' },
  office: { zh: '办公楼宇', en: 'Office' },
  park: { zh: '公园', en: 'Park' },
  building_site: { zh: '建筑工地', en: 'Building site' },
  school: { zh: '学校', en: 'School' },
  transport: { zh: '交通枢纽', en: 'Transport hub' },
  other: { zh: '其他', en: 'Other' },
} as const

export const POOLING = {
  pooled: { zh: '混检', en: 'Pooled' },
  single: { zh: '单检', en: 'Single' },
  both: { zh: '单检和混检', en: 'Both' },
} as const

export const BUSY = {
  idle: { zh: '不忙', en: 'quiet', level: 'green', mark: '▁' },
  busy: { zh: '较忙', en: 'busy', level: 'amber', mark: '▄' },
  crowded: { zh: '排长队', en: 'long line', level: 'red', mark: '█' },
} as const

/** Why nobody knows whether a site is open. */
export const UNSURE = {
  hours: { zh: '时间读不懂，请电话确认', en: 'Hours unclear: telephone first' },
  holiday: { zh: '节假日另行通知，请先问', en: 'Holiday hours announced separately: ask' },
  make_up: { zh: '调休上班日，不知道开不开', en: 'Worked weekend day: not known' },
} as const

/** Names of the facts, as the record of changes says them. */
export const FACTS: Record<string, { zh: string; en: string }> = {
  name: { zh: '名称', en: 'name' },
  placeCode: { zh: '所在地', en: 'place' },
  address: { zh: '地址', en: 'address' },
  lng: { zh: '经度', en: 'longitude' },
  lat: { zh: '纬度', en: 'latitude' },
  kind: { zh: '类型', en: 'kind' },
  setting: { zh: '设在', en: 'setting' },
  pooling: { zh: '采样方式', en: 'tubes' },
  desks: { zh: '台数', en: 'desks' },
  hours: { zh: '开放时间', en: 'hours' },
  ended: { zh: '停用', en: 'no longer used' },
}
