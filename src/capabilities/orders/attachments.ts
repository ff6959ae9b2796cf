import { createHash } from 'node:crypto'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { may, scopeOf, type Actor } from '#kernel/auth.ts'
import { asService, within, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { idFrom } from '#kernel/ids.ts'
import { recordLook } from '#capabilities/people/index.ts'
import { parameter, policyOf } from '#capabilities/policy/index.ts'
import { move } from './engine.ts'
import { cleanFile } from './pictures.ts'
import { openBody, sealBody } from './sealed-body.ts'
import * as store from './store.ts'
import type { OrderRecord } from './store.ts'
import type { AddAttachment, GetAttachment, ListAttachments, RemoveAttachment } from './talk.contract.ts'

declare module '#kernel/db.ts' {
  interface DB {
    order_attachment: {
      order_id: string
      id: string
      name_sealed: string
      key_sealed: string
      body: Buffer
      type: string
      bytes: number
      hash: string
      by_kind: string
      by_id: string
      by_name: string
      at: Date
      removed_at: Date | null
    }
  }
}

const limitsOf = async (app: App, order: OrderRecord) => {
  const policy = await policyOf(app, order.place_code)
  return {
    bytes: parameter(policy, 'orders.attachmentKilobytes').value * 1024,
    files: parameter(policy, 'orders.attachmentsPerOrder').value,
  }
}

const filesOf = (trx: Trx, orderId: string) =>
  trx
    .selectFrom('order_attachment')
    .select(['id', 'name_sealed', 'type', 'bytes', 'hash', 'by_id', 'by_name', 'at'])
    .where('order_id', '=', orderId)
    .where('removed_at', 'is', null)
    .orderBy('at')
    .execute()

async function shown(app: App, trx: Trx, actor: Actor, order: OrderRecord) {
  return {
    items: (await filesOf(trx, order.id)).map((f) => ({
      id: f.id,
      name: app.vault.open(f.name_sealed, 'attachment.name'),
      type: f.type,
      bytes: f.bytes,
      by: f.by_name,
      at: f.at.toISOString(),
      mayRemove: f.by_id === actor.id,
    })),
    mayAdd: may(actor, 'orders.note', order.place_code) && order.state !== 'archived',
    maxBytes: (await limitsOf(app, order)).bytes,
  }
}

export async function listAttachments(app: App, actor: Actor, { params }: Given<typeof ListAttachments>) {
  return within(app.db, scopeOf(actor, 'orders.read'), async (trx) =>
    shown(app, trx, actor, await store.getOrder(trx, params.id)),
  )
}

/** Takes a picture or PDF: by its first bytes, within the pack's size, cleaned, sealed. The same id again is the same. */
export async function addAttachment(app: App, actor: Actor, given: Given<typeof AddAttachment>) {
  const { params, query } = given
  const file = given.body as unknown as Buffer
  return within(app.db, scopeOf(actor, 'orders.read'), async (trx) => {
    await store.getOrder(trx, params.id)
    await asService(trx)
    const order = await store.lockOrder(trx, params.id)
    if (!may(actor, 'orders.note', order.place_code)) throw new CityError('not_allowed')
    if (order.state === 'archived') throw new CityError('action_not_allowed')
    const limits = await limitsOf(app, order)
    if (!Buffer.isBuffer(file)) throw new CityError('attachment_type')
    if (file.length > limits.bytes) throw new CityError('too_large')
    const { type, body } = await cleanFile(file)
    const hash = createHash('sha256').update(body).digest('hex')
    const files = await filesOf(trx, order.id)
    const before = files.find((f) => f.id === query.id)
    if (before && before.hash !== hash) throw new CityError('same_id_other_content')
    if (before) return shown(app, trx, actor, order)
    if (files.length >= limits.files) throw new CityError('attachments_full')
    const { key, sealed } = sealBody(body)
    const at = app.clock.now()
    await trx
      .insertInto('order_attachment')
      .values({
        order_id: order.id,
        id: query.id,
        name_sealed: app.vault.seal(query.name.replace(/[\\/\p{Cc}]/gu, '_'), 'attachment.name'),
        key_sealed: app.vault.seal(key, 'attachment.key'),
        body: sealed,
        type,
        bytes: body.length,
        hash,
        by_kind: actor.kind,
        by_id: actor.id,
        by_name: actor.name,
        at,
        removed_at: null,
      })
      .execute()
    const after = await log(app, trx, order, actor, idFrom('attach', query.id), '添加附件', query.id)
    return shown(app, trx, actor, after)
  })
}

const log = (
  app: App,
  trx: Trx,
  order: OrderRecord,
  actor: Actor,
  id: string,
  note: string,
  attachment: string,
) =>
  move(app, trx, order, order.state, {
    id,
    action: 'note',
    actor,
    at: app.clock.now(),
    note,
    public: false,
    data: { attachment },
  })

/** The file itself, to whoever may see the order; audited, and told to the person whose request it is. */
export async function getAttachment(
  app: App,
  actor: Actor,
  { params, reply }: Given<typeof GetAttachment>,
): Promise<Buffer> {
  return within(app.db, scopeOf(actor, 'orders.read'), async (trx) => {
    const order = await store.getOrder(trx, params.id)
    const file = await trx
      .selectFrom('order_attachment')
      .selectAll()
      .where('order_id', '=', order.id)
      .where('id', '=', params.attachment)
      .where('removed_at', 'is', null)
      .executeTakeFirst()
    if (!file) throw new CityError('attachment_not_found')
    await asService(trx)
    const at = { placeCode: order.place_code, subject: order.id }
    if (order.reporter_id)
      await recordLook(trx, actor, 'attachment.read', { ...at, personId: order.reporter_id })
    else await audit(trx, actor, 'attachment.read', order.id, { placeCode: order.place_code })
    const name = encodeURIComponent(app.vault.open(file.name_sealed, 'attachment.name'))
    // Shown by no page as its own: a PDF with a script in it would run under our name.
    reply.header('content-disposition', `attachment; filename*=UTF-8''${name}`)
    reply.header('x-content-type-options', 'nosniff')
    reply.header('cache-control', 'private, no-store')
    reply.type(file.type)
    return openBody(app.vault.open(file.key_sealed, 'attachment.key'), file.body)
  })
}

/** Takes one's own file away; that there was one stays in the log. */
export async function removeAttachment(app: App, actor: Actor, { params }: Given<typeof RemoveAttachment>) {
  return within(app.db, scopeOf(actor, 'orders.read'), async (trx) => {
    await store.getOrder(trx, params.id)
    await asService(trx)
    const order = await store.lockOrder(trx, params.id)
    const file = (await filesOf(trx, order.id)).find((f) => f.id === params.attachment)
    if (!file) throw new CityError('attachment_not_found')
    if (file.by_id !== actor.id) throw new CityError('not_allowed')
    await trx
      .updateTable('order_attachment')
      .set({ removed_at: app.clock.now(), body: Buffer.alloc(0) })
      .where('order_id', '=', order.id)
      .where('id', '=', file.id)
      .execute()
    const after = await log(app, trx, order, actor, idFrom('detach', file.id), '删除附件', file.id)
    return shown(app, trx, actor, after)
  })
}
