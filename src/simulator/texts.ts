import type { Chance } from './chance.ts'

/** What simulated people write: openings, matters by weight, and the slips of pinyin typing. All of it is ours. */
type Matter = { weight: number; says: readonly string[] }

const WHO = ['我妈妈', '我爸', '我外婆', '我爷爷', '我邻居', '我老婆', '我自己', '家里老人', '楼上阿婆']

const URGENT: Matter[] = [
  {
    weight: 5,
    says: [
      '{who}每周三次血透，今天出不去',
      '{who}尿毒症要做透析，医院让我们自己想办法',
      '{who}明天血透，没有车，请尽快安排',
    ],
  },
  { weight: 3, says: ['{who}要生了，羊水破了，打不通120', '{who}怀孕39周，肚子痛，医院要核酸报告不给进'] },
  { weight: 4, says: ['{who}化疗到时间了，小区不放行', '{who}放疗断了一周，怎么去医院'] },
  {
    weight: 6,
    says: [
      '家里断粮两天了，三个大人一个孩子',
      '没吃的了，老人饿了一天',
      '冰箱空了，菜吃完了，已经三天没有收到物资',
    ],
  },
  { weight: 4, says: ['{who}断药了，高血压药没了', '{who}糖尿病，胰岛素快没了，哪里可以配'] },
  { weight: 3, says: ['{who}85岁独居，一个人住，今天电话没人接', '独居老人没人送菜，子女都不在上海'] },
  { weight: 2, says: ['{who}突然胸痛喘不上气', '{who}晕倒了，救护车还没来'] },
]

const CALM: Matter[] = [
  {
    weight: 9,
    says: [
      '什么时候解封，已经14天没有阳性了',
      '为什么还是封控区，上次阳性是半个月前',
      '防范区为什么不让出小区，层层加码',
    ],
  },
  {
    weight: 8,
    says: [
      '核酸结果没出，已经30个小时了',
      '核酸报告查不到结果，明天要上班',
      '昨天做的核酸，随申码上没有结果',
    ],
  },
  {
    weight: 6,
    says: ['采样点排队两个小时，人太多', '附近哪里做核酸，采样点几点开', '志愿者说上门采样，等了一天没来'],
  },
  {
    weight: 6,
    says: ['物资还没收到，隔壁楼都发了', '发的菜烂了，有的都发霉了', '物资分配不公平，只发给一部分人'],
  },
  {
    weight: 6,
    says: ['{who}要配药，居委说没有志愿者', '帮忙配药，降压药只剩两天', '长处方能不能开三个月的药'],
  },
  { weight: 5, says: ['快递积压一个星期了，不派送', '外卖骑手进不来，门口堆了一地'] },
  { weight: 5, says: ['团购的菜太贵，一颗白菜卖到30块，哄抬物价', '超市涨价，没有明码标价'] },
  { weight: 4, says: ['抗原试剂没有发', '抗原阳性，两条杠，已经上报居委没人管'] },
  { weight: 4, says: ['同楼有阳性还没转运，三天了没人来接', '楼里阳性走了没消毒'] },
  { weight: 4, says: ['健康码变黄了，我没有去过那里', '随申码弹窗，上班进不了地铁'] },
  { weight: 4, says: ['居委电话打不通，居委会不管', '居委不接电话，热线占线'] },
  { weight: 3, says: ['公司要复工，怎么申请白名单', '返岗证明在哪里开', '工资拖欠两个月'] },
  { weight: 3, says: ['消防通道被堵住了，停了三辆车', '共享单车乱停挡住盲道', '路灯不亮好几天'] },
  { weight: 3, says: ['停水一下午了', '楼上漏水，天花板滴水', '半夜装修噪音太吵', '下水道堵塞，污水倒灌'] },
  { weight: 3, says: ['垃圾没人清，臭味很大', '广场舞大喇叭扰民'] },
  { weight: 2, says: ['解除隔离了小区不让进', '在方舱出舱了，没有车回家'] },
  { weight: 2, says: ['孩子上网课没有打印机', '中考怎么安排'] },
  { weight: 2, says: ['房东不让租，要赶出来', '预付卡不退钱'] },
  { weight: 2, says: ['你们到底管不管', '希望领导重视一下', '感谢志愿者，辛苦了'] },
]

