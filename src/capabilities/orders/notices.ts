import type { App } from '#kernel/app.ts'
import type { Actor } from '#kernel/auth.ts'
import type { Trx } from '#kernel/db.ts'
import { idFrom } from '#kernel/ids.ts'
import { insertNotices } from './notice-store.ts'
import type { OrderRecord } from './store.ts'
import { unitsOf } from './units.ts'

/** @health.310115 or @pudong: a unit by its id, somebody by their account's name. */
const MENTION = /@([a-z][a-z0-9._-]{1,60}[a-z0-9])/gi

/** Tells the units and people that a note names. A name that nobody has is only a word. */
export async function tellMentioned(
  app: App,
  trx: Trx,
  order: OrderRecord,
  actor: Actor,
  eventId: string,
  note: string,
): Promise<void> {
  const names = [...new Set([...note.matchAll(MENTION)].map((m) => m[1]!))].slice(0, 20)
  if (names.length === 0) return
  const units = await unitsOf(app)
  const accounts = await trx
    .selectFrom('account')
    .select(['id', 'username'])
    .where('username', 'in', names)
    .execute()
  const to = names.flatMap((name): { kind: 'unit' | 'account'; id: string }[] => {
    if (units.has(name)) return [{ kind: 'unit', id: name }]
    const account = accounts.find((a) => a.username === name)
    return account ? [{ kind: 'account', id: account.id }] : []
  })
  if (to.length === 0) return
  await insertNotices(
    trx,
    to.map((t) => ({
      order_id: order.id,
      id: idFrom('mention', eventId, t.id),
      to_kind: t.kind,
      to_id: t.id,
      kind: 'mention',
      at: app.clock.now(),
      by_name: actor.name,
    })),
  )
}
