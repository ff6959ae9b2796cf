import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chance } from '#src/simulator/chance.ts'
import { makeText } from '#src/simulator/texts.ts'
import { policyOf, type Policy } from '#capabilities/policy/index.ts'
import { startCity, type TestCity } from '#test/harness/city.ts'
import { readText } from './actions.ts'
import { routeOf, sendAtOnce } from './rules.ts'

let city: TestCity
let policy: Policy
beforeAll(async () => {
  city = await startCity({ people: 1 })
  policy = await policyOf(city.app)
})
afterAll(() => city.stop())

const read = async (text: string) => {
  const { understanding, clause } = await readText(city.app, text, {})
  return { ...understanding, clause }
}

test('the call of the tour is understood whole', async () => {
  const u = await read('我妈妈在浦东新区花木街道樱花路801弄，每周三次血透，今天出不去')
  expect(u).toMatchObject({
    place: { code: '310115016' },
    address: '樱花路801弄',
    element: { id: 'care.dialysis' },
    urgent: true,
    urgency: { kind: 'dialysis' },
    route: { unitId: 'health.310115', handleMinutes: 120 },
    clause: '诉求 2.2.1',
  })
  expect(u.alsoAbout.map((a) => a.id)).toContain('zone.exit')
  expect(u.words.map((w) => [w.text, w.about])).toEqual([
    ['浦东新区', 'place'],
    ['花木街道', 'place'],
    ['樱花路801弄', 'address'],
    ['血透', 'urgency'],
  ])
})

const URGENT: [string, string, string][] = [
  ['老婆羊水破了，打不通120', 'childbirth', 'care.childbirth'],
  ['怀孕39周肚子疼，医院不让进', 'childbirth', 'care.childbirth'],
  ['父亲化疗到时间了小区不放行', 'chemo', 'care.chemo'],
  ['家里断粮两天了', 'no_food', 'food.none'],
  ['菜吃完了，孩子饿着', 'no_food', 'food.none'],
  ['85岁奶奶独居，电话没人接', 'alone', 'vul.alone'],
  ['高血压药没了，三天没吃药', 'no_medicine', 'med.out'],
  ['我爸胸痛喘不上气', 'critical', 'care.emergency'],
  ['邻居家起火了', 'gas_fire', 'safe.fire'],
  ['不想活了', 'danger', 'care.mental'],
  ['氧气瓶快没氧了，老爸肺癌', 'oxygen', 'care.emergency'],
  ['癫痫发作，药没有了', 'critical', 'care.emergency'],
  ['楼上有人割腕了', 'danger', 'care.mental'],
  ['胰岛素用完了，血糖很高', 'no_medicine', 'med.out'],
  ['孩子误食洗衣液一直吐', 'critical', 'care.emergency'],
  ['隔壁老公打老婆，一直在喊救命', 'violence', 'vul.violence'],
  ['老人摔倒了动不了', 'critical', 'care.emergency'],
  ['宝宝烧到39.8度，社区不让出门', 'child_fever', 'care.child'],
  ['今天要做CRRT', 'dialysis', 'care.dialysis'],
  ['my father needs dialysis today and cannot leave', 'dialysis', 'care.dialysis'],
  ['chest pain and cannot breathe', 'critical', 'care.emergency'],
  ['煤气味很重怕爆炸', 'gas_fire', 'safe.fire'],
  ['奶奶血透结束后没人接，今天还要去透析', 'dialysis', 'care.dialysis'],
]
test.each(URGENT)('%s is urgent: %s', async (text, kind, element) => {
  const u = await read(text)
  expect([u.urgent, u.urgency?.kind, u.element?.id]).toEqual([true, kind, element])
  expect(u.reasons[0]!.zh).toContain('急难')
})

const CALM: [string, string][] = [
  ['什么时候解封，已经14天没有阳性了', 'zone.why'],
  ['核酸结果没出，已经30个小时了', 'test.result_late'],
  ['隔壁装修电钻太吵', 'home.noise_reno'],
  ['一颗白菜卖到30块，哄抬物价', 'price.high'],
  ['快递积压一个星期了', 'del.parcel'],
  ['消防通道被堵住了', 'safe.firelane'],
  ['路灯不亮好几天', 'street.light'],
  ['健康码变黄了', 'code.colour'],
  ['居委电话打不通', 'con.committee'],
  ['停水一下午了', 'util.water'],
  ['公司要复工，怎么申请白名单', 'work.reopen'],
  ['发的菜都发霉了', 'food.spoiled'],
]
test.each(CALM)('%s is about %s and not urgent', async (text, element) => {
  const u = await read(text)
  expect([u.element?.id, u.urgent]).toEqual([element, false])
})

