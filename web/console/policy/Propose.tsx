import { useMutation } from '@tanstack/react-query'
import { Button, Input, Spin } from 'antd'
import { useState } from 'react'
import { CheckPack, ListEnactments, ProposePack, type Preview } from '#capabilities/policy/packs.contract.ts'
import { call, clientId } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { queryClient } from '../shell/query.ts'
import { Failure } from '../shell/Say.tsx'
import { Changes } from './Changes.tsx'

function Effect({ preview }: { preview: Preview }) {
  const t = useWords()
  return (
    <section>
      <h3>{t({ zh: '会改变哪些已作的决定', en: 'Which past decisions would come out otherwise' })}</h3>
      <p>
        {t({
          zh: `回看最近 ${preview.looked} 项，`,
          en: `Of the last ${preview.looked}, `,
        })}
        <b>{t({ zh: `${preview.changed} 项结果会不同`, en: `${preview.changed} would differ` })}</b>
        {preview.notRecomputable > 0 && (
          <span className="muted">
            {t({
              zh: `；${preview.notRecomputable} 项不能重算（已按期删除或由人决定）`,
              en: `; ${preview.notRecomputable} cannot be made again (deleted in time, or decided by a person)`,
            })}
          </span>
        )}
      </p>
      {preview.examples.length > 0 && (
        <ul>
          {preview.examples.slice(0, 5).map((e) => (
            <li key={e.decisionId}>
              <span className="mono">{JSON.stringify(e.from)}</span> →{' '}
              <span className="mono">{JSON.stringify(e.to)}</span>{' '}
              <span className="muted">{e.reasons.map((r) => t(r)).join(t({ zh: '；', en: '; ' }))}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** A draft is read, checked with its own cases and tried on past decisions before the first of two people signs. */
export function Propose({ close }: { close: (id?: string) => void }) {
  const t = useWords()
  const [text, setText] = useState('')
  const [reason, setReason] = useState('')
  const [id] = useState(clientId)
  const checked = useMutation({
    mutationFn: (draft: string) => call(CheckPack, { body: { text: draft } }),
  })
  const proposed = useMutation({
    mutationFn: () => call(ProposePack, { body: { id, text, reason: reason.trim() } }),
    onSuccess: (e) => {
      void queryClient.invalidateQueries({ queryKey: [ListEnactments.id] })
      close(e.id)
    },
  })
  const take = (draft: string) => {
    setText(draft)
    checked.reset()
  }
  const { data } = checked
  const whole = data !== undefined && data.hash !== null && data.faults.length === 0
  return (
    <section className="card">
      <div className="row">
        <h2>{t({ zh: '提出一份政策包', en: 'Propose a pack' })}</h2>
        <span className="grow" />
        <Button onClick={() => close()}>{t({ zh: '关闭', en: 'Close' })}</Button>
      </div>
      <div className="row">
        <label>
          {t({ zh: '选文件（YAML 或 JSON）：', en: 'Choose a file (YAML or JSON): ' })}
          <input
            type="file"
            accept=".yaml,.yml,.json"
            onChange={(e) => void e.target.files?.[0]?.text().then(take)}
          />
        </label>
      </div>
      <Input.TextArea
        aria-label={t({ zh: '政策包内容', en: 'Content of the pack' })}
        placeholder={t({
          zh: '或把内容贴在这里。市级包，或带 over 和 place 的区级规定。',
          en: 'Or paste it here: a city pack, or an overlay with `over` and `place`.',
        })}
        className="mono"
        rows={8}
        value={text}
        spellCheck={false}
        onChange={(e) => take(e.target.value)}
      />
      <Button
        type={whole ? 'default' : 'primary'}
        disabled={text.trim() === ''}
        loading={checked.isPending}
        onClick={() => checked.mutate(text)}
      >
        {t({ zh: '检查', en: 'Check' })}
      </Button>
      {checked.isPending && <Spin />}
      {checked.error && <Failure error={checked.error} />}
      {data && data.faults.length > 0 && (
        <div role="alert">
          <b>{t({ zh: `有 ${data.faults.length} 处错误`, en: `${data.faults.length} faults` })}</b>
          <ul>
            {data.faults.map((f) => (
              <li key={f}>✗ {f}</li>
            ))}
          </ul>
        </div>
      )}
      {whole && (
        <>
          <p>
            ✓ {t({ zh: `${data.cases} 个自带用例全部通过`, en: `All ${data.cases} of its own cases hold` })}
          </p>
          <h3>{t({ zh: '与现行的差异', en: 'Against what is in force' })}</h3>
          <Changes changes={data.changes} />
          {data.preview && <Effect preview={data.preview} />}
          <form
            className="row"
            onSubmit={(e) => {
              e.preventDefault()
              proposed.mutate()
            }}
          >
            <Input
              className="grow"
              aria-label={t({ zh: '为什么要改', en: 'Why the change' })}
              placeholder={t({ zh: '为什么要改', en: 'Why the change' })}
              maxLength={1000}
              value={reason}
              onChange={(e) => setReason(e.target.value)}
            />
            <Button
              type="primary"
              htmlType="submit"
              disabled={reason.trim().length < 2}
              loading={proposed.isPending}
            >
              {t({ zh: '签署提议（第一签）', en: 'Sign the proposal (first of two)' })}
            </Button>
          </form>
          {proposed.error && <Failure error={proposed.error} />}
        </>
      )}
    </section>
  )
}
