import { z } from 'zod'
import { Bilingual, ClientId, Instant, route } from '#kernel/contract.ts'
import { Action } from './contract.ts'

/** What a notice is about: mention, part, part.late, part.all, escalate, card.yellow, card.red or watched.ACTION. */
export const Notice = z.object({
  orderId: z.uuid(),
  number: z.string(),
  title: z.string(),
  kind: z.string(),
  at: Instant,
  by: z.string(),
  isNew: z.boolean(),
})
export type Notice = z.infer<typeof Notice>

export const ListNotices = route({
  id: 'orders.notices',
  method: 'GET',
  path: '/api/notices',
  summary: { zh: '与我有关的提醒', en: 'Words to me and my unit, and what happened to orders that I watch' },
  load: 'statistics',
  response: z.object({ items: z.array(Notice), unseen: z.int() }),
})

export const SeeNotices = route({
  id: 'orders.seeNotices',
  method: 'POST',
  path: '/api/notices/seen',
  summary: { zh: '提醒已看到此刻', en: 'Notices are seen up to an instant' },
  body: z.strictObject({ upTo: Instant }),
  response: z.object({ unseen: z.int() }),
})

const Watchers = z.object({ watching: z.boolean(), names: z.array(z.string()) })

export const GetWatchers = route({
  id: 'orders.watchers',
  method: 'GET',
  path: '/api/orders/:id/watchers',
  summary: { zh: '谁在关注', en: 'Who watches the order' },
  params: z.strictObject({ id: z.uuid() }),
  response: Watchers,
})

export const WatchOrder = route({
  id: 'orders.watch',
  method: 'POST',
  path: '/api/orders/:id/watch',
  summary: { zh: '关注或不再关注', en: 'Watch the order, or no more' },
  params: z.strictObject({ id: z.uuid() }),
  body: z.strictObject({ watching: z.boolean() }),
  response: Watchers,
})

export const Template = z.object({ id: z.string(), action: Action, text: Bilingual })
export type Template = z.infer<typeof Template>

export const ListTemplates = route({
  id: 'orders.templates',
  method: 'GET',
  path: '/api/templates',
  summary: { zh: '常用答复与理由', en: 'Answers and reasons to begin with; those of the matter first' },
  query: z.strictObject({ action: Action.optional(), element: z.string().max(80).optional() }),
  response: z.object({ items: z.array(Template) }),
})

export const Attachment = z.object({
  id: z.uuid(),
  name: z.string(),
  type: z.string(),
  bytes: z.int(),
  by: z.string(),
  at: Instant,
  mayRemove: z.boolean(),
})
export type Attachment = z.infer<typeof Attachment>
const Attachments = z.object({ items: z.array(Attachment), mayAdd: z.boolean(), maxBytes: z.int() })

export const ListAttachments = route({
  id: 'orders.attachments',
  method: 'GET',
  path: '/api/orders/:id/attachments',
  summary: { zh: '附件', en: 'Files of an order' },
  params: z.strictObject({ id: z.uuid() }),
  response: Attachments,
})

/** What the server ever takes in one piece; the pack's own limit (`orders.attachmentKilobytes`) lies below. */
export const MOST_BYTES = 8 * 1024 * 1024

export const AddAttachment = route({
  id: 'orders.attach',
  method: 'POST',
  path: '/api/orders/:id/attachments',
  summary: {
    zh: '上传附件（图片去除位置信息）',
    en: 'Attach a picture or PDF; pictures lose position, time and device',
  },
  params: z.strictObject({ id: z.uuid() }),
  query: z.strictObject({ id: ClientId, name: z.string().min(1).max(200) }),
  upload: { types: ['application/octet-stream'], bytes: MOST_BYTES },
  response: Attachments,
})

export const GetAttachment = route({
  id: 'orders.attachment',
  method: 'GET',
  path: '/api/orders/:id/attachments/:attachment',
  summary: { zh: '下载附件（查看会留痕）', en: 'A file itself; looking is audited' },
  params: z.strictObject({ id: z.uuid(), attachment: z.uuid() }),
  response: z.any(),
})

export const RemoveAttachment = route({
  id: 'orders.detach',
  method: 'DELETE',
  path: '/api/orders/:id/attachments/:attachment',
  summary: { zh: '删除自己上传的附件', en: 'Remove a file that one has attached' },
  params: z.strictObject({ id: z.uuid(), attachment: z.uuid() }),
  response: Attachments,
})
