import { useState } from 'react'
import type { ReceiveRequest, RecordCall } from '#capabilities/requests/contract.ts'
import type { z } from 'zod'
import { clientId } from '#web/shared/api.ts'

type Line = z.infer<typeof RecordCall.body>['line']
type Body = z.infer<typeof ReceiveRequest.body>

/** One call at the desk. The ids are made when it begins and live until the server has answered. */
export type Draft = {
  id: string
  callId: string
  line: Line
  name: string
  phone: string
  text: string
  placeCode?: string | undefined
  address?: string | undefined
  element?: string | undefined
  urgent: boolean
}

export const newDraft = (line: Line = '12345'): Draft => ({
  id: clientId(),
  callId: clientId(),
  line,
  name: '',
  phone: '',
  text: '',
  urgent: false,
})

export function useDraft() {
  const [draft, setDraft] = useState<Draft>(() => newDraft())
  return {
    draft,
    set: (change: Partial<Draft>) => setDraft((was) => ({ ...was, ...change })),
    clear: () => setDraft((was) => newDraft(was.line)),
    /** The server refused this id with other content, or refused the content: what is sent next is a new act. */
    renew: () => setDraft((was) => ({ ...was, id: clientId() })),
  }
}

export const phoneFits = (phone: string) => phone === '' || /^1\d{10}$/.test(phone)

/** What is sent: only corrections that a person made; the rest the server reads itself. */
export function toBody(draft: Draft): Body {
  const corrections = {
    ...(draft.placeCode && { placeCode: draft.placeCode }),
    ...(draft.address?.trim() && { address: draft.address.trim() }),
    ...(draft.element && { element: draft.element }),
    ...(draft.urgent && { urgent: true as const }),
  }
  const caller = {
    ...(draft.name.trim() && { name: draft.name.trim() }),
    ...(draft.phone && { phone: draft.phone }),
  }
  return {
    id: draft.id,
    callId: draft.callId,
    text: draft.text.trim(),
    channel: draft.line === 'district' || draft.line === 'subdistrict' ? draft.line : 'phone',
    ...(Object.keys(caller).length > 0 && { caller }),
    ...(Object.keys(corrections).length > 0 && { corrections }),
  }
}
