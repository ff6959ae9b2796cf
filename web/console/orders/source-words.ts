export const SOURCE_WORDS: Record<string, { zh: string; en: string }> = {
  phone: { zh: '来电', en: 'Telephone' },
  web: { zh: '网页', en: 'Web' },
  app: { zh: '手机应用', en: 'App' },
  lab: { zh: '实验室结果', en: 'Laboratory result' },
  screening: { zh: '筛查', en: 'Screening' },
  antigen: { zh: '抗原自测', en: 'Self-test' },
  partner: { zh: '合作方', en: 'Partner' },
  district: { zh: '区热线', en: 'District hotline' },
  subdistrict: { zh: '街镇热线', en: 'Subdistrict hotline' },
}
