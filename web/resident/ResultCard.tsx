import { useEffect, useState } from 'react'
import { go, link } from '#web/shared/address.ts'
import { ApiError, call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { GetMyCard, ListMyResults } from '#web/shared/routes.ts'
import { useAwake } from './awake.ts'
import { forgetCard, keepCard, keptCards, type KeptCard } from './kept-cards.ts'
import { dayAndTime, RESULT_WORDS, ResultFacts } from './result-facts.tsx'
import { useSession } from './session.ts'

/** One result as a code that a stranger can verify: as wide as the phone, and there without network once shown. */
export function ResultCard({ tube }: { tube: string }) {
  const t = useWords()
  const language = useLanguage()
  const { me, owner, isResident, reachable } = useSession()
  const [fresh, setFresh] = useState<KeptCard | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const name = me?.name ?? ''
  useEffect(() => {
    if (owner === null) return
    const load = async () => {
      const [{ items }, card] = await Promise.all([
        call(ListMyResults),
        call(GetMyCard, { params: { tube } }),
      ])
      const result = items.find((r) => r.tube === tube)
      if (!result) return
      const shown = { tube, name, result, card: { svg: card.svg, issuedAt: card.issuedAt } }
      keepCard(owner, shown)
      setFresh(shown)
    }
    load().catch((error: unknown) => {
      if (!(error instanceof ApiError)) return
      // Corrected meanwhile: what was kept of it is no longer true.
      if (error.problem.status < 500 && error.problem.status !== 429) forgetCard(tube)
      setProblem(error.problem[language === 'zh' ? 'titleZh' : 'title'])
    })
  }, [tube, owner, name, language])
  const shown =
    fresh ?? (problem === null ? keptCards(owner, reachable).find((c) => c.tube === tube) : undefined)
  return (
    <>
      <p>
        <a className="more" {...link('/my/results')}>
          ← {t({ zh: '我的检测结果', en: 'My results' })}
        </a>
      </p>
      {me && !isResident && !shown && (
        <p>
          <a className="button" {...link(`/sign-in?then=/my/results/${tube}`)}>
            {t({ zh: '登录后出示', en: 'Sign in to show it' })}
          </a>
        </p>
      )}
      {problem && (
        <p className="bad" role="alert">
          {problem}
        </p>
      )}
      {!shown && !problem && !reachable && (
        <p className="bad">
          {t({
            zh: '这张凭证还没有存到本机，连上网后再打开。',
            en: 'This card is not kept on this phone yet; open it again with a network.',
          })}
        </p>
      )}
      {shown && <Shown kept={shown} offline={fresh === null} />}
    </>
  )
}

function Shown({ kept, offline }: { kept: KeptCard; offline: boolean }) {
  const t = useWords()
  const language = useLanguage()
  const { result, card } = kept
  const words = RESULT_WORDS[result.state]
  useAwake()
  return (
    <article className="carry" aria-labelledby="carry-title">
      <h1 id="carry-title" className={words.level}>
        <span aria-hidden="true">{words.mark}</span> {t(words)}
      </h1>
      <p className="carry-name" lang="zh-CN">
        {kept.name}
      </p>
      <img
        className="code"
        src={`data:image/svg+xml,${encodeURIComponent(card.svg)}`}
        alt={t({ zh: '可验真的检测结果二维码', en: 'Code of the result, which can be verified' })}
      />
      <p className="muted">
        {t({
          zh: '扫不出来时，请把屏幕亮度调到最高。',
          en: 'If it does not scan, turn the brightness of the screen all the way up.',
        })}
      </p>
      <ResultFacts result={result} />
      <details>
        <summary>{t({ zh: '怎样验真', en: 'How it is verified' })}</summary>
        <p>
          {t({
            zh: '这是 SMART Health Card，带有本城签名。用任意支持它的扫码程序扫一下，以扫出的姓名、日期和结果为准；结果被更正后，这张凭证会作废。',
            en: 'This is a SMART Health Card, signed by the city. Any program that reads these can scan it; the name, day and result that it reads are what counts. If the result is corrected, this card is revoked.',
          })}
        </p>
        <p className="muted">
          {t({ zh: '签发', en: 'Issued' })} {dayAndTime(card.issuedAt, language)} · {result.tube}
        </p>
      </details>
      <p className="muted">
        {offline
          ? t({
              zh: '现在显示的是存在本机的凭证。',
              en: 'What is shown now is kept on this phone.',
            })
          : t({
              zh: '已存在本机，没有网络也能打开；退出登录时删除。',
              en: 'Kept on this phone and shown without network too; removed when you sign out.',
            })}
      </p>
      <button
        type="button"
        className="secondary"
        onClick={() => {
          forgetCard(kept.tube)
          go('/my/results', { replace: true })
        }}
      >
        {t({ zh: '从本机删除', en: 'Remove from this phone' })}
      </button>
    </article>
  )
}
