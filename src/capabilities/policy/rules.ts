import { z } from 'zod'
import { Level, Parameter } from './contract.ts'

/** The file form of a pack (policies/*.yaml), checked when it is loaded. */
export const PackFile = z.strictObject({
  id: z.string().min(1),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  title: z.strictObject({ zh: z.string(), en: z.string() }),
  inForceFrom: z.string(),
  responseLevel: z.strictObject({ zh: z.string(), en: z.string() }),
  parameters: z.array(Parameter.strict()),
  /** Phrases by which a person says that nothing is urgent; negations before an urgent word. */
  calm: z.array(z.string()),
  negations: z.array(z.string()),
  urgencies: z.array(
    z.strictObject({
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
    }),
  ),
})
export type PackFile = z.infer<typeof PackFile>

/** The file form of the element dictionary. */
export const ElementsFile = z.strictObject({
  departments: z.array(z.strictObject({ id: z.string(), zh: z.string(), en: z.string() })),
  scenes: z.array(z.strictObject({ id: z.string(), zh: z.string(), en: z.string() })),
  elements: z.array(
    z.strictObject({
      id: z.string(),
      zh: z.string(),
      en: z.string(),
      dept: z.string(),
      scene: z.string(),
      level: Level,
      minutes: z.int().positive(),
      words: z.array(z.string()),
    }),
  ),
})
export type ElementsFile = z.infer<typeof ElementsFile>

/** What holds: one pack and the element dictionary. Decisions take it as an argument and read nothing else. */
export type Policy = {
  pack: PackFile
  elements: ElementsFile
  element: ReadonlyMap<string, ElementsFile['elements'][number]>
}

/** Puts pack and dictionary together; throws with every fault it finds: names that lead nowhere, ids given twice. */
export function makePolicy(pack: PackFile, elements: ElementsFile): Policy {
  const faults: string[] = []
  const unique = (what: string, ids: string[]) =>
    ids.forEach((id, i) => ids.indexOf(id) !== i && faults.push(`${what} ${id} twice`))
  const departments = new Set(elements.departments.map((d) => d.id))
  const scenes = new Set(elements.scenes.map((s) => s.id))
  const element = new Map(elements.elements.map((e) => [e.id, e]))
  unique(
    'element',
    elements.elements.map((e) => e.id),
  )
  unique(
    'parameter',
    pack.parameters.map((p) => p.id),
  )
  unique(
    'urgency',
    pack.urgencies.map((u) => u.id),
  )
  for (const e of elements.elements) {
    if (!departments.has(e.dept)) faults.push(`element ${e.id}: no department ${e.dept}`)
    if (!scenes.has(e.scene)) faults.push(`element ${e.id}: no scene ${e.scene}`)
  }
  for (const u of pack.urgencies)
    if (!element.has(u.element)) faults.push(`urgency ${u.id}: no element ${u.element}`)
  if (faults.length > 0) throw new Error(`policy ${pack.id}: ${faults.join('; ')}`)
  return { pack, elements, element }
}

/** A number of the pack with its clause; a parameter that a rule needs and the pack lacks is a fault of the pack. */
export function parameter(policy: Policy, id: string): { value: number; clause: string } {
  const found = policy.pack.parameters.find((p) => p.id === id)
  if (!found || typeof found.value !== 'number')
    throw new Error(`policy ${policy.pack.id} has no number ${id}`)
  return { value: found.value, clause: found.clause }
}
