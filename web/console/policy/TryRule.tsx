import { useMutation, useQuery } from '@tanstack/react-query'
import { Button, Input, Select } from 'antd'
import { useState } from 'react'
import { Evaluate, GetInForce } from '#capabilities/policy/packs.contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { PlacePicker } from '../places/PlacePicker.tsx'
import { Failure } from '../shell/Say.tsx'

const EXAMPLE =
  '{\n  "code": "green",\n  "pcr": { "result": "negative", "at": "2022-06-08T06:00:00+08:00" }\n}'

const OUTCOMES = {
  passed: { zh: '✓ 符合', en: '✓ holds' },
  failed: { zh: '✗ 不符合', en: '✗ does not hold' },
  open: { zh: '？ 材料不足', en: '? evidence missing' },
} as const

function read(text: string): { ok: true; value: unknown } | { ok: false } {
  try {
    return { ok: true, value: JSON.parse(text) as unknown }
  } catch {
    return { ok: false }
  }
}

/** A rule set of an instant and a place, tried on a payload; nothing is kept. */
export function TryRule() {
  const t = useWords()
  const language = useLanguage()
  const [at, setAt] = useState('')
  const [place, setPlace] = useState<string>()
  const [set, setSet] = useState<string>()
  const [payload, setPayload] = useState(EXAMPLE)
  // A date and time of the city, as a person types it.
  const instant = at === '' ? undefined : `${at}:00+08:00`
  const inForce = useQuery({
    queryKey: [GetInForce.id, instant, place],
    queryFn: ({ signal }) => call(GetInForce, { query: { at: instant, place }, signal }),
  })
  const judged = useMutation({
    mutationFn: (value: unknown) =>
      call(Evaluate, {
        body: {
          set: set!,
          payload: value as never,
          ...(instant && { at: instant }),
          ...(place && { place }),
        },
      }),
  })
  const sets = [...new Set(inForce.data?.rules.map((r) => r.set) ?? [])]
  const value = read(payload)
  return (
    <section>
      <form
        className="try"
        onSubmit={(e) => {
          e.preventDefault()
          if (set && value.ok) judged.mutate(value.value)
        }}
      >
        <div className="row">
          <label>
            {t({ zh: '何时：', en: 'When: ' })}
            <input type="datetime-local" value={at} onChange={(e) => setAt(e.target.value)} />
          </label>
          <PlacePicker
            label={t({ zh: '何地', en: 'Where' })}
            placeholder={t({ zh: '全市', en: 'Whole city' })}
            value={place}
            onChange={setPlace}
          />
          <Select
            aria-label={t({ zh: '规则', en: 'Rule set' })}
            placeholder={t({ zh: '哪组规则', en: 'Which rules' })}
            className="set"
            value={set ?? null}
            onChange={(v: string) => setSet(v)}
            options={sets.map((s) => ({
              value: s,
              label: `${inForce
                .data!.rules.filter((r) => r.set === s)
                .map((r) => r.title[language])
                .join(language === 'zh' ? '、' : ', ')} (${s})`,
            }))}
          />
        </div>
        {inForce.error && <Failure error={inForce.error} />}
        {inForce.data && (
          <p className="muted">
            {t({ zh: '按 ', en: 'By ' })}
            {inForce.data.title[language]}{' '}
            {inForce.data.overlays.map((o) => `+ ${o.id} ${o.version}`).join(' ')}
          </p>
        )}
        <Input.TextArea
          aria-label={t({ zh: '材料（JSON）', en: 'Payload (JSON)' })}
          className="mono"
          rows={6}
          value={payload}
          spellCheck={false}
          status={value.ok ? '' : 'error'}
          onChange={(e) => setPayload(e.target.value)}
        />
        {!value.ok && <p className="bad">{t({ zh: '不是有效的 JSON', en: 'This is not valid JSON' })}</p>}
        <Button type="primary" htmlType="submit" disabled={!set || !value.ok} loading={judged.isPending}>
          {t({ zh: '试算', en: 'Try it' })}
        </Button>
      </form>
      {judged.error && <Failure error={judged.error} />}
      {judged.data && (
        <output>
          <p>
            <b>{t(OUTCOMES[judged.data.outcome])}</b>{' '}
            <span className="muted">
              {judged.data.pack} {judged.data.version}
            </span>
          </p>
          <ul>
            {judged.data.rules.map((r) => (
              <li key={r.rule}>
                <b>{t(OUTCOMES[r.outcome])}</b> {t(r.said)} <span className="muted">{r.clause}</span>
              </li>
            ))}
          </ul>
        </output>
      )}
    </section>
  )
}
