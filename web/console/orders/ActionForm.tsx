import { Button, Checkbox, Input, Radio, Rate } from 'antd'
import { useState, type ComponentRef } from 'react'
import type { ActionInput, Allowed, Field } from '#capabilities/orders/contract.ts'
import { useWords } from '#web/shared/language.ts'
import { ACTION_WORDS } from '#web/shared/words.ts'
import { useFocusOnce } from '../shell/focus.ts'
import { OrderPicker, Templates, UntilField } from './ActionFields.tsx'
import { UnitPicker } from './Filters.tsx'

/** What goes to the reporter word for word. */
const PUBLIC_NOTE = new Set<string>(['resolve', 'answer', 'reject', 'ask_back', 'suspend'])

export type Filled = Omit<ActionInput, 'id' | 'action' | 'version'>

type Given = {
  allowed: Allowed
  place: string | undefined
  /** The matter, for the words to begin with. */
  element?: string | null
  /** What the note may begin with, e.g. the helpers' answers. */
  draft?: string
  busy: boolean
  onSend: (filled: Filled) => void
  onCancel: () => void
}

/** The fields that an action needs, and a note where none is asked. Ctrl+Enter sends. */
export function ActionForm({ allowed, place, element, draft, busy, onSend, onCancel }: Given) {
  const t = useWords()
  const [unitId, setUnitId] = useState<string>()
  const [typed, setNote] = useState<string>()
  // The helpers' answers may come in while the form stands open; what was typed is never written over.
  const note = typed ?? (allowed.action === 'resolve' ? (draft ?? '') : '')
  const [until, setUntil] = useState('')
  const [clause, setClause] = useState('')
  const [into, setInto] = useState<string>()
  const [open, setOpen] = useState(false)
  const [solved, setSolved] = useState<boolean>()
  const [scored, setScored] = useState(false)
  const [score, setScore] = useState(5)
  const needs = new Set(allowed.needs)
  const has = (field: Field) => needs.has(field) || allowed.may.includes(field)
  const focusNote = useFocusOnce<ComponentRef<typeof Input.TextArea>>(
    needs.has('note') && !needs.has('unitId'),
  )
  const asksScore = has('score')
  const ready =
    (!needs.has('unitId') || unitId) &&
    (!needs.has('note') || note.trim()) &&
    (!needs.has('until') || until) &&
    (!needs.has('clause') || clause.trim()) &&
    (!needs.has('into') || into) &&
    (!needs.has('solved') || solved !== undefined)
  const send = () => {
    if (!ready || busy) return
    onSend({
      ...(unitId && { unitId }),
      ...(note.trim() && { note: note.trim() }),
      ...(until && { until: `${until}:00+08:00` }),
      ...(clause.trim() && { clause: clause.trim() }),
      ...(into && { into }),
      ...(open && { public: true }),
      ...(solved !== undefined && { solved }),
      ...(asksScore && (scored || needs.has('score')) && { score }),
    })
  }
  return (
    // Keys go out of the fields: Ctrl+Enter sends, Escape closes.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <form
      className="action-form"
      aria-label={t(ACTION_WORDS[allowed.action])}
      onSubmit={(e) => {
        e.preventDefault()
        send()
      }}
      onKeyDown={(e) => {
        if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) send()
        if (e.key !== 'Escape') return
        // This form's own; the page behind would leave the order.
        e.preventDefault()
        onCancel()
      }}
    >
      {needs.has('unitId') && (
        <UnitPicker
          label={t({ zh: '派往哪个单位', en: 'Which unit' })}
          place={place}
          value={unitId}
          onChange={setUnitId}
          opened
        />
      )}
      {needs.has('solved') && (
        <Radio.Group
          aria-label={t({ zh: '诉求人是否认为已解决', en: 'Does the reporter say it is solved' })}
          value={solved ?? null}
          onChange={(e) => setSolved(e.target.value as boolean)}
          options={[
            { value: true, label: t({ zh: '诉求人说已解决', en: 'Reporter: solved' }) },
            { value: false, label: t({ zh: '诉求人说未解决（重办）', en: 'Reporter: not solved (redo)' }) },
          ]}
        />
      )}
      {asksScore && (
        <div className="score">
          {!needs.has('score') && (
            <Checkbox checked={scored} onChange={(e) => setScored(e.target.checked)}>
              {t({ zh: '诉求人给了评分', en: 'The reporter gave a score' })}
            </Checkbox>
          )}
          {(scored || needs.has('score')) && (
            <Rate
              value={score}
              onChange={setScore}
              allowClear={false}
              aria-label={t({ zh: '评分', en: 'Score' })}
            />
          )}
        </div>
      )}
      {has('into') && <OrderPicker place={place} element={element} value={into} onChange={setInto} />}
      {has('until') && (
        <UntilField allowed={allowed} needed={needs.has('until')} value={until} onChange={setUntil} />
      )}
      {has('clause') && (
        <Input
          aria-label={t({ zh: '依据条款', en: 'Under which rule' })}
          placeholder={t({ zh: '依据条款（必填，会告诉诉求人）', en: 'Rule (needed; the reporter is told)' })}
          value={clause}
          maxLength={200}
          onChange={(e) => setClause(e.target.value)}
        />
      )}
      <Templates
        action={allowed.action}
        element={element}
        onPick={(text) => setNote(note.trim() ? `${note}\n${text}` : text)}
      />
      <Input.TextArea
        aria-label={t({ zh: '说明', en: 'Note' })}
        placeholder={
          needs.has('note')
            ? t({ zh: '说明（必填）', en: 'Note (needed)' })
            : t({ zh: '说明（可不填）', en: 'Note (if any)' })
        }
        value={note}
        onChange={(e) => setNote(e.target.value)}
        maxLength={2000}
        autoSize={{ minRows: 2, maxRows: 6 }}
        ref={focusNote}
      />
      {PUBLIC_NOTE.has(allowed.action) && (
        <p className="hint">{t({ zh: '这段话诉求人看得到。', en: 'The reporter will read this.' })}</p>
      )}
      {has('public') && (
        <Checkbox checked={open} onChange={(e) => setOpen(e.target.checked)}>
          {t({ zh: '公开：诉求人看得到', en: 'Public: the reporter sees it' })}
        </Checkbox>
      )}
      {allowed.action === 'note' && (
        <p className="hint">
          {t({
            zh: '用 @单位代码 或 @账号 提醒，例如 @water.310115。',
            en: 'Mention with @unit or @account, e.g. @water.310115.',
          })}
        </p>
      )}
      <div className="row">
        <Button type="primary" htmlType="submit" disabled={!ready} loading={busy}>
          {t(ACTION_WORDS[allowed.action])} <kbd>ctrl+enter</kbd>
        </Button>
        <Button onClick={onCancel}>{t({ zh: '取消', en: 'Cancel' })}</Button>
      </div>
    </form>
  )
}
