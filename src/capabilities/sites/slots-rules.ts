export type BuildingAsked = { building: string | null; people: number }
export type BuildingTime = BuildingAsked & { from: Date; to: Date }

/** Times are told on the minute, in steps that people can read off a notice. */
const STEP_MS = 5 * 60_000

/**
 * One building after another, each for as long as its people take at this pace (people an hour, all desks). Times begin
 * and end on five minutes; none is shorter than that, and none overlaps the next.
 */
export function planSlots(
  from: Date,
  perHour: number,
  buildings: readonly BuildingAsked[],
): { slots: BuildingTime[]; endsAt: Date } {
  let at = Math.ceil(from.getTime() / STEP_MS) * STEP_MS
  const slots = buildings.map((b) => {
    const lasts = Math.max(1, Math.ceil((b.people / perHour) * (3_600_000 / STEP_MS) - 1e-9)) * STEP_MS
    const slot = { ...b, from: new Date(at), to: new Date(at + lasts) }
    at += lasts
    return slot
  })
  return { slots, endsAt: new Date(at) }
}

/**
 * 模拟12号楼101室 → 12; the number of the building in an address; undefined where none is named. 浦东南路100号3号楼 is
 * building 3: a bare 号 counts only where nothing else names one, and of several the last.
 */
export function buildingIn(address: string): string | undefined {
  const last = (names: RegExp) => [...address.normalize('NFKC').matchAll(names)].at(-1)?.[1]?.toUpperCase()
  return last(/(\d+[A-Za-z]?)\s*(?:号楼|栋|幢|座)/g) ?? last(/(\d+[A-Za-z]?)\s*号/g)
}
