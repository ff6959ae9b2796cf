import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readPolicy } from '#capabilities/policy/index.ts'
import { dutyOf, termsOf, type InForce, type Plan, type RoundInForce } from './duty.ts'

const APRIL = readPolicy('shanghai-2022-04-22')
const JUNE = readPolicy('shanghai-2022-06-07')
const HERE = '310115016001'
const START = '2022-04-22'

const inForce = (policy = APRIL, rounds: RoundInForce[] = []): InForce => ({
  rounds,
  plans: policy.pack.testPlans,
  since: policy.pack.inForceFrom.slice(0, 10),
  singleClause: '采样 1.3',
})
const round = (planId: string, placeCode = HERE, startsOn = START, endsOn = '2022-05-31'): RoundInForce => ({
  placeCode,
  planId,
  startsOn,
  endsOn,
})
const day = (n: number) => new Date(Date.parse(START) + (n - 1) * 86_400_000).toISOString().slice(0, 10)
const owed = (planId: string, n: number, occupation: string | null = null) => {
  const { pcr, antigen, reasons } = dutyOf({
    placeCode: `${HERE}001`,
    occupation,
    recall: null,
    day: day(n),
    inForce: inForce(APRIL, [round(planId)]),
  })
  return [pcr, antigen, reasons.map((r) => r.clause).join()]
}

describe('what a person owes, by the examples of the pack', () => {
  test('a lockdown zone owes a PCR every day (采样 2.1)', () => {
    for (const n of [1, 2, 9]) expect(owed('zone.lockdown', n)).toEqual([1, 0, '采样 2.1'])
  })

  test('a control zone owes three days of antigen, then two of PCR, and begins again (采样 2.2)', () => {
    expect([1, 2, 3, 4, 5, 6].map((n) => owed('zone.control', n))).toEqual([
      [0, 1, '采样 2.2'],
      [0, 1, '采样 2.2'],
      [0, 1, '采样 2.2'],
      [1, 0, '采样 2.2'],
      [1, 0, '采样 2.2'],
      [0, 1, '采样 2.2'],
    ])
  })

  test('a precaution zone owes four days of antigen, then a PCR (采样 2.3)', () => {
    expect([4, 5, 6].map((n) => owed('zone.precaution', n).slice(0, 2))).toEqual([
      [0, 1],
      [1, 0],
      [0, 1],
    ])
  })

  test('couriers and city-service workers owe a PCR and two antigen tests wherever they live, without a round (采样 2.4)', () => {
    for (const policy of [APRIL, JUNE]) {
      const duty = dutyOf({
        placeCode: '310101002001',
        occupation: 'city-service',
        recall: null,
        day: '2022-06-10',
        inForce: inForce(policy),
      })
      expect(duty).toMatchObject({ pcr: 1, antigen: 2, single: false, reasons: [{ clause: '采样 2.4' }] })
    }
    // Of the zone and of the work the larger, never the sum: a round's PCR and a worker's PCR are one.
    expect(owed('zone.control', 4, 'city-service')).toEqual([1, 2, '采样 2.4,采样 2.2'])
  })

  test('in June a medium-risk area owes a PCR a day and everybody else nothing', () => {
    const of = (placeCode: string) =>
      dutyOf({
        placeCode,
        occupation: null,
        recall: null,
        day: '2022-06-10',
        inForce: inForce(JUNE, [round('zone.medium-risk', HERE, '2022-06-08', '2022-06-20')]),
      })
    expect(of(HERE).pcr).toBe(1)
    expect(of('310115016002')).toEqual({ pcr: 0, antigen: 0, single: false, reasons: [] })
  })

  test('whoever is called back owes a single tube, and says by which clause (采样 1.3)', () => {
    const of = (recall: 'single' | 'again') =>
      dutyOf({ placeCode: HERE, occupation: null, recall, day: START, inForce: inForce() })
    expect(of('single')).toMatchObject({
      pcr: 1,
      single: true,
      reasons: [{ plan: null, clause: '采样 1.3' }],
    })
    expect(of('again')).toMatchObject({ pcr: 1, single: false })
  })

  test('a reason names the round, who opened it and its days, and does not say that the place is such an area', () => {
    const { reasons } = dutyOf({
      placeCode: HERE,
      occupation: null,
      recall: null,
      day: '2022-06-10',
      inForce: inForce(JUNE, [
        {
          ...round('zone.medium-risk', HERE, '2022-06-08', '2022-06-12'),
          title: '花木第3轮',
          openedBy: { zh: '浦东新区督办人员', en: 'the supervisor of Pudong' },
        },
      ]),
    })
    expect(reasons).toEqual([
      {
        zh: '筛查轮次“花木第3轮”（浦东新区督办人员开启，6月8日至6月12日），按政策包里“中风险地区”的检测安排：核酸 1 次',
        en: "Screening round “花木第3轮” (opened by the supervisor of Pudong, 06-08 to 06-12), by the pack's test plan “Medium-risk area”: 1 PCR",
        plan: 'zone.medium-risk',
        clause: '采样 2.1',
      },
    ])
  })

  test('a round by a plan that the pack no longer has asks for nothing', () => {
    expect(owed('zone.of-another-pack', 1)).toEqual([0, 0, ''])
  })
})

