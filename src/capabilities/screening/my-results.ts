import type { App } from '#kernel/app.ts'
import type { Actor } from '#kernel/auth.ts'
import type { Bilingual } from '#kernel/contract.ts'
import { dayOf } from '#kernel/clock.ts'
import type { Given } from '#kernel/http.ts'
import { unitsOf } from '#capabilities/orders/index.ts'
import { parameter, policyOf, type Policy } from '#capabilities/policy/index.ts'
import type { AntigenOutcome, MyAntigen } from './antigen.contract.ts'
import { testsOf } from './antigen-store.ts'
import type { ListMyResults, MyResult } from './results.contract.ts'
import { positiveShown } from './recall-words.ts'
import { resultsOf } from './result-store.ts'

/** Whoever does not know what to do calls the city's hotline. */
const HOTLINE = '12345'

/** What to do next; `{hours}` is how long the pack gives a unit to take an order up. */
const NEXT: Record<MyResult['state'], Bilingual> = {
  waiting: {
    zh: '实验室还没有上传结果；一上传，这里立刻可见。',
    en: 'The laboratory has not reported yet; as soon as it does, it shows here.',
  },
  negative: { zh: '未检出。请按要求继续参加采样。', en: 'Not detected. Please keep taking part as asked.' },
  being_checked: {
    zh: '您的样本需要复核。请留在家中，不要与家人共餐，等候社区上门；身体不适或{hours}小时无人联系，请拨打电话。',
    en: 'Your sample is being checked again. Stay at home and eat apart; the community comes to you. Call if you feel ill or nobody has been in touch within {hours} hours.',
  },
  again: {
    zh: '这次的样本不能出结果，请重新采样；社区会联系您。',
    en: 'This sample gave no result; please give another one. The community will be in touch.',
  },
  told: {
    zh: '疾控中心已电话告知您结果，以其告知为准；需要时可以出示凭证。',
    en: 'The centre has told you its finding by telephone: that is the answer. You can show a card of it when needed.',
  },
  positive: {
    zh: '结果以疾控中心告知为准。请留在家中等候联系。',
    en: 'What the centre tells you is the answer. Stay at home and wait for its call.',
  },
}

/** The same for a self-test; `answered`: the single tube was taken. */
const NEXT_ANTIGEN = {
  negative: {
    zh: '自测阴性，已登记。请按要求继续参加检测。',
    en: 'Your negative self-test is recorded. Please keep taking part as asked.',
  },
  being_checked: {
    zh: '自测要由单管核酸复核。请留在家中，不要与家人共餐，等候社区上门；身体不适或{hours}小时无人联系，请拨打电话。',
    en: 'Your self-test is checked by a single tube. Stay at home and eat apart; the community comes to you. Call if you feel ill or nobody has been in touch within {hours} hours.',
  },
  answered: {
    zh: '单管采样已做，以核酸结果为准。结果出来前请留在家中。',
    en: 'Your single tube was taken and its result is what counts. Stay at home until it is there.',
  },
  again: {
    zh: '这次自测无效，请换一份试剂再测一次。',
    en: 'This self-test was not valid; please take another one.',
  },
} as const

const filled = (words: Bilingual, hours: string): Bilingual => ({
  zh: words.zh.replace('{hours}', hours),
  en: words.en.replace('{hours}', hours),
})

/** How long the pack gives a unit to take an order up, in whole hours. */
const hoursOf = (policy: Policy) => String(Math.ceil(parameter(policy, 'orders.signMinutes').value / 60))

/** Puts a reported self-test into its person's words. */
export async function antigenWords(app: App) {
  const hours = hoursOf(await policyOf(app))
  return (row: { id: string; at: Date; outcome: AntigenOutcome; waiting: boolean }): MyAntigen => {
    const state =
      row.outcome === 'negative' ? 'negative' : row.outcome === 'positive' ? 'being_checked' : 'again'
    const next = NEXT_ANTIGEN[state === 'being_checked' && !row.waiting ? 'answered' : state]
    return { id: row.id, at: row.at.toISOString(), state, next: filled(next, hours), call: HOTLINE }
  }
}

type Row = Awaited<ReturnType<typeof resultsOf>>[number]

/**
 * What a person is shown: the centre's finding before the laboratory's result; a positive only where the pack says so, and
 * elsewhere that the centre has told them, once it has.
 */
export function stateOf(
  row: Pick<Row, 'outcome' | 'finding' | 'told_at' | 'state'>,
  positiveShown: boolean,
): MyResult['state'] {
  if (row.finding === 'negative') return 'negative'
  if (row.finding !== null) return positiveShown ? 'positive' : row.told_at ? 'told' : 'being_checked'
  if (row.outcome === 'negative') return 'negative'
  if (row.outcome === 'positive') return positiveShown ? 'positive' : 'being_checked'
  if (row.outcome === 'inconclusive') return 'being_checked'
  // A tube that left without an answer will have none.
  if (row.outcome === 'invalid' || row.state === 'rejected' || row.state === 'destroyed') return 'again'
  return 'waiting'
}

/** A person's results of the days that the pack shows, as soon as they are uploaded, with what to do next and whom to call. */
export async function listMyResults(app: App, actor: Actor, _given: Given<typeof ListMyResults>) {
  const policy = await policyOf(app)
  const days = parameter(policy, 'results.shownDays').value
  const since = dayOf(new Date(app.clock.now().getTime() - days * 86_400_000))
  const hours = hoursOf(policy)
  const shown = positiveShown(policy)
  const rows = await resultsOf(app.db, actor.id, since)
  const units = await unitsOf(app)
  const labName = (id: string | null) => {
    const unit = id === null ? undefined : units.get(id)
    return unit ? (actor.language === 'zh' ? unit.name : unit.name_en) : id
  }
  return {
    items: rows.map((r): MyResult => {
      const state = stateOf(r, shown)
      return {
        tube: r.tube,
        pooled: r.members > 1,
        sampledAt: r.sealed_at.toISOString(),
        state,
        testedAt: state === 'negative' ? (r.tested_at?.toISOString() ?? null) : null,
        uploadedAt: state === 'negative' ? (r.received_at?.toISOString() ?? null) : null,
        lab: state === 'negative' ? labName(r.lab) : null,
        next: filled(NEXT[state], hours),
        call: HOTLINE,
      }
    }),
    antigen: (await testsOf(app.db, actor.id, since)).map(await antigenWords(app)),
  }
}
