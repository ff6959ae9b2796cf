import { z } from 'zod'
import { decidedBy, handlingSpan, parameter, type Policy } from '#capabilities/policy/index.ts'
import { syllablesOf } from '#capabilities/places/index.ts'
import type { PlaceUnderstood, Word } from '#capabilities/places/contract.ts'
import type { Understanding } from './contract.ts'

type Hit = { word: string; from: number; to: number; bySound: boolean }
type Span = { from: number; to: number }

const overlaps = (a: Span, b: Span) => a.from < b.to && b.from < a.to

/** A text made ready for many questions: its letters without case and the sound of each character. */
type Read = { text: string; sounds: string[]; offsets: number[]; taken: readonly Span[] }

function read(text: string, taken: readonly Span[]): Read {
  const sounds: string[] = []
  const offsets: number[] = []
  let at = 0
  for (const char of text) {
    sounds.push(syllablesOf(char)[0] ?? char)
    offsets.push(at)
    at += char.length
  }
  offsets.push(at)
  return { text: text.toLowerCase(), sounds, offsets, taken }
}

const isChinese = /^\p{Script=Han}+$/u

/**
 * Where a word stands in the text, or else something that sounds the same: people type by pinyin, so the usual
 * slip is a homophone (血头 for 血透). By sound only from `minSounds` characters, or everything sounds like something.
 * A word inside a place name or an address does not count: 医院 in 医院路 is no hospital.
 */
function find(r: Read, word: string, minSounds: number): Hit | undefined {
  for (let from = r.text.indexOf(word); from >= 0; from = r.text.indexOf(word, from + 1)) {
    const hit = { word, from, to: from + word.length, bySound: false }
    if (!r.taken.some((t) => overlaps(t, hit))) return hit
  }
  if ([...word].length < minSounds || !isChinese.test(word)) return undefined
  const wanted = syllablesOf(word)
  for (let i = 0; i + wanted.length <= r.sounds.length; i++) {
    if (!wanted.every((s, k) => r.sounds[i + k] === s)) continue
    const hit = { word, from: r.offsets[i]!, to: r.offsets[i + wanted.length]!, bySound: true }
    if (!r.taken.some((t) => overlaps(t, hit))) return hit
  }
  return undefined
}

const NEED_SOUNDS = 3

type Urgency = { urgency: Policy['pack']['urgencies'][number]; hits: Hit[] }

/** Where phrases stand, so that the urgent words inside them do not count there (血透中心几点开门). */
function spansOf(text: string, phrases: readonly string[]): Span[] {
  return phrases.flatMap((phrase) => {
    const spans: Span[] = []
    for (let from = text.indexOf(phrase); from >= 0; from = text.indexOf(phrase, from + 1))
      spans.push({ from, to: from + phrase.length })
    return spans
  })
}

/**
 * The urgent need that a text tells of, by the pack. By sound in general nothing is believed: with tones left out 运到
 * is 晕倒 and 药剩了 is 要生了; only the slips that the pack names are. 没有着火 and 不是火灾 are none.
 */
function findUrgency(policy: Policy, r: Read): Urgency | undefined {
  const { calm, negations, urgencies } = policy.pack
  if (calm.some((phrase) => r.text.includes(phrase))) return undefined
  for (const urgency of urgencies) {
    const here = { ...r, taken: [...r.taken, ...spansOf(r.text, urgency.not)] }
    const negated = urgency.words.flatMap((w) =>
      spansOf(
        r.text,
        negations.map((n) => n + w),
      ),
    )
    const single = [
      ...urgency.words.map((w) => find({ ...here, taken: [...here.taken, ...negated] }, w, Infinity)),
      ...urgency.slips.map((w) => {
        const hit = find(here, w, Infinity)
        return hit && { ...hit, bySound: true, word: urgency.words[0]! }
      }),
    ].find((h) => h !== undefined)
    if (single) return { urgency, hits: [single] }
    if (!urgency.pairs) continue
    const [one, other] = urgency.pairs.map((list) =>
      list.map((w) => find(here, w, Infinity)).find((h) => h !== undefined),
    )
    if (one && other) return { urgency, hits: [one, other] }
  }
  return undefined
}