test('what sounds like dialysis is heard as dialysis, and the reason says so', async () => {
  const u = await read('我妈要做血头，出不去')
  expect([u.urgent, u.urgency?.kind]).toEqual([true, 'dialysis'])
  expect(u.reasons[0]!.zh).toContain('音同“血透”')
})

test('a word inside an address is no matter', async () => {
  expect((await read('浦东新区花木街道医院路12号，路灯不亮')).element?.id).toBe('street.light')
})

test.each([
  '团购的菜什么时候运到小区',
  '快递运到门口没人送',
  '紫砂壶寄不出去',
  '镇公所几点上班',
  '药剩了很多想捐',
  '家宝幼儿园什么时候开学',
  '楼七层漏水',
  '食货都过期了',
  '中锋老师的网课打不开',
  '不是火灾，是演习',
  '没有着火',
  '请问血透中心周末几点开门',
  '透析的机器坏了吗？不急，只是问一下',
  '妈妈化疗回来了，谢谢医院',
  '肿瘤医院门口堵车',
  '孕妇想打听医院的产检时间，不急',
  '独居的年轻人，32岁，想问核酸点',
  '我们这里是中风险地区吗',
  '小区团购了火锅',
])('%s is not urgent', async (text) => {
  const u = await read(text)
  expect([u.urgent, u.urgency?.kind]).toEqual([false, undefined])
})

test('something asked and answered is not urgent', async () => {
  expect((await read('请问透析中心在哪')).urgent).toBe(false)
})

test('a text that says nothing goes to a person', async () => {
  const u = await read('你们好')
  expect(u).toMatchObject({ place: null, element: null, urgent: false, route: null })
  expect(u.reasons).toHaveLength(1)
  expect(sendAtOnce(policy, u)).toBe(false)
})

test('the same text gives the same answer, and every word that is named stands in the text', async () => {
  const c = chance(7)
  const place = { district: '浦东新区', subdistrict: '花木街道', neighbourhood: undefined }
  for (let i = 0; i < 300; i++) {
    const text = makeText(place, c, 0.3)
    const u = await read(text)
    expect(await read(text)).toEqual(u)
    for (const w of u.words) expect(text.slice(w.from, w.to)).toBe(w.text)
    expect(u.reasons.length).toBeGreaterThan(0)
    if (u.urgent) expect(u.urgency).not.toBeNull()
  }
})

test('any text at all is read without failing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (text) => {
      const u = await read(text)
      expect(u.reasons.length).toBeGreaterThan(0)
    }),
    { numRuns: 200 },
  )
})

test('every element of every known place has a unit that exists, and an unknown place none of its own', async () => {
  const { unitsOf } = await import('#capabilities/orders/index.ts')
  const units = await unitsOf(city.app)
  for (const e of policy.elements.elements) {
    for (const place of ['310115', '310115016', '310115016001', '310101002']) {
      const unit = routeOf(policy, e.id, place)
      expect(units.has(unit!), `${e.id} at ${place}: ${unit}`).toBe(true)
      expect(place.startsWith(units.get(unit!)!.place_code) || units.get(unit!)!.place_code === '31').toBe(
        true,
      )
    }
    if (e.level !== 'city') expect(routeOf(policy, e.id, '31')).toBeUndefined()
  }
})

test('nine of ten simulated urgent texts with typos are heard as urgent, and few calm ones are', async () => {
  const place = { district: '静安区', subdistrict: '临汾路街道', neighbourhood: undefined }
  const share = async (urgentShare: number) => {
    const c = chance(99)
    let urgent = 0
    for (let i = 0; i < 400; i++) if ((await read(makeText(place, c, urgentShare))).urgent) urgent++
    return urgent / 400
  }
  expect(await share(1)).toBeGreaterThan(0.9)
  expect(await share(0)).toBeLessThan(0.05)
})
