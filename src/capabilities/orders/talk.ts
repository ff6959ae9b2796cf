import { sql } from 'kysely'
import type { App } from '#kernel/app.ts'
import { scopeOf, type Actor } from '#kernel/auth.ts'
import { asService, within, type Trx } from '#kernel/db.ts'
import type { Given } from '#kernel/http.ts'
import { noticesFor } from './notice-store.ts'
import { TEMPLATES } from './process-file.ts'
import * as store from './store.ts'
import type { GetWatchers, ListNotices, ListTemplates, SeeNotices, WatchOrder } from './talk.contract.ts'
import { namingOf, titleOf } from './view.ts'

/** What a person looks through in one go; older ones stand in the orders themselves. */
const SHOWN = 50

export async function listNotices(app: App, actor: Actor, _given: Given<typeof ListNotices>) {
  const naming = await namingOf(app, actor.language)
  return within(app.db, scopeOf(actor, 'orders.read'), async (trx) => {
    const rows = await noticesFor(trx, {
      accountId: actor.id,
      units: actor.grants.flatMap((g) => (g.unit ? [g.unit] : [])),
      limit: SHOWN,
    })
    await asService(trx)
    const seen = await trx
      .selectFrom('order_notice_seen')
      .select('at')
      .where('account_id', '=', actor.id)
      .executeTakeFirst()
    const items = rows.map((r) => ({
      orderId: r.order_id,
      number: r.number,
      title: titleOf(naming, { ...r, kind: r.order_kind }),
      kind: r.kind,
      at: r.at.toISOString(),
      by: r.by_name,
      isNew: !seen || r.at > seen.at,
    }))
    return { items, unseen: items.filter((i) => i.isNew).length }
  })
}

export async function seeNotices(app: App, actor: Actor, given: Given<typeof SeeNotices>) {
  const at = new Date(given.body.upTo)
  await within(app.db, { as: 'service' }, (trx) =>
    trx
      .insertInto('order_notice_seen')
      .values({ account_id: actor.id, at })
      .onConflict((c) => c.column('account_id').doUpdateSet({ at }))
      .execute(),
  )
  const { unseen } = await listNotices(app, actor, given as never)
  return { unseen }
}

async function watchers(trx: Trx, actor: Actor, orderId: string) {
  const rows = await trx
    .selectFrom('order_watch as w')
    .innerJoin('account as a', (j) => j.on(sql`a.id::text`, '=', sql.ref('w.account_id')))
    .select(['a.id', 'a.name'])
    .where('w.order_id', '=', orderId)
    .orderBy('w.since')
    .execute()
  return { watching: rows.some((r) => r.id === actor.id), names: rows.map((r) => r.name) }
}

export async function getWatchers(app: App, actor: Actor, { params }: Given<typeof GetWatchers>) {
  return within(app.db, scopeOf(actor, 'orders.read'), async (trx) => {
    await store.getOrder(trx, params.id)
    await asService(trx)
    return watchers(trx, actor, params.id)
  })
}

/** Watching twice is watching once. */
export async function watchOrder(app: App, actor: Actor, { params, body }: Given<typeof WatchOrder>) {
  return within(app.db, scopeOf(actor, 'orders.read'), async (trx) => {
    await store.getOrder(trx, params.id)
    await asService(trx)
    if (body.watching)
      await trx
        .insertInto('order_watch')
        .values({ order_id: params.id, account_id: actor.id, since: app.clock.now() })
        .onConflict((c) => c.columns(['order_id', 'account_id']).doNothing())
        .execute()
    else
      await trx
        .deleteFrom('order_watch')
        .where('order_id', '=', params.id)
        .where('account_id', '=', actor.id)
        .execute()
    return watchers(trx, actor, params.id)
  })
}

/** Those made for the matter first, then the general ones. */
export async function listTemplates(_app: App, _actor: Actor, { query }: Given<typeof ListTemplates>) {
  const fits = TEMPLATES.filter((t) => query.action === undefined || t.action === query.action)
  const own = fits.filter((t) => query.element !== undefined && t.elements.includes(query.element))
  const general = fits.filter((t) => t.elements.length === 0)
  return {
    items: [...own, ...general].map((t) => ({ id: t.id, action: t.action, text: { zh: t.zh, en: t.en } })),
  }
}
