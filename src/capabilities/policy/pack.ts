import { z } from 'zod'
import { Calendar } from './calendar.ts'
import { Level, Parameter } from './contract.ts'
import { Rule } from './rule.ts'

const Named = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) })
const Id = z.string().regex(/^[A-Za-z0-9][\w.-]{0,79}$/)
const Version = z.string().regex(/^\d+\.\d+\.\d+$/)
const When = z.iso.datetime({ offset: true })

export const PackParameter = Parameter.extend({
  /**
   * What a district may do with it in an overlay: only make the number smaller or larger, or set it freely. Without
   * this the city's number holds everywhere.
   */
  district: z.enum(['smaller', 'larger', 'free']).optional(),
}).strict()
export type PackParameter = z.infer<typeof PackParameter>

const Urgency = z.strictObject({
  id: z.string(),
  zh: z.string(),
  en: z.string(),
  clause: z.string().min(1),
  element: z.string(),
  words: z.array(z.string()).default([]),
  /** Slips of a pinyin keyboard that are no words of their own; what sounds alike in general is not believed. */
  slips: z.array(z.string()).default([]),
  pairs: z.tuple([z.array(z.string()), z.array(z.string())]).optional(),
  not: z.array(z.string()).default([]),
})

/** Which tests a group owes on each day of a cycle; the cycle begins on the first day of the measure. */
const TestPlan = z.strictObject({
  id: Id,
  zh: z.string(),
  en: z.string(),
  /** Whom it holds for: people of a zone or risk area, or of an occupation. */
  for: z.strictObject({ zone: z.string().optional(), occupation: z.string().optional() }),
  cycle: z
    .array(z.strictObject({ pcr: z.int().min(0).default(0), antigen: z.int().min(0).default(0) }))
    .min(1),
  clause: z.string().min(1),
  source: z.string(),
  mark: Parameter.shape.mark,
})

/** What a pack may say, in one file or spread over parts that several packs share. */
const CONTENT = {
  parameters: z.array(PackParameter).default([]),
  calendar: Calendar.optional(),
  /** Phrases by which a person says that nothing is urgent; negations before an urgent word. */
  calm: z.array(z.string()).default([]),
  negations: z.array(z.string()).default([]),
  urgencies: z.array(Urgency).default([]),
  testPlans: z.array(TestPlan).default([]),
  rules: z.array(Rule).default([]),
}

export const PartFile = z.strictObject(CONTENT)
export type PartFile = z.infer<typeof PartFile>

const HEAD = {
  id: Id,
  version: Version,
  title: Named,
  inForceFrom: When,
}

/** A pack as its author writes it: `parts` names files of policies/parts/ whose content is taken in. */
export const PackFile = z.strictObject({
  ...HEAD,
  responseLevel: Named,
  parts: z.array(Id).default([]),
  ...CONTENT,
})
export type PackFile = z.infer<typeof PackFile>

/** What a district lays over the city's pack: numbers that the city lets it change, and rules of its own. */
export const OverlayFile = z.strictObject({
  ...HEAD,
  over: Id,
  place: z.string().regex(/^\d{6}(\d{3})?$/),
  /** An overlay ends by itself: what is stricter than the city must be looked at again. */
  until: When,
  reason: Named,
  parameters: z
    .array(z.strictObject({ id: z.string(), value: Parameter.shape.value, clause: z.string().min(1) }))
    .default([]),
  rules: z.array(Rule).default([]),
})
export type OverlayFile = z.infer<typeof OverlayFile>

/** A pack with its parts taken in: what is signed, kept and named by its hash. */
export const Pack = PackFile.omit({ parts: true }).extend({ calendar: Calendar }).strict()
export type Pack = z.infer<typeof Pack>

/** The file form of the element dictionary. */
export const ElementsFile = z.strictObject({
  departments: z.array(z.strictObject({ id: z.string(), zh: z.string(), en: z.string() })),
  scenes: z.array(z.strictObject({ id: z.string(), zh: z.string(), en: z.string() })),
  elements: z.array(
    z
      .strictObject({
        id: z.string(),
        zh: z.string(),
        en: z.string(),
        dept: z.string(),
        scene: z.string(),
        level: Level,
        /** The handling clock: city minutes, or working days where nobody waits at night. */
        minutes: z.int().positive().optional(),
        workingDays: z.int().positive().optional(),
        words: z.array(z.string()),
      })
      .refine((e) => (e.minutes === undefined) !== (e.workingDays === undefined), 'minutes or workingDays'),
  ),
})
export type ElementsFile = z.infer<typeof ElementsFile>

/** Takes the parts into the pack. Throws where two of them say the same single thing. */
export function composePack(file: PackFile, parts: ReadonlyMap<string, PartFile>): Pack {
  const { parts: names, ...own } = file
  const all = names.map((name) => {
    const part = parts.get(name)
    if (!part) throw new Error(`there is no part ${name}`)
    return part
  })
  const list = <K extends Exclude<keyof PartFile, 'calendar'>>(key: K): PartFile[K] =>
    [...all, own].flatMap((p) => p[key] as unknown[]) as PartFile[K]
  const calendars = [...all, own].flatMap((p) => (p.calendar ? [p.calendar] : []))
  if (calendars.length !== 1) throw new Error(`one calendar is needed, there are ${calendars.length}`)
  return {
    ...own,
    calendar: calendars[0]!,
    parameters: list('parameters'),
    calm: list('calm'),
    negations: list('negations'),
    urgencies: list('urgencies'),
    testPlans: list('testPlans'),
    rules: list('rules'),
  }
}
