import type { Span } from './calendar.ts'
import type { Parameter } from './contract.ts'
import type { ElementsFile, OverlayFile, Pack, PackParameter } from './pack.ts'
import { faultsOfRule } from './rule.ts'

/**
 * What holds at an instant and a place: the city's pack with the district's overlays laid over it, and the element
 * dictionary. Decisions take it as an argument and read nothing else.
 */
export type Policy = {
  pack: Pack
  elements: ElementsFile
  element: ReadonlyMap<string, ElementsFile['elements'][number]>
  parameters: ReadonlyMap<string, Parameter['value']>
  /** Of pack and dictionary together, as signed: what a decision names. */
  hash: string
  overlays: readonly { id: string; version: string; hash: string; place: string }[]
}

/** Everything that is wrong with a pack, one sentence each: names that lead nowhere, ids given twice, cases that fail. */
export function faultsOfPack(pack: Pack, elements: ElementsFile): string[] {
  const faults: string[] = []
  const unique = (what: string, ids: string[]) =>
    ids.forEach((id, i) => ids.indexOf(id) !== i && faults.push(`${what} ${id} twice`))
  const departments = new Set(elements.departments.map((d) => d.id))
  const scenes = new Set(elements.scenes.map((s) => s.id))
  const element = new Set(elements.elements.map((e) => e.id))
  const ids = (list: readonly { id: string }[]) => list.map((x) => x.id)
  unique('element', ids(elements.elements))
  unique('parameter', ids(pack.parameters))
  unique('urgency', ids(pack.urgencies))
  unique('test plan', ids(pack.testPlans))
  unique('rule', ids(pack.rules))
  for (const e of elements.elements) {
    if (!departments.has(e.dept)) faults.push(`element ${e.id}: no department ${e.dept}`)
    if (!scenes.has(e.scene)) faults.push(`element ${e.id}: no scene ${e.scene}`)
  }
  for (const u of pack.urgencies)
    if (!element.has(u.element)) faults.push(`urgency ${u.id}: no element ${u.element}`)
  const parameters = new Map(pack.parameters.map((p) => [p.id, p.value]))
  const from = new Date(pack.inForceFrom)
  for (const rule of pack.rules) faults.push(...faultsOfRule(rule, parameters, from))
  return faults
}

/** Everything that is wrong with an overlay on this pack: numbers that a district may not change, or not in this direction. */
export function faultsOfOverlay(overlay: OverlayFile, pack: Pack): string[] {
  const faults: string[] = []
  if (overlay.over !== pack.id) faults.push(`lies over ${overlay.over}, not over ${pack.id}`)
  if (overlay.until <= overlay.inForceFrom || new Date(overlay.until) <= new Date(overlay.inForceFrom))
    faults.push('ends before it begins')
  for (const { id, value } of overlay.parameters) {
    const known = pack.parameters.find((p) => p.id === id)
    if (!known) faults.push(`there is no parameter ${id}`)
    else if (!known.district) faults.push(`a district may not change ${id}`)
    else if (typeof value !== typeof known.value) faults.push(`${id} is a ${typeof known.value}`)
    else if (known.district !== 'free') {
      const isMore = value > known.value
      if (value !== known.value && isMore !== (known.district === 'larger'))
        faults.push(`a district may only make ${id} ${known.district} than ${String(known.value)}`)
    }
  }
  const laid = layOver(pack, overlay)
  const parameters = new Map(laid.parameters.map((p) => [p.id, p.value]))
  for (const rule of overlay.rules) {
    if (!rule.id.startsWith(`${overlay.place}.`))
      faults.push(`rule ${rule.id}: begins with ${overlay.place}.`)
    faults.push(...faultsOfRule(rule, parameters, new Date(overlay.inForceFrom)))
  }
  return faults
}

/**
 * The stricter of the two where the city lets a district go one way only: a later version of the city's pack may have
 * become stricter than what the district signed before.
 */
function within(city: PackParameter, value: Parameter['value']): boolean {
  if (city.district === 'smaller') return value < city.value
  if (city.district === 'larger') return value > city.value
  return city.district === 'free'
}

function layOver(pack: Pack, overlay: Pick<OverlayFile, 'parameters' | 'rules'>): Pack {
  const own = new Map(overlay.parameters.map((p) => [p.id, p]))
  return {
    ...pack,
    parameters: pack.parameters.map((p) => {
      const change = own.get(p.id)
      return change && within(p, change.value) ? { ...p, value: change.value, clause: change.clause } : p
    }),
    rules: [...pack.rules, ...overlay.rules],
  }
}

/** Puts pack, overlays (widest place first) and dictionary together. */
export function makePolicy(
  pack: Pack,
  elements: ElementsFile,
  hash: string,
  overlays: readonly { hash: string; body: OverlayFile }[] = [],
): Policy {
  const laid = overlays.reduce((under, { body }) => layOver(under, body), pack)
  return {
    pack: laid,
    elements,
    element: new Map(elements.elements.map((e) => [e.id, e])),
    parameters: new Map(laid.parameters.map((p) => [p.id, p.value])),
    hash,
    overlays: overlays.map((o) => ({
      id: o.body.id,
      version: o.body.version,
      hash: o.hash,
      place: o.body.place,
    })),
  }
}

/** A number of the pack with its clause; a parameter that a rule needs and the pack lacks is a fault of the pack. */
export function parameter(policy: Policy, id: string): { value: number; clause: string } {
  const found = policy.pack.parameters.find((p) => p.id === id)
  if (!found || typeof found.value !== 'number')
    throw new Error(`policy ${policy.pack.id} has no number ${id}`)
  return { value: found.value, clause: found.clause }
}

/** How long an element's handling may take; undefined where the dictionary has no such element. */
export function handlingSpan(policy: Policy, elementId: string | null): Span | undefined {
  const element = elementId === null ? undefined : policy.element.get(elementId)
  if (!element) return undefined
  return element.workingDays === undefined
    ? { minutes: element.minutes! }
    : { workingDays: element.workingDays }
}
