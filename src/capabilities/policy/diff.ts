import type { Change } from './packs.contract.ts'
import type { Body } from './files.ts'

/** Lists whose items have a name of their own: compared by name, so that an order is no change. */
const nameOf = (item: unknown): string | undefined => {
  if (typeof item !== 'object' || item === null) return undefined
  const { id } = item as { id?: unknown }
  return typeof id === 'string' ? id : undefined
}

const isPlain = (x: unknown): x is Record<string, unknown> =>
  typeof x === 'object' && x !== null && !Array.isArray(x)

const same = (a: unknown, b: unknown): boolean => {
  if (isPlain(a) && isPlain(b)) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)])
    return [...keys].every((k) => same(a[k], b[k]))
  }
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((x, i) => same(x, b[i]))
  return a === b
}

const say = (path: string[], from: unknown, to: unknown, out: Change[]) =>
  out.push({ path, from: (from ?? null) as Change['from'], to: (to ?? null) as Change['to'] })

function walk(from: unknown, to: unknown, path: string[], out: Change[]): void {
  if (same(from, to)) return
  if (isPlain(from) && isPlain(to)) {
    for (const key of new Set([...Object.keys(from), ...Object.keys(to)]))
      walk(from[key], to[key], [...path, key], out)
    return
  }
  if (Array.isArray(from) && Array.isArray(to)) {
    const all = [...from, ...to]
    if (all.length > 0 && all.every((x) => nameOf(x) !== undefined)) {
      const [a, b] = [from, to].map((list) => new Map(list.map((x) => [nameOf(x)!, x as unknown])))
      for (const id of new Set([...a!.keys(), ...b!.keys()])) {
        // A numbered parameter that changes says its value; everything else that is new or gone stands whole.
        const [x, y] = [a!.get(id), b!.get(id)]
        if (x === undefined || y === undefined) say([...path, id], x, y, out)
        else walk(x, y, [...path, id], out)
      }
      return
    }
    if (all.every((x) => typeof x === 'string')) {
      const gone = from.filter((x) => !to.includes(x))
      const fresh = to.filter((x) => !from.includes(x))
      out.push({ path, from: gone, to: fresh })
      return
    }
  }
  say(path, from, to, out)
}

/** What changes from one content to another, by the names of the things: parameters, rules, words, plans, elements. */
export function diffBodies(from: Body | undefined, to: Body): Change[] {
  const out: Change[] = []
  const flat = (body: Body | undefined): unknown => {
    if (!body) return {}
    return 'overlay' in body ? body.overlay : { ...body.pack, elements: body.elements }
  }
  walk(flat(from), flat(to), [], out)
  return out
}
