import { useMutation } from '@tanstack/react-query'
import { Button } from 'antd'
import { useRef, useState } from 'react'
import { ListImports, UploadPeople } from '#capabilities/people/import.contract.ts'
import { COLUMNS } from '#capabilities/people/import-words.contract.ts'
import { call, clientId } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { PlacePicker } from '../places/PlacePicker.tsx'
import { download } from '../shell/csv.ts'
import { useOwnPlace } from '../shell/me.ts'
import { queryClient } from '../shell/query.ts'
import { Failure } from '../shell/Say.tsx'

export const importsChanged = () => void queryClient.invalidateQueries({ queryKey: [ListImports.id] })

/** A register from a file: previewed first, stored when somebody accepts it. */
export function ImportUpload({ onRun }: { onRun: (id: string) => void }) {
  const t = useWords()
  const own = useOwnPlace()
  const [place, setPlace] = useState<string>()
  const file = useRef<HTMLInputElement>(null)
  const [name, setName] = useState('')
  const send = useMutation({
    mutationFn: (given: File) =>
      call(UploadPeople, {
        params: { id: clientId() },
        query: { file: given.name.slice(0, 200), ...((place ?? own) && { place: place ?? own }) },
        file: given,
      }),
    onSuccess: (run) => {
      onRun(run.id)
      importsChanged()
    },
  })
  const columns = Object.values(COLUMNS).map(([zh]) => zh)
  return (
    <section className="card" aria-labelledby="upload-title">
      <h2 id="upload-title">{t({ zh: '上传名册', en: 'Upload a register' })}</h2>
      <p className="muted">
        {t({
          zh: 'CSV（UTF-8 或 GB18030）或 XLSX，最多 64 MB、30 万行。先预览，确认后才入库；同一份传两次不会重复。',
          en: 'CSV (UTF-8 or GB18030) or XLSX, up to 64 MB and 300,000 lines. Previewed first, stored when you accept; the same file twice does no harm.',
        })}
      </p>
      <form
        className="fields"
        onSubmit={(e) => {
          e.preventDefault()
          const chosen = file.current?.files?.[0]
          if (chosen) send.mutate(chosen)
        }}
      >
        <label>
          {t({ zh: '地点（之外的行不收）', en: 'Place (lines outside are refused)' })}
          <PlacePicker label={t({ zh: '地点', en: 'Place' })} value={place ?? own} onChange={setPlace} />
        </label>
        <label>
          {t({ zh: '文件', en: 'File' })}
          <input
            ref={file}
            type="file"
            accept=".csv,.xlsx,.txt,text/csv"
            onChange={(e) => setName(e.target.files?.[0]?.name ?? '')}
          />
        </label>
        <Button type="primary" htmlType="submit" disabled={name === ''} loading={send.isPending}>
          {t({ zh: '上传并预览', en: 'Upload and preview' })}
        </Button>
        <Button onClick={() => download(`${t({ zh: '名册模板', en: 'register' })}.csv`, [columns])}>
          {t({ zh: '下载空白模板', en: 'Empty template' })}
        </Button>
      </form>
      {send.error && <Failure error={send.error} />}
    </section>
  )
}
