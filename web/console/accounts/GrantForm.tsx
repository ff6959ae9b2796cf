import { useQuery } from '@tanstack/react-query'
import { Input, Select } from 'antd'
import type { GivenGrant } from '#capabilities/people/accounts.contract.ts'
import { ListUnits } from '#capabilities/orders/contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { ROLE_WORDS } from '#web/shared/words.ts'
import { PlacePicker } from '../places/PlacePicker.tsx'
import { useMay } from '../shell/me.ts'

export type GrantDraft = {
  role?: GivenGrant['role']
  placeCode?: string
  unitId?: string
  from: string
  until: string
}
export const NO_GRANT: GrantDraft = { from: '', until: '' }

type AnyRole = keyof typeof ROLE_WORDS
const ROLES = (Object.keys(ROLE_WORDS) as AnyRole[]).filter(
  (role): role is GivenGrant['role'] => role !== 'resident' && role !== 'simulator',
)

/** What is asked of the server, or undefined while something is missing. Times are the wall's, typed in Shanghai's. */
export function grantOf(draft: GrantDraft): GivenGrant | undefined {
  if (!draft.role || !draft.placeCode) return undefined
  return {
    role: draft.role,
    placeCode: draft.placeCode,
    unitId: draft.unitId?.trim() || null,
    ...(draft.from && { from: new Date(`${draft.from}:00+08:00`).toISOString() }),
    until: draft.until ? new Date(`${draft.until}:00+08:00`).toISOString() : null,
  }
}

export function GrantFields({
  draft,
  onChange,
}: {
  draft: GrantDraft
  onChange: (draft: GrantDraft) => void
}) {
  const t = useWords()
  const language = useLanguage()
  const may = useMay()
  // An administrator may have no orders and so no list of units: the unit's code is typed then.
  const units = useQuery({
    queryKey: [ListUnits.id],
    queryFn: ({ signal }) => call(ListUnits, { signal }),
    enabled: may('orders.read'),
    staleTime: 600_000,
  })
  return (
    <div className="fields">
      <label>
        {t({ zh: '岗位', en: 'Role' })}
        <Select<GivenGrant['role']>
          aria-label={t({ zh: '岗位', en: 'Role' })}
          value={draft.role ?? null}
          onChange={(role) => onChange({ ...draft, role })}
          options={ROLES.map((value) => ({ value, label: t(ROLE_WORDS[value]) }))}
          popupMatchSelectWidth={200}
        />
      </label>
      <label>
        {t({ zh: '辖区', en: 'Place' })}
        <PlacePicker
          label={t({ zh: '辖区', en: 'Place' })}
          value={draft.placeCode}
          onChange={(placeCode) => {
            const { placeCode: _before, ...rest } = draft
            onChange(placeCode ? { ...rest, placeCode } : rest)
          }}
        />
      </label>
      <label>
        {t({ zh: '单位（可不填）', en: 'Unit (optional)' })}
        {units.data ? (
          <Select<string>
            aria-label={t({ zh: '单位', en: 'Unit' })}
            showSearch={{ optionFilterProp: 'label' }}
            allowClear
            value={draft.unitId ?? null}
            onChange={(unitId: string | undefined) => onChange({ ...draft, unitId: unitId ?? '' })}
            options={units.data.items.map((u) => ({
              value: u.id,
              label: language === 'zh' ? u.name : u.nameEn,
            }))}
            popupMatchSelectWidth={260}
          />
        ) : (
          <Input
            placeholder="street.310115016"
            value={draft.unitId ?? ''}
            onChange={(e) => onChange({ ...draft, unitId: e.target.value })}
          />
        )}
      </label>
      <label>
        {t({ zh: '开始（不填即刻）', en: 'From (now when empty)' })}
        <Input
          type="datetime-local"
          value={draft.from}
          onChange={(e) => onChange({ ...draft, from: e.target.value })}
        />
      </label>
      <label>
        {t({ zh: '结束（不填长期）', en: 'Until (open when empty)' })}
        <Input
          type="datetime-local"
          value={draft.until}
          onChange={(e) => onChange({ ...draft, until: e.target.value })}
        />
      </label>
    </div>
  )
}
