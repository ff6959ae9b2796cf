import { Button, Input, Switch } from 'antd'
import type { Understanding } from '#capabilities/requests/contract.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { promise } from '#web/shared/time.ts'
import { PlacePicker } from '../places/PlacePicker.tsx'
import { UrgentMark } from '../orders/marks.tsx'
import { ElementPicker, useElements } from '../policy/elements.tsx'
import type { Draft } from './draft.ts'

type Given = { reading: Understanding | undefined; draft: Draft; set: (change: Partial<Draft>) => void }

/** What the platform took from the text, each part to be corrected; a correction is marked as the person's own. */
export function Understood({ reading, draft, set }: Given) {
  const t = useWords()
  const own = (is: unknown) =>
    is !== undefined && <span className="own-mark">{t({ zh: '已更正', en: 'corrected' })}</span>
  const sure = (confidence: number | undefined) =>
    confidence !== undefined && (
      <span className="muted">
        {t({ zh: `把握 ${Math.round(confidence * 100)}%`, en: `${Math.round(confidence * 100)} % sure` })}
      </span>
    )
  const urgent = draft.urgent || (reading?.urgent ?? false)
  return (
    <section className="card understood" aria-label={t({ zh: '读懂的内容', en: 'What was understood' })}>
      <h2>{t({ zh: '读懂的内容（可更正）', en: 'What was understood (correct it)' })}</h2>
      <dl className="facts fields">
        <dt>{t({ zh: '地点', en: 'Place' })}</dt>
        <dd>
          <PlacePicker
            label={t({ zh: '地点', en: 'Place' })}
            value={draft.placeCode ?? reading?.place?.code}
            known={reading ? [...(reading.place ? [reading.place] : []), ...reading.placeAlternatives] : []}
            onChange={(placeCode) => set({ placeCode })}
          />
          {draft.placeCode ? own(draft.placeCode) : sure(reading?.place?.confidence)}
        </dd>
        <dt>{t({ zh: '地址', en: 'Address' })}</dt>
        <dd>
          <Input
            aria-label={t({ zh: '地址', en: 'Address' })}
            maxLength={120}
            value={draft.address ?? reading?.address ?? ''}
            placeholder={t({ zh: '路 弄 号 室', en: 'Road, lane, number, room' })}
            onChange={(e) => set({ address: e.target.value || undefined })}
          />
          {own(draft.address)}
        </dd>
        <dt>{t({ zh: '事项', en: 'Matter' })}</dt>
        <dd>
          <ElementPicker
            label={t({ zh: '事项', en: 'Matter' })}
            value={draft.element ?? reading?.element?.id}
            onChange={(element) => set({ element })}
          />
          {draft.element ? own(draft.element) : sure(reading?.element?.confidence)}
          <div className="chips">
            {(reading?.elementAlternatives ?? []).map((e) => (
              <Button key={e.id} size="small" onClick={() => set({ element: e.id })}>
                {t(e.name)}
              </Button>
            ))}
          </div>
        </dd>
        <dt>{t({ zh: '急难', en: 'Urgent' })}</dt>
        <dd>
          <Switch
            aria-label={t({ zh: '急难', en: 'Urgent' })}
            checked={urgent}
            // A person raises the urgency and takes back only what they raised themselves.
            disabled={reading?.urgent ?? false}
            onChange={(on) => set({ urgent: on })}
          />
          {urgent ? <UrgentMark /> : <span className="muted">{t({ zh: '一般', en: 'Normal' })}</span>}
          {reading?.urgency && <b>{t(reading.urgency.name)}</b>}
          {reading?.urgent && (
            <span className="muted">
              {t({ zh: '由文中词语判定，只能提高', en: 'by the words; it can only be raised' })}
            </span>
          )}
        </dd>
        <dt>{t({ zh: '派往', en: 'Route' })}</dt>
        <dd>
          <Route reading={reading} draft={draft} />
        </dd>
      </dl>
      {reading && (
        <ul className="plain reasons">
          {reading.reasons.map((r) => (
            <li key={r.zh}>{t(r)}</li>
          ))}
          {reading.alsoAbout.map((e) => (
            <li key={e.id}>
              {t({
                zh: `还说到：${e.name.zh}，可另登记一件`,
                en: `Also about: ${e.name.en}; it can be a request of its own`,
              })}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** Where it would go and how long handling may take; after a correction the server decides anew when it is saved. */
function Route({ reading, draft }: { reading: Understanding | undefined; draft: Draft }) {
  const t = useWords()
  const language = useLanguage()
  const { find, departmentOf } = useElements()
  const handling = (given: Parameters<typeof promise>[0]) =>
    t({ zh: `办理时限 ${promise(given, 'zh')}`, en: `${promise(given, 'en')} to handle` })
  const changed =
    (draft.element && draft.element !== reading?.element?.id) ||
    (draft.placeCode && draft.placeCode !== reading?.place?.code)
  if (!changed && reading?.route) {
    return (
      <>
        <b>{reading.route.name[language]}</b> <span className="muted">{handling(reading.route)}</span>
      </>
    )
  }
  const element = find(draft.element ?? reading?.element?.id)
  if (!element) return <span className="muted">{t({ zh: '由派单台判断', en: 'The desk decides' })}</span>
  return (
    <>
      <b>{departmentOf(element.department) ?? element.department}</b>{' '}
      <span className="muted">
        {handling(element)} · {t({ zh: '登记后按更正派单', en: 'routed by the correction when saved' })}
      </span>
    </>
  )
}
