import { z } from 'zod'
import { ClientId, route } from '#kernel/contract.ts'

const Refused = z.object({ id: z.uuid(), code: z.string(), titleZh: z.string(), title: z.string() })

export const UndoBulk = route({
  id: 'orders.undoBulk',
  method: 'POST',
  path: '/api/orders/bulk/:bulk/undo',
  summary: {
    zh: '撤销一次批量操作（限时）',
    en: 'Take a bulk action back, each order by an event of its own; refused where it moved on since',
  },
  params: z.strictObject({ bulk: z.uuid() }),
  body: z.strictObject({ id: ClientId }),
  response: z.object({ undone: z.array(z.uuid()), refused: z.array(Refused) }),
})
