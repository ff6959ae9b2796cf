import { useMutation } from '@tanstack/react-query'
import { Button, Select } from 'antd'
import { useState } from 'react'
import { ReportAntigen, type AntigenOutcome } from '#capabilities/screening/antigen.contract.ts'
import { call, clientId } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { useNow } from '../shell/clock.ts'
import { Failure } from '../shell/Say.tsx'

const OUTCOMES = {
  negative: { zh: '阴性（一条杠）', en: 'Negative (one line)' },
  positive: { zh: '阳性（两条杠）', en: 'Positive (two lines)' },
  invalid: { zh: '无效（C 处没有杠）', en: 'Not valid (no line at C)' },
} as const satisfies Record<AntigenOutcome, { zh: string; en: string }>
type Said = { id: string; at: string }

/** Reports a self-test for somebody without a telephone, with its picture; they are told who did. */
export function ReportFor({ personId, done }: { personId: string; done: () => void }) {
  const t = useWords()
  const now = useNow(10_000)
  const [outcome, setOutcome] = useState<AntigenOutcome | null>(null)
  const [photo, setPhoto] = useState<File | null>(null)
  // The same try keeps its id and time, so that an answer that was lost makes no second report.
  const [said, setSaid] = useState<Said | null>(null)
  const report = useMutation({
    mutationFn: () => {
      const same = said ?? { id: clientId(), at: new Date(now).toISOString() }
      setSaid(same)
      return call(ReportAntigen, { query: { ...same, personId, outcome: outcome! }, file: photo! })
    },
    onSuccess: done,
  })
  return (
    <form
      className="row"
      onSubmit={(e) => {
        e.preventDefault()
        report.mutate()
      }}
    >
      <Select<AntigenOutcome>
        aria-label={t({ zh: '看到几条杠', en: 'Lines seen' })}
        className="group"
        placeholder={t({ zh: '看到几条杠', en: 'Lines seen' })}
        value={outcome}
        onChange={(next) => {
          setOutcome(next)
          setSaid(null)
        }}
        options={Object.entries(OUTCOMES).map(([value, words]) => ({
          value: value as AntigenOutcome,
          label: t(words),
        }))}
      />
      <input
        type="file"
        aria-label={t({ zh: '试剂照片', en: 'Picture of the test' })}
        accept="image/jpeg,image/png,image/webp"
        onChange={(e) => {
          setPhoto(e.target.files?.[0] ?? null)
          setSaid(null)
        }}
      />
      <Button type="primary" htmlType="submit" disabled={!outcome || !photo} loading={report.isPending}>
        {t({ zh: '代报（留痕）', en: 'Report (recorded)' })}
      </Button>
      <Button onClick={done}>{t({ zh: '取消', en: 'Cancel' })}</Button>
      {report.error && <Failure error={report.error} />}
    </form>
  )
}
