import { useMutation } from '@tanstack/react-query'
import { Button, Input, type InputRef } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { isLabel } from '#capabilities/screening/label.contract.ts'
import { GetLabBox, ListLabBoxes } from '#capabilities/screening/lab.contract.ts'
import {
  ListHolds,
  PostResults,
  type Outcome,
  type ResultAnswer,
} from '#capabilities/screening/results.contract.ts'
import { call, clientId } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { useCityClock } from '../shell/clock.ts'
import { queryClient } from '../shell/query.ts'
import { Failure } from '../shell/Say.tsx'
import { cleanLabel, OUTCOMES, OUTCOME_WORDS } from './lab-words.ts'
import { BoxTubes } from './BoxTubes.tsx'
import { Outcome as OutcomeMark } from './Outcome.tsx'

/** One tube of the form; its id is made once, so that sending twice is one result. */
type Row = { id: string; tube: string; outcome: Outcome | null; answer: ResultAnswer | null }
/** What one call takes (PostResults). */
const AT_ONCE = 1_000

const KEY = 'cityloop.lab.rows'

/** What was scanned stays while this tab lives: another view, or a page loaded again, costs nobody fifty tubes. */
function useRows() {
  const [rows, setRows] = useState<Row[]>(() => {
    try {
      return JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as Row[]
    } catch {
      return []
    }
  })
  useEffect(() => {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(rows))
    } catch {
      // No storage: the rows stay on the screen.
    }
  }, [rows])
  return [rows, setRows] as const
}

/** The answer of the city in a word; why, where it did not take it. */
function Answer({ answer }: { answer: ResultAnswer }) {
  const t = useWords()
  const language = useLanguage()
  if (answer.state === 'new') return <span className="left green">✓ {t({ zh: '已收', en: 'Taken' })}</span>
  if (answer.state === 'same')
    return <span className="left green">✓ {t({ zh: '已有相同结果', en: 'Stood already' })}</span>
  if (answer.state === 'held')
    return (
      <span className="left amber">
        ▲ {t({ zh: '与已有结果矛盾，待两人更正', en: 'Contradicts what stands: two people decide' })}
      </span>
    )
  if (answer.state === 'early')
    return (
      <span className="left amber">
        ◷{' '}
        {t({
          zh: '已收下，等采样点上报这支管',
          en: 'Kept until the site has reported the tube',
        })}
      </span>
    )
  return <span className="left red">✕ {language === 'zh' ? answer.titleZh : answer.title}</span>
}

function Choice({ row, onPick }: { row: Row; onPick: (outcome: Outcome) => void }) {
  const t = useWords()
  return (
    <fieldset className="choice">
      <legend className="unseen">{row.tube}</legend>
      {OUTCOMES.map((o, i) => (
        <label key={o} className={row.outcome === o ? `on ${OUTCOME_WORDS[o].level}` : undefined}>
          <input type="radio" name={row.id} checked={row.outcome === o} onChange={() => onPick(o)} />
          <span aria-hidden>{row.outcome === o ? OUTCOME_WORDS[o].mark : i + 1}</span> {t(OUTCOME_WORDS[o])}
        </label>
      ))}
    </fieldset>
  )
}