const anyPlan = fc.record({
  id: fc.constantFrom('a', 'b', 'c'),
  zh: fc.constant('甲'),
  en: fc.constant('A'),
  for: fc.constantFrom<Plan['for'][]>({ zone: 'x' }, { occupation: 'city-service' }),
  cycle: fc.array(fc.record({ pcr: fc.nat(2), antigen: fc.nat(3) }), { minLength: 1, maxLength: 7 }),
  clause: fc.constantFrom('一', '二'),
})
const anyRound = fc.record({
  placeCode: fc.constantFrom('31', '310115', HERE, `${HERE}001`, '310101'),
  planId: fc.constantFrom('a', 'b', 'c', 'd'),
  startsOn: fc.integer({ min: 1, max: 20 }).map(day),
  endsOn: fc.integer({ min: 10, max: 40 }).map(day),
})
const anyone = fc.record({
  placeCode: fc.constantFrom('310115', HERE, `${HERE}001`, `${HERE}002001`, '310101002001'),
  occupation: fc.constantFrom(null, 'city-service', 'teacher'),
  recall: fc.constantFrom(null, 'single' as const, 'again' as const),
  day: fc.integer({ min: 1, max: 40 }).map(day),
  inForce: fc.record({
    rounds: fc.array(anyRound, { maxLength: 4 }),
    plans: fc.uniqueArray(anyPlan, { selector: (p) => p.id, maxLength: 3 }),
    since: fc.constant(START),
    singleClause: fc.constant('三'),
  }),
})

describe('of what a person owes it holds always', () => {
  test('another round never takes away and never adds up: each number is one that some plan says', () => {
    fc.assert(
      fc.property(anyone, anyRound, (who, more) => {
        const before = dutyOf(who)
        const after = dutyOf({ ...who, inForce: { ...who.inForce, rounds: [...who.inForce.rounds, more] } })
        expect(after.pcr).toBeGreaterThanOrEqual(before.pcr)
        expect(after.antigen).toBeGreaterThanOrEqual(before.antigen)
        const said = who.inForce.plans.flatMap((p) => p.cycle)
        expect([0, 1, ...said.map((c) => c.pcr)]).toContain(after.pcr)
        expect([0, ...said.map((c) => c.antigen)]).toContain(after.antigen)
      }),
    )
  })

  test('whatever is owed has a reason with a clause, and where nothing is owed there is none', () => {
    fc.assert(
      fc.property(anyone, (who) => {
        const duty = dutyOf(who)
        expect(duty.reasons.length > 0).toBe(duty.pcr + duty.antigen > 0)
        for (const r of duty.reasons) expect([r.clause, r.zh, r.en].every((x) => x.length > 0)).toBe(true)
        expect(duty.single).toBe(who.recall === 'single')
      }),
    )
  })

  test('the order in which rounds were opened, and opening one twice, changes no number', () => {
    fc.assert(
      fc.property(anyone, (who) => {
        const { rounds } = who.inForce
        const numbers = (r: RoundInForce[]) => {
          const { pcr, antigen, single } = dutyOf({ ...who, inForce: { ...who.inForce, rounds: r } })
          return { pcr, antigen, single }
        }
        expect(numbers(rounds.toReversed())).toEqual(numbers(rounds))
        expect(numbers([...rounds, ...rounds])).toEqual(numbers(rounds))
      }),
    )
  })

  test('a cycle repeats: as many days later as it is long, the same is asked for', () => {
    fc.assert(
      fc.property(anyPlan, fc.integer({ min: 1, max: 20 }), (plan, n) => {
        const rounds = [round(plan.id, HERE, day(1), day(60))]
        const at = (k: number) =>
          termsOf({ rounds, plans: [plan], since: day(1), singleClause: '' }, day(k)).map((t) => [
            t.pcr,
            t.antigen,
          ])
        expect(at(n + plan.cycle.length)).toEqual(at(n))
      }),
    )
  })
})