const OPENINGS = [
  '',
  '',
  '',
  '你好，',
  '您好！',
  '12345吗，',
  '请帮帮我们，',
  '第二次反映了，',
  '求助：',
  '急！',
]
const ENDINGS = [
  '',
  '',
  '',
  '，请尽快处理',
  '，谢谢',
  '，麻烦了',
  '！！',
  '，打了很多电话都没用',
  '，等你们回复',
]
const ALSO = [
  '另外垃圾也没人清',
  '还有核酸结果没出',
  '顺便问一下什么时候解封',
  '还有小区门口堆满快递',
  '楼道灯也坏了',
]

/** Homophones that a pinyin keyboard offers first. */
const SLIPS: readonly (readonly [string, string])[] = [
  ['血透', '血头'],
  ['透析', '投析'],
  ['配药', '陪药'],
  ['核酸', '和酸'],
  ['物资', '物质'],
  ['解封', '解风'],
  ['采样', '踩样'],
  ['居委', '居位'],
  ['转运', '转云'],
  ['快递', '快第'],
  ['化疗', '话疗'],
  ['没有', '梅有'],
  ['志愿者', '自愿者'],
  ['隔离', '格力'],
]

function weighted(list: readonly Matter[], c: Chance): Matter {
  let at = c.between(
    0,
    list.reduce((sum, m) => sum + m.weight, 0),
  )
  return list.find((m) => (at -= m.weight) < 0) ?? list[0]!
}

export type SaidPlace = { district: string; subdistrict: string; neighbourhood: string | undefined }

/** How people name where they are: fully, shortly, by the compound's road, or not at all. */
function where(place: SaidPlace, c: Chance): string {
  const roads = [
    '樱花',
    '明月',
    '芳草',
    '春晓',
    '云台',
    '东安',
    '兰溪',
    '金沙',
    '延长',
    '双阳',
    '龙水',
    '宝安',
  ]
  const lane = `${c.pick(roads)}路${Math.floor(c.between(10, 1900))}弄`
  const door = c.happens(0.4)
    ? `${Math.floor(c.between(1, 60))}号${c.happens(0.6) ? `${Math.floor(c.between(1, 18))}0${Math.floor(c.between(1, 5))}室` : ''}`
    : ''
  const shortDistrict = place.district.replace(/新?区$/, '')
  const form = c.next()
  if (form < 0.35) return `${place.district}${place.subdistrict}${lane}${door}`
  if (form < 0.55) return `${shortDistrict}${place.subdistrict}${lane}`
  if (form < 0.7 && place.neighbourhood) return `${place.subdistrict}${place.neighbourhood}`
  if (form < 0.85) return `${place.district}${lane}${door}`
  return c.happens(0.5) ? lane : ''
}

/** One text of a simulated resident; `urgentShare` of them tell of an urgent need. */
export function makeText(place: SaidPlace, c: Chance, urgentShare: number): string {
  const matter = weighted(c.happens(urgentShare) ? URGENT : CALM, c)
  const says = c.pick(matter.says).replaceAll('{who}', c.pick(WHO))
  const here = where(place, c)
  const also = c.happens(0.08) ? `。${c.pick(ALSO)}` : ''
  const body = c.happens(0.6) ? `${here}${here && '，'}${says}` : `${says}${here && `，地址${here}`}`
  let text = `${c.pick(OPENINGS)}${body}${c.pick(ENDINGS)}${also}`
  if (c.happens(0.12))
    for (const [right, wrong] of SLIPS)
      if (text.includes(right) && c.happens(0.7)) text = text.replace(right, wrong)
  return text
}

export const ANSWERS = [
  '已电话联系本人，问题解决。',
  '已安排志愿者上门，当天办结。',
  '社区车辆已接送，来回闭环。',
  '已与医院对接，预约好床位。',
  '物资已送到门口并拍照确认。',
  '已派人到现场处理，居民确认恢复。',
  '已核实并更正，结果已可查询。',
  '已说明政策依据和预计时间，居民表示理解。',
]
export const RETURNS = [
  '不属本单位职责，建议转街镇。',
  '地址不在本辖区，请核实。',
  '同一事项已由其他单位办理。',
]
export const COMPLAINTS = ['说好了来人，一直没来', '没有解决，又发生了', '只打了个电话就算办好了']
export const THANKS = ['很快，谢谢', '解决了', '态度很好', '辛苦了']