/** Results by tube: scan, a digit, Enter. Nothing is sent before it is all seen. */
export function ResultsForm({ box }: { box: string | undefined }) {
  const t = useWords()
  const clock = useCityClock()
  const input = useRef<InputRef>(null)
  const [typed, setTyped] = useState('')
  const [wrong, setWrong] = useState<string | null>(null)
  const [rows, setRows] = useRows()
  const add = (tubes: string[]) =>
    setRows((before) => [
      ...before,
      ...tubes
        .filter((tube) => !before.some((r) => r.tube === tube && r.answer === null))
        .map((tube) => ({ id: clientId(), tube, outcome: null, answer: null })),
    ])
  const pick = (id: string, outcome: Outcome) =>
    setRows((before) => before.map((r) => (r.id === id ? { ...r, outcome } : r)))
  const open = rows.filter((r) => r.answer === null)
  const ready = open.filter((r) => r.outcome !== null).slice(0, AT_ONCE)
  const enter = () => {
    const word = cleanLabel(typed)
    const last = open.at(-1)
    const digit = /^[1-4]$/.test(word) ? OUTCOMES[Number(word) - 1] : undefined
    if (word === '') return
    if (digit && last) pick(last.id, digit)
    else if (isLabel('T', word)) add([word])
    else {
      setWrong(word)
      return
    }
    setTyped('')
    setWrong(null)
  }
  const send = useMutation({
    mutationFn: (given: Row[]) =>
      call(PostResults, {
        body: {
          results: given.map(({ id, tube, outcome }) => ({
            id,
            tube,
            outcome: outcome!,
            testedAt: new Date(clock.now()).toISOString(),
          })),
        },
      }),
    onSuccess: ({ results }, given) => {
      const said = new Map(given.map((r, i) => [r.id, results[i]!]))
      setRows((before) => before.map((r) => (said.has(r.id) ? { ...r, answer: said.get(r.id)! } : r)))
      for (const id of [ListLabBoxes.id, GetLabBox.id, ListHolds.id])
        void queryClient.invalidateQueries({ queryKey: [id] })
      input.current?.focus()
    },
  })
  return (
    <section className="card" aria-labelledby="results-title">
      <h2 id="results-title">{t({ zh: '按管报结果', en: 'Results by tube' })}</h2>
      {box && <BoxTubes key={box} box={box} onTake={add} />}
      <form
        onSubmit={(e) => {
          e.preventDefault()
          enter()
        }}
      >
        <label htmlFor="tube-label">
          {t({
            zh: '扫描管码回车，再按 1 阴性 2 阳性 3 可疑 4 无效 回车',
            en: 'Scan a tube, Enter; then 1 negative, 2 positive, 3 inconclusive, 4 invalid, Enter',
          })}
        </label>
        <div className="row">
          <Input
            id="tube-label"
            ref={input}
            className="scan mono"
            value={typed}
            maxLength={20}
            autoComplete="off"
            placeholder="T000000000000"
            status={wrong ? 'error' : ''}
            onChange={(e) => {
              setTyped(e.target.value)
              setWrong(null)
            }}
          />
          <Button htmlType="submit">{t({ zh: '列入', en: 'Add' })}</Button>
        </div>
        <output className="said">
          {wrong && (
            <span className="left red">
              ▲ {t({ zh: `管码校验不符：${wrong}`, en: `The label does not check: ${wrong}` })}
            </span>
          )}
        </output>
      </form>
      {rows.length > 0 && (
        <div className="scroll">
          <table className="list small">
            <thead>
              <tr>
                <th>{t({ zh: '管', en: 'Tube' })}</th>
                <th>{t({ zh: '结果', en: 'Result' })}</th>
                <th>{t({ zh: '答复', en: 'Answer' })}</th>
              </tr>
            </thead>
            <tbody>
              {rows.toReversed().map((r) => (
                <tr key={r.id}>
                  <td className="mono">{r.tube}</td>
                  <td>
                    {r.answer && r.outcome ? (
                      <OutcomeMark is={r.outcome} />
                    ) : (
                      <Choice row={r} onPick={(o) => pick(r.id, o)} />
                    )}
                  </td>
                  <td>
                    {r.answer ? (
                      <Answer answer={r.answer} />
                    ) : (
                      <Button
                        size="small"
                        aria-label={t({ zh: `去掉 ${r.tube}`, en: `Remove ${r.tube}` })}
                        onClick={() => setRows((before) => before.filter((x) => x.id !== r.id))}
                      >
                        {t({ zh: '去掉', en: 'Remove' })}
                      </Button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {send.error && <Failure error={send.error} />}
      <div className="row">
        <Button
          type="primary"
          disabled={ready.length === 0}
          loading={send.isPending}
          onClick={() => send.mutate(ready)}
        >
          {t({
            zh: `上报 ${ready.length} 管`,
            en: `Report ${ready.length} ${ready.length === 1 ? 'tube' : 'tubes'}`,
          })}
        </Button>
        {open.some((r) => r.outcome === null) && (
          <Button
            onClick={() =>
              setRows((before) =>
                before.map((r) =>
                  r.answer === null && r.outcome === null ? { ...r, outcome: 'negative' } : r,
                ),
              )
            }
          >
            {t({ zh: '其余填阴性', en: 'The rest negative' })}
          </Button>
        )}
        {rows.some((r) => r.answer) && (
          <Button onClick={() => setRows(open)}>{t({ zh: '清去已答复的', en: 'Clear the answered' })}</Button>
        )}
        <span className="muted">
          {t({
            zh: '检测时间记上报时刻；须另填时间请用文件。',
            en: 'The time of testing is the moment of reporting; use a file to give another.',
          })}
        </span>
      </div>
    </section>
  )
}
