import { useQuery } from '@tanstack/react-query'
import { Button, Select } from 'antd'
import { useId, useState } from 'react'
import { ListOrders, type Action, type Allowed } from '#capabilities/orders/contract.ts'
import { ListTemplates } from '#capabilities/orders/talk.contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { shanghaiParts, when } from '#web/shared/time.ts'
import { useCityClock, useNow } from '../shell/clock.ts'
import { numberTyped } from './Filters.tsx'
import { useTitleOf } from './marks.tsx'

/** Shanghai time for a datetime field, minutes exact. */
const local = (at: number) => {
  const p = shanghaiParts(at)
  return `${p.day}T${p.time}`
}

/** Until when: a deadline asked for, a suspension, a supervision; never behind what the pack allows. */
export function UntilField({
  allowed,
  needed,
  value,
  onChange,
}: {
  allowed: Allowed
  needed: boolean
  value: string
  onChange: (value: string) => void
}) {
  const t = useWords()
  const language = useLanguage()
  const now = useNow(30_000)
  const id = useId()
  const words = {
    extend: { zh: '申请延到', en: 'Asked-for deadline' },
    suspend: { zh: '挂起到', en: 'Suspended until' },
    supervise: { zh: '督办到（可不填）', en: 'Supervised until (if any)' },
  }[allowed.action as 'extend']
  return (
    <div className="row">
      <label htmlFor={id}>{t(words)}</label>
      <input
        id={id}
        type="datetime-local"
        className="until"
        required={needed}
        value={value}
        min={local(now)}
        {...(allowed.latest && { max: local(Date.parse(allowed.latest)) })}
        onChange={(e) => onChange(e.target.value)}
      />
      {allowed.latest && (
        <span className="muted">
          {t({
            zh: `最晚 ${when(allowed.latest, now, 'zh')}`,
            en: `at the latest ${when(allowed.latest, now, language)}`,
          })}
        </span>
      )}
    </div>
  )
}

/** Words to begin with, those of the matter first. */
export function Templates({
  action,
  element,
  onPick,
}: {
  action: Action
  element: string | null | undefined
  onPick: (text: string) => void
}) {
  const t = useWords()
  const { data } = useQuery({
    queryKey: [ListTemplates.id, action, element],
    queryFn: ({ signal }) => call(ListTemplates, { query: { action, ...(element && { element }) }, signal }),
    staleTime: 3_600_000,
  })
  if (!data || data.items.length === 0) return null
  return (
    <div className="row templates">
      <span className="muted">{t({ zh: '常用语', en: 'Templates' })}</span>
      {data.items.slice(0, 4).map((item) => (
        <Button key={item.id} size="small" onClick={() => onPick(t(item.text))}>
          <span className="template">{t(item.text)}</span>
        </Button>
      ))}
    </div>
  )
}

/** The order that leads from now on: open ones of the same matter and place are offered, any other by its number. */
export function OrderPicker({
  place,
  element,
  value,
  onChange,
}: {
  place: string | undefined
  element: string | null | undefined
  value: string | undefined
  onChange: (id: string | undefined) => void
}) {
  const t = useWords()
  const clock = useCityClock()
  const titleOf = useTitleOf()
  const [typed, setTyped] = useState('')
  const number = numberTyped(typed, clock.now())
  const { data } = useQuery({
    queryKey: [ListOrders.id, 'merge', place, element, number],
    queryFn: ({ signal }) =>
      call(ListOrders, {
        query: number
          ? { view: 'all', number, limit: 5 }
          : { view: 'open', limit: 20, ...(place && { place }), ...(element && { element }) },
        signal,
      }),
  })
  const label = t({ zh: '并入哪一张（可输单号）', en: 'Into which order (or its number)' })
  return (
    <Select<string>
      aria-label={label}
      placeholder={label}
      showSearch={{ filterOption: false, onSearch: setTyped, searchValue: typed }}
      value={value ?? null}
      onChange={(id: string | undefined) => onChange(id)}
      options={(data?.items ?? []).map((o) => ({ value: o.id, label: `${o.number} ${titleOf(o)}` }))}
      notFoundContent={t({ zh: '没有可并入的工单', en: 'No order to merge into' })}
    />
  )
}