type Scored = { id: string; score: number; hits: Hit[] }

/** Longer words say more: 血液透析 outweighs 医院. Something only heard counts for six tenths. */
const weightOf = (h: Hit) => [...h.word].length ** 1.5 * (h.bySound ? 0.6 : 1)

function scoreElements(policy: Policy, r: Read): Scored[] {
  return policy.elements.elements
    .map((e) => {
      const hits = e.words.flatMap((w) => find(r, w, NEED_SOUNDS) ?? [])
      // 没菜 inside 买不到菜 and the like: of overlapping words the longest speaks.
      const kept = hits.filter(
        (h) => !hits.some((o) => o !== h && overlaps(o, h) && o.word.length > h.word.length),
      )
      return { id: e.id, score: kept.reduce((sum, h) => sum + weightOf(h), 0), hits: kept }
    })
    .filter((s) => s.score > 0)
    .sort((a, b) => b.score - a.score || a.hits[0]!.from - b.hits[0]!.from || (a.id < b.id ? -1 : 1))
}

/** A urgent need outweighs whatever else the text complains about. */
const URGENT_WEIGHT = 20

/**
 * Which unit an element of a place goes to first; undefined where the place is not known well enough. Subdistrict
 * matters go to the subdistrict's operations centre, which knows the doors; everything else to the department.
 */
export function routeOf(policy: Policy, elementId: string, placeCode: string): string | undefined {
  const element = policy.element.get(elementId)
  if (!element) return undefined
  if (element.level === 'city') return `${element.dept}.31`
  if (placeCode.length < 6) return undefined
  if (element.level === 'district') return `${element.dept}.${placeCode.slice(0, 6)}`
  return placeCode.length >= 9 ? `street.${placeCode.slice(0, 9)}` : `street.${placeCode.slice(0, 6)}`
}

export type Corrections = {
  placeCode?: string | undefined
  address?: string | undefined
  element?: string | undefined
  urgent?: true | undefined
}

const percent = (x: number) => Math.round(x * 100)

/**
 * What a text says: place, need, urgency, and the words that led there. Pure: the same text, place reading and policy
 * give the same answer at any time. What a person corrected counts as certain.
 */
