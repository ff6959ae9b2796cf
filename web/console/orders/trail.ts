/** The queue that was left, so that `j` and `k` go on through it from an opened order, and `esc` finds the way back. */
let trail: { ids: string[]; search: Record<string, unknown> } = { ids: [], search: {} }

export function leaveTrail(ids: string[], search: Record<string, unknown>): void {
  trail = { ids, search }
}

export const trailSearch = () => trail.search

export function neighbour(id: string, step: 1 | -1): string | undefined {
  const at = trail.ids.indexOf(id)
  return at < 0 ? undefined : trail.ids[at + step]
}
