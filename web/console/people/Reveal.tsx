import { useMutation } from '@tanstack/react-query'
import { Button, Checkbox, Input, Select } from 'antd'
import { useState } from 'react'
import { RevealPerson, type RevealPurpose } from '#capabilities/people/contract.ts'
import { call, clientId } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { PURPOSE_WORDS } from '#web/shared/words.ts'
import { Failure } from '../shell/Say.tsx'

const PURPOSES = Object.keys(PURPOSE_WORDS) as RevealPurpose[]

/** Asks for what the full name and number are needed, then shows them until the row is closed. */
export function Reveal({ personId, close }: { personId: string; close: () => void }) {
  const t = useWords()
  const [purpose, setPurpose] = useState<RevealPurpose | null>(null)
  const [note, setNote] = useState('')
  const [more, setMore] = useState(false)
  const [id] = useState(clientId)
  // Kept nowhere: not in the cache of answers, not in the address.
  const reveal = useMutation({
    gcTime: 0,
    mutationFn: (chosen: RevealPurpose) =>
      call(RevealPerson, {
        params: { id: personId },
        body: {
          id,
          purpose: chosen,
          ...(note.trim() && { note: note.trim() }),
          ...(more && { also: ['idNumber', 'residence'] as const }),
        },
      }),
  })
  if (reveal.data)
    return (
      <output className="row">
        <b lang="zh-CN">{reveal.data.name}</b>
        <span className="mono">{reveal.data.phone ?? t({ zh: '没有电话', en: 'No telephone' })}</span>
        {more && (
          <>
            <span className="mono">
              {reveal.data.idNumber ?? t({ zh: '没有证件号码', en: 'No identity number' })}
            </span>
            <span lang="zh-CN">{reveal.data.residence ?? t({ zh: '没有详细地址', en: 'No address' })}</span>
          </>
        )}
        <Button onClick={close}>{t({ zh: '收起', en: 'Hide' })}</Button>
      </output>
    )
  return (
    <form
      className="row"
      onSubmit={(e) => {
        e.preventDefault()
        if (purpose) reveal.mutate(purpose)
      }}
    >
      <Select<RevealPurpose>
        aria-label={t({ zh: '用途', en: 'Purpose' })}
        placeholder={t({ zh: '用途（必选）', en: 'Purpose (required)' })}
        value={purpose}
        onChange={setPurpose}
        options={PURPOSES.map((value) => ({ value, label: t(PURPOSE_WORDS[value]) }))}
        popupMatchSelectWidth={180}
      />
      <Input
        aria-label={t({ zh: '说明', en: 'Note' })}
        placeholder={t({ zh: '说明（可不填）', en: 'Note (optional)' })}
        maxLength={500}
        value={note}
        onChange={(e) => setNote(e.target.value)}
      />
      <Checkbox checked={more} onChange={(e) => setMore(e.target.checked)}>
        {t({ zh: '含证件号码和住址', en: 'Identity number and address too' })}
      </Checkbox>
      <Button type="primary" htmlType="submit" disabled={!purpose} loading={reveal.isPending}>
        {t({ zh: '查看', en: 'Show' })}
      </Button>
      <Button onClick={close}>{t({ zh: '取消', en: 'Cancel' })}</Button>
      <span className="muted">
        {t({ zh: '本人会看到您的岗位和用途', en: 'The person will see your post and the purpose' })}
      </span>
      {reveal.error && <Failure error={reveal.error} />}
    </form>
  )
}