export function understand(
  policy: Policy,
  text: string,
  place: PlaceUnderstood | null,
  given: {
    corrections?: Corrections | undefined
    nameUnit: (id: string) => { zh: string; en: string } | undefined
    /** The same in English, for the English half of the reasons. */
    pathEnOf?: (code: string) => string
    pathOf: (code: string) => string
  },
): Understanding & { clause: string } {
  const corrections = given.corrections ?? {}
  const r = read(text, place?.words ?? [])
  const urgent = findUrgency(policy, r)
  const scored = scoreElements(policy, r)
  const boosted = urgent
    ? [
        {
          id: urgent.urgency.element,
          score: URGENT_WEIGHT + (scored.find((s) => s.id === urgent.urgency.element)?.score ?? 0),
          hits: urgent.hits,
        },
        ...scored.filter((s) => s.id !== urgent.urgency.element),
      ]
    : scored
  const [best, ...rest] = boosted
  const rival = rest.find((s) => !s.hits.every((h) => best!.hits.some((b) => overlaps(b, h))))
  const certainty = best
    ? Math.min(0.97, (0.5 + 0.05 * best.score) * (best.score / (best.score + 0.35 * (rival?.score ?? 0))))
    : 0
  const elementId = corrections.element ?? best?.id
  const element = elementId ? policy.element.get(elementId) : undefined
  const named = (id: string) => ({
    id,
    name: { zh: policy.element.get(id)?.zh ?? id, en: policy.element.get(id)?.en ?? id },
  })
  const main = policy.element.get(best?.id ?? '')
  const also = rest.filter(
    (s) =>
      policy.element.get(s.id)?.scene !== main?.scene &&
      s.hits.some((h) => !best!.hits.some((b) => overlaps(b, h))) &&
      s.score >= 2.8,
  )
  const placeCode = corrections.placeCode ?? place?.placeCode
  const isUrgent = urgent !== undefined || corrections.urgent === true
  const unitId = elementId
    ? (routeOf(policy, elementId, placeCode ?? '31') ?? (isUrgent ? `${element?.dept}.31` : undefined))
    : undefined
  const unitName = unitId ? given.nameUnit(unitId) : undefined
  const words: Word[] = [
    ...(place?.words ?? []),
    ...(urgent?.hits ?? []).map((h) => ({
      from: h.from,
      to: h.to,
      text: text.slice(h.from, h.to),
      about: 'urgency' as const,
      means: h.word,
    })),
    ...(best?.hits ?? [])
      .filter((h) => !urgent?.hits.some((u) => overlaps(u, h)))
      .map((h) => ({
        from: h.from,
        to: h.to,
        text: text.slice(h.from, h.to),
        about: 'need' as const,
        means: h.word,
      })),
  ].sort((a, b) => a.from - b.from)
  const quoted = (hits: Hit[]) =>
    hits.map((h) => `“${text.slice(h.from, h.to)}”${h.bySound ? `（音同“${h.word}”）` : ''}`).join('、')
  const reasons: Understanding['reasons'] = []
  if (urgent)
    reasons.push({
      zh: `文中有${quoted(urgent.hits)}，按${urgent.urgency.clause}属急难：${urgent.urgency.zh}`,
      en: `The text says ${quoted(urgent.hits)}: an urgent need (${urgent.urgency.en}) by ${urgent.urgency.clause}`,
    })
  if (corrections.urgent && !urgent)
    reasons.push({ zh: '登记人申明为急难', en: 'Declared urgent by the person who sent it' })
  if (corrections.element)
    reasons.push({
      zh: `事项由登记人改为“${element?.zh ?? ''}”`,
      en: `The matter was set to "${element?.en ?? ''}" by the person who sent it`,
    })
  else if (best && !urgent)
    reasons.push({
      zh: `文中有${quoted(best.hits)}，归为“${element?.zh ?? ''}”`,
      en: `The text says ${quoted(best.hits)}: ${element?.en ?? ''}`,
    })
  if (corrections.placeCode)
    reasons.push({
      zh: `地点由登记人选为${given.pathOf(corrections.placeCode)}`,
      en: `The place was chosen: ${(given.pathEnOf ?? given.pathOf)(corrections.placeCode)}`,
    })
  else if (place)
    reasons.push({
      zh: `地点读作${place.path}（把握 ${percent(place.confidence)}%）`,
      en: `The place reads as ${(given.pathEnOf ?? given.pathOf)(place.placeCode)} (${percent(place.confidence)} % sure)`,
    })
  if (reasons.length === 0)
    reasons.push({
      zh: '没有读出事项和地点，转人工判断',
      en: 'Neither matter nor place could be read; a person decides',
    })
  return {
    place: placeCode
      ? {
          code: placeCode,
          path: given.pathOf(placeCode),
          confidence: corrections.placeCode ? 1 : place!.confidence,
        }
      : null,
    placeAlternatives: (place?.alternatives ?? [])
      .filter((a) => a.placeCode !== placeCode)
      .map((a) => ({ code: a.placeCode, path: a.path })),
    address: corrections.address ?? place?.address ?? null,
    element: element ? { ...named(element.id), confidence: corrections.element ? 1 : certainty } : null,
    elementAlternatives: boosted
      .filter((s) => s.id !== elementId)
      .slice(0, 4)
      .map((s) => named(s.id)),
    alsoAbout: also
      .slice(0, 3)
      .filter((s) => s.id !== elementId)
      .map((s) => named(s.id)),
    urgent: isUrgent,
    urgency: urgent
      ? { kind: urgent.urgency.id, name: { zh: urgent.urgency.zh, en: urgent.urgency.en } }
      : isUrgent
        ? { kind: 'declared', name: { zh: '申明紧急', en: 'Declared urgent' } }
        : null,
    words,
    reasons,
    route:
      unitId && unitName && element
        ? {
            unitId,
            name: unitName,
            ...handling(policy, element.id, isUrgent),
          }
        : null,
    pack: policy.pack.id,
    clause: urgent?.urgency.clause ?? parameter(policy, 'requests.autoDispatchConfidence').clause,
  }
}

