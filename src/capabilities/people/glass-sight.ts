import type { App } from '#kernel/app.ts'
import type { Actor } from '#kernel/auth.ts'

declare module '#kernel/db.ts' {
  interface DB {
    glass_break: {
      id: string
      account_id: string
      role: string
      unit_id: string | null
      place_code: string
      reason_sealed: string
      opened_at: Date
      until_at: Date
    }
  }
}

/** What a broken glass widens: the reading that the actor may do at home, and nothing that changes anything. */
export const READS = ['orders.read', 'requests.read', 'people.read'] as const

/** The permissions with what the account may read for a while elsewhere; roles stay as they are, so nothing can be done there. */
export async function withGlass(app: App, accountId: string, may: Actor['may']): Promise<Actor['may']> {
  const open = await app.db
    .selectFrom('glass_break')
    .select('place_code')
    .where('account_id', '=', accountId)
    .where('until_at', '>', app.clock.now())
    .execute()
  if (open.length === 0) return may
  const wider = new Map(may)
  for (const permission of READS) {
    const own = may.get(permission)
    if (own) wider.set(permission, [...new Set([...own, ...open.map((g) => g.place_code)])])
  }
  return wider
}
