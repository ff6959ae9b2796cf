import type { Role } from '#capabilities/people/contract.ts'

/** Something of one place: an order, its request, the person who sent it, an account there. */
export type Ids = {
  place: string
  order: string
  request: string
  person: string
  account: string
  /** A proposed overlay of the place, and its content's hash. */
  enactment: string
  hash: string
  decision: string
  appeal: string
  session: string
  tube: string
  box: string
  recall: string
  finding: string
  round: string
  antigen: string
  /** A sampling site of the place, times given there, and a compound of the place. */
  site: string
  plan: string
  compound: string
}

export type Line = {
  who: 'everybody' | 'signed-in' | 'staff' | 'residents' | readonly Role[]
  /** A complete, valid call about a thing of this place. */
  ask: (ids: Ids) => { path: string; body?: unknown; type?: string }
  /** False where the route is about no place. */
  elsewhere?: false
  /** A sign-in: open to everybody, and says 401 to wrong credentials. */
  refusesByItself?: true
  /** For residents: the call is about somebody else's thing and must not find it. */
  ofAnother?: true
}
