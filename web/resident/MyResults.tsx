import { link } from '#web/shared/address.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { useCityTime } from '#web/shared/now.ts'
import type { MyAntigen, MyResult } from '#web/shared/routes.ts'
import { when } from '#web/shared/time.ts'
import { keptCards } from './kept-cards.ts'
import {
  ANTIGEN_WORDS,
  dayAndTime,
  hasCard,
  RESULT_WORDS,
  ResultFacts,
  useMyResults,
} from './result-facts.tsx'
import { useSession } from './session.ts'

function Result({ result, newest }: { result: MyResult; newest: boolean }) {
  const t = useWords()
  const words = RESULT_WORDS[result.state]
  return (
    <article className={`card result ${words.level}`}>
      <h2>
        <span aria-hidden="true">{words.mark}</span> {t(words)}
      </h2>
      <ResultFacts result={result} />
      <p>{t(result.next)}</p>
      <div className="row">
        {hasCard(result) && (
          <a className={newest ? 'button' : 'secondary'} {...link(`/my/results/${result.tube}`)}>
            {t({ zh: '出示凭证', en: 'Show my card' })}
          </a>
        )}
        {result.state !== 'negative' && (
          <a className="secondary" href={`tel:${result.call}`}>
            {t({ zh: `拨打 ${result.call}`, en: `Call ${result.call}` })}
          </a>
        )}
      </div>
    </article>
  )
}

function SelfTest({ test }: { test: MyAntigen }) {
  const t = useWords()
  const language = useLanguage()
  const words = ANTIGEN_WORDS[test.state]
  return (
    <article className={`card result ${words.level}`}>
      <h3>
        <span aria-hidden="true">{words.mark}</span> {t(words)}
      </h3>
      <p className="muted">
        {t({ zh: '本人报告', en: 'reported by you' })} · {dayAndTime(test.at, language)}
      </p>
      <p>{t(test.next)}</p>
      {test.state === 'being_checked' && (
        <a className="secondary" href={`tel:${test.call}`}>
          {t({ zh: `拨打 ${test.call}`, en: `Call ${test.call}` })}
        </a>
      )}
    </article>
  )
}

/** What was found of my samples, what to do next and whom to call. */
export function MyResults() {
  const t = useWords()
  const { me, isResident, owner, reachable } = useSession()
  const { items, tests, failed } = useMyResults()
  const { now } = useCityTime(60_000)
  const kept = items === null ? keptCards(owner, reachable) : []
  const latest = items?.findIndex(hasCard) ?? -1
  return (
    <>
      <h1>{t({ zh: '我的检测结果', en: 'My results' })}</h1>
      <p className="muted">
        {t({
          zh: '近期的采样。实验室一上传，这里立刻可见。',
          en: 'Your recent samples. What a laboratory reports shows here at once.',
        })}
      </p>
      {me && !isResident && (
        <p>
          <a className="button" {...link('/sign-in?then=/my/results')}>
            {t({ zh: '登录后查看', en: 'Sign in to see them' })}
          </a>
        </p>
      )}
      {failed && items === null && (
        <p className="bad">
          {t({
            zh: '没有取到，网络恢复后请再打开。',
            en: 'Could not be loaded; open it again when the network is back.',
          })}
        </p>
      )}
      {items?.length === 0 && (
        <p>
          {t({ zh: '还没有采样记录。', en: 'No sample yet. ' })}
          <a {...link('/sites')}>{t({ zh: '看附近采样点', en: 'Sampling sites nearby' })}</a>
        </p>
      )}
      {items?.map((r, i) => (
        <Result key={r.tube} result={r} newest={i === latest} />
      ))}
      {items && (
        <section>
          <h2>{t({ zh: '抗原自测', en: 'Self-tests' })}</h2>
          {tests.length === 0 && (
            <p className="muted">{t({ zh: '还没有报告。', en: 'None reported yet.' })}</p>
          )}
          {tests.map((a) => (
            <SelfTest key={a.id} test={a} />
          ))}
          <a className="secondary" {...link('/my/antigen')}>
            {t({ zh: '报告抗原自测', en: 'Report a self-test' })}
          </a>
        </section>
      )}
      {kept.length > 0 && (
        <section>
          <h2>{t({ zh: '本机存着的凭证', en: 'Cards kept on this phone' })}</h2>
          {kept.map((c) => (
            <a key={c.tube} className="card" {...link(`/my/results/${c.tube}`)}>
              <b>{t(RESULT_WORDS[c.result.state])}</b> · {c.name} ·{' '}
              {t({
                zh: `采样 ${when(c.result.sampledAt, now, 'zh')}`,
                en: `sampled ${when(c.result.sampledAt, now, 'en')}`,
              })}
            </a>
          ))}
        </section>
      )}
    </>
  )
}
