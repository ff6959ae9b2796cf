export const SOURCE_WORDS: Record<string, { zh: string; en: string }> = {
  phone: { zh: '来电', en: 'Telephone' },
  web: { zh: '网页', en: 'Web' },
  app: { zh: '手机应用', en: 'App' },
  lab: { zh: '实验室结果', en: 'Laboratory result' },
  partner: { zh: '合作方', en: 'Partner' },
  district: { zh: '区热线', en: 'District hotline' },
  subdistrict: { zh: '街镇热线', en: 'Subdistrict hotline' },
}
