import { useQuery } from '@tanstack/react-query'
import { ListEarly } from '#capabilities/screening/lab.contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { useNow } from '../shell/clock.ts'
import { Failure } from '../shell/Say.tsx'
import { OUTCOME_WORDS } from './lab-words.ts'

/** What came here before its site has reported it; it joins by itself, and until then the site can be asked. */
export function Early() {
  const t = useWords()
  const language = useLanguage()
  const now = useNow(30_000)
  const list = useQuery({
    queryKey: [ListEarly.id],
    queryFn: ({ signal }) => call(ListEarly, { signal }),
    refetchInterval: 30_000,
  })
  if (list.error) return <Failure error={list.error} retry={() => void list.refetch()} />
  const { boxes = [], results = [] } = list.data ?? {}
  if (boxes.length + results.length === 0) return null
  return (
    <section className="card" aria-labelledby="early-title">
      <h2 id="early-title">
        {t({ zh: '采样点还没有上报', en: 'Not reported by their site yet' })}
        <span className="muted">
          {' '}
          ·{' '}
          {t({
            zh: `${boxes.length} 箱、${results.length} 管结果`,
            en: `${boxes.length} boxes, results of ${results.length} tubes`,
          })}
        </span>
      </h2>
      <p className="muted">
        {t({
          zh: '采样设备可能没有网络。上报后自动接上，阳性随即追阳；等得太久请联系采样点，并核对条码。',
          en: 'The device at the table may be without network. They join by themselves once reported, and people are called back at once. If it takes long, ask the site and look at the label again.',
        })}
      </p>
      <table className="list small">
        <thead>
          <tr>
            <th>{t({ zh: '条码', en: 'Label' })}</th>
            <th>{t({ zh: '内容', en: 'What' })}</th>
            <th>{t({ zh: '等待自', en: 'Waits since' })}</th>
          </tr>
        </thead>
        <tbody>
          {boxes.map((b) => (
            <tr key={b.code}>
              <td className="mono">{b.code}</td>
              <td>{t({ zh: '箱已签收', en: 'Box, received' })}</td>
              <td className="mono">{when(b.at, now, language)}</td>
            </tr>
          ))}
          {results.map((r) => (
            <tr key={r.tube}>
              <td className="mono">{r.tube}</td>
              <td>
                <span className={`left ${OUTCOME_WORDS[r.outcome].level}`}>
                  {OUTCOME_WORDS[r.outcome].mark} {t(OUTCOME_WORDS[r.outcome])}
                </span>
              </td>
              <td className="mono">{when(r.at, now, language)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
