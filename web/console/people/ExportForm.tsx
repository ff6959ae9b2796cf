import { useMutation } from '@tanstack/react-query'
import { Button, Checkbox, Select } from 'antd'
import { useState } from 'react'
import type { Problem } from '#kernel/contract.ts'
import { ExportPeople } from '#capabilities/people/export.contract.ts'
import type { RevealPurpose } from '#capabilities/people/contract.ts'
import { ApiError, clientId, NoAnswer } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { PURPOSE_WORDS } from '#web/shared/words.ts'
import { save } from '../shell/csv.ts'
import { useMay } from '../shell/me.ts'
import { Failure } from '../shell/Say.tsx'

type Asked = { place: string; format: 'csv' | 'xlsx'; full: boolean; purpose?: RevealPurpose }

async function fetchFile(asked: Asked): Promise<void> {
  const answer = await fetch(ExportPeople.path, {
    method: ExportPeople.method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id: clientId(), ...asked }),
  }).catch(() => {
    throw new NoAnswer('no answer')
  })
  if (!answer.ok) throw new ApiError((await answer.json()) as Problem)
  save(`people-${asked.place}.${asked.format}`, await answer.blob())
}

/** The register of a place as a file: masked, or in full for a purpose. */
export function ExportForm({ place, close }: { place: string; close: () => void }) {
  const t = useWords()
  const may = useMay()
  const [format, setFormat] = useState<'csv' | 'xlsx'>('xlsx')
  const [full, setFull] = useState(false)
  const [purpose, setPurpose] = useState<RevealPurpose | null>(null)
  const run = useMutation({ gcTime: 0, mutationFn: fetchFile })
  return (
    <section className="card" aria-label={t({ zh: '导出', en: 'Export' })}>
      <form
        className="row"
        onSubmit={(e) => {
          e.preventDefault()
          run.mutate({ place, format, full, ...(full && purpose && { purpose }) })
        }}
      >
        <Select<'csv' | 'xlsx'>
          aria-label={t({ zh: '格式', en: 'Format' })}
          value={format}
          onChange={setFormat}
          options={[
            { value: 'xlsx', label: 'XLSX' },
            { value: 'csv', label: 'CSV' },
          ]}
        />
        {may('people.export_full') && (
          <Checkbox checked={full} onChange={(e) => setFull(e.target.checked)}>
            {t({ zh: '完整信息（不脱敏）', en: 'In full (not masked)' })}
          </Checkbox>
        )}
        {full && (
          <Select<RevealPurpose>
            aria-label={t({ zh: '用途', en: 'Purpose' })}
            placeholder={t({ zh: '用途（必选）', en: 'Purpose (required)' })}
            value={purpose}
            onChange={setPurpose}
            options={(Object.keys(PURPOSE_WORDS) as RevealPurpose[]).map((value) => ({
              value,
              label: t(PURPOSE_WORDS[value]),
            }))}
            popupMatchSelectWidth={180}
          />
        )}
        <Button type="primary" htmlType="submit" loading={run.isPending} disabled={full && !purpose}>
          {t({ zh: '导出', en: 'Export' })}
        </Button>
        <Button onClick={close}>{t({ zh: '取消', en: 'Cancel' })}</Button>
        <span className="muted">
          {full
            ? t({
                zh: '名册中的每个人都会看到您的岗位和用途',
                en: 'Everybody in it will see your post and the purpose',
              })
            : t({ zh: '姓名、电话、证件号码已脱敏', en: 'Names and numbers are masked' })}
        </span>
      </form>
      {run.isSuccess && <output>{t({ zh: '已下载。', en: 'Downloaded.' })}</output>}
      {run.error && <Failure error={run.error} />}
    </section>
  )
}