/** The promise of handling: the element's own; for an urgent one never longer than the pack's. */
function handling(policy: Policy, elementId: string, isUrgent: boolean) {
  const span = handlingSpan(policy, elementId)!
  const urgent = parameter(policy, 'orders.urgentHandleMinutes').value
  if ('minutes' in span)
    return {
      handleMinutes: isUrgent ? Math.min(span.minutes, urgent) : span.minutes,
      handleWorkingDays: null,
    }
  return isUrgent
    ? { handleMinutes: urgent, handleWorkingDays: null }
    : { handleMinutes: null, handleWorkingDays: span.workingDays }
}

/**
 * Whether the rule may send it without a person: an urgent one always (a wrong unit returns it in minutes, waiting
 * costs more), any other when matter and place are both sure enough (`requests.autoDispatchConfidence`).
 */
export function sendAtOnce(policy: Policy, u: Understanding): boolean {
  if (!u.route || !u.element) return false
  if (u.urgent) return true
  const enough = parameter(policy, 'requests.autoDispatchConfidence').value / 100
  return u.place !== null && u.element.confidence >= enough && u.place.confidence >= enough
}

/** Whether a text, or whoever sent it, says that somebody is in urgent need; nothing else of it is read. */
export function soundsUrgent(policy: Policy, text: string, corrections?: Corrections): boolean {
  return corrections?.urgent === true || findUrgency(policy, read(text, [])) !== undefined
}

/** The kind of decision that reading a text is. */
export const UNDERSTANDING = 'requests.understanding'

/** What was decided about a text: what it is about, where, how urgent and whose. */
export const outcomeOf = (u: Understanding) => ({
  element: u.element?.id ?? null,
  place: u.place?.code ?? null,
  urgent: u.urgent,
  unit: u.route?.unitId ?? null,
})

type Secret = { text: string; place: PlaceUnderstood | null; corrections: Corrections }

// A unit that the city had then is named by its id: names change, the decision does not.
decidedBy(UNDERSTANDING, {
  name: { zh: '诉求研判', en: 'How your request was understood' },
  decide({ secret, policy }) {
    const { text, place, corrections } = secret as Secret
    const { clause, ...u } = understand(policy, text, place, {
      corrections,
      nameUnit: (id) => ({ zh: id, en: id }),
      pathOf: (code) => (code === place?.placeCode ? place.path : code),
    })
    return { outcome: outcomeOf(u), clause, reasons: u.reasons }
  },
  sentence({ outcome, reasons }) {
    const { urgent } = outcome as ReturnType<typeof outcomeOf>
    const why = { zh: reasons.map((r) => r.zh).join('；'), en: reasons.map((r) => r.en).join('; ') }
    return urgent
      ? { zh: `按急难办理：${why.zh}`, en: `Handled as urgent: ${why.en}` }
      : { zh: `按一般诉求办理：${why.zh}`, en: `Handled in the ordinary way: ${why.en}` }
  },
  changes: z.strictObject({ urgent: z.boolean().optional(), element: z.string().max(80).optional() }),
})
