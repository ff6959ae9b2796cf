import { useCallback, useEffect, useState } from 'react'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords, type Language } from '#web/shared/language.ts'
import { ListMyResults, type MyAntigen, type MyResult } from '#web/shared/routes.ts'
import { when } from '#web/shared/time.ts'
import { keepOnly } from './kept-cards.ts'
import { useSession } from './session.ts'

/** A shape and a word with every colour. */
export const RESULT_WORDS = {
  waiting: { mark: '◷', level: 'grey', zh: '等待结果', en: 'Waiting' },
  negative: { mark: '●', level: 'green', zh: '阴性，未检出', en: 'Negative, not detected' },
  being_checked: { mark: '▲', level: 'amber', zh: '正在复核', en: 'Being checked again' },
  again: { mark: '↻', level: 'amber', zh: '请重新采样', en: 'Please give another sample' },
  told: { mark: '☎', level: 'amber', zh: '疾控已电话告知', en: 'The centre has told you' },
  positive: { mark: '■', level: 'red', zh: '检出', en: 'Detected' },
} as const satisfies Record<MyResult['state'], { mark: string; level: string; zh: string; en: string }>

/** A self-test is the person's own word: never more than that. */
export const ANTIGEN_WORDS = {
  negative: { mark: '○', level: 'green', zh: '自测：一条杠', en: 'Self-test: one line' },
  being_checked: { mark: '▲', level: 'amber', zh: '自测：待单管复核', en: 'Self-test: to be checked' },
  again: { mark: '↻', level: 'amber', zh: '自测：无效，请重测', en: 'Self-test: not valid, please repeat' },
} as const satisfies Record<MyAntigen['state'], { mark: string; level: string; zh: string; en: string }>

export const hasCard = (r: MyResult) => r.state === 'negative' || r.state === 'told' || r.state === 'positive'

/** 06-09 14:05 with the day always: a result is shown to people on another day. */
export const dayAndTime = (iso: string, language: Language) => when(iso, 0, language)

export function ResultFacts({ result }: { result: MyResult }) {
  const t = useWords()
  const language = useLanguage()
  return (
    <dl>
      <dt>{t({ zh: '采样', en: 'Sampled' })}</dt>
      <dd>
        {dayAndTime(result.sampledAt, language)} ·{' '}
        {result.pooled ? t({ zh: '混管', en: 'pooled' }) : t({ zh: '单管', en: 'single tube' })}
      </dd>
      {result.testedAt && (
        <>
          <dt>{t({ zh: '检测', en: 'Tested' })}</dt>
          <dd>
            {dayAndTime(result.testedAt, language)}
            {result.lab && <span className="muted"> · {result.lab}</span>}
          </dd>
        </>
      )}
    </dl>
  )
}

/** My results of the days that the pack shows, newest first; asked for again when the page is looked at. */
export function useMyResults(): {
  items: MyResult[] | null
  tests: MyAntigen[]
  failed: boolean
} {
  const { owner, onChange } = useSession()
  const [items, setItems] = useState<MyResult[] | null>(null)
  const [tests, setTests] = useState<MyAntigen[]>([])
  const [failed, setFailed] = useState(false)
  const load = useCallback(() => {
    if (owner === null) return
    call(ListMyResults)
      .then((a) => {
        setItems(a.items)
        setTests(a.antigen)
        setFailed(false)
        keepOnly(
          owner,
          a.items.filter(hasCard).map((r) => r.tube),
        )
      })
      .catch(() => setFailed(true))
  }, [owner])
  useEffect(() => {
    load()
    const shown = () => document.visibilityState === 'visible' && load()
    document.addEventListener('visibilitychange', shown)
    const stop = onChange(load)
    return () => {
      stop()
      document.removeEventListener('visibilitychange', shown)
    }
  }, [load, onChange])
  return { items: owner === null ? null : items, tests: owner === null ? [] : tests, failed }
}
