import type { Actor } from '#kernel/auth.ts'
import type { Bilingual } from '#kernel/contract.ts'
import { roleName } from '#capabilities/people/index.ts'
import { pathIn, type Atlas } from '#capabilities/places/index.ts'

/** The post by which somebody opens a round: the narrowest of theirs that covers the place. */
export const postOf = (actor: Actor, place: string): { role: string; place: string } | null =>
  actor.grants
    .filter((g) => place.startsWith(g.place))
    .toSorted((a, b) => b.place.length - a.place.length)[0] ?? null

/** A post as residents read it: the place and the role, never the name of whoever holds it. */
export function postName(atlas: Atlas, role: string, place: string | null): Bilingual {
  const name = roleName(role)
  if (place === null) return name
  return {
    zh: `${pathIn(atlas, place, 'zh')}${name.zh}`,
    en: `the ${name.en.toLowerCase()} of ${pathIn(atlas, place, 'en')}`,
  }
}
