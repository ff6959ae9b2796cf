import { useCallback, useEffect, useState } from 'react'
import { link } from '#web/shared/address.ts'
import { ApiError, call, clientId } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { useCityTime } from '#web/shared/now.ts'
import {
  FileAppeal,
  ListMyAppeals,
  ListMyDecisions,
  type Decision,
  type MyAppeal,
} from '#web/shared/routes.ts'
import { remaining, when } from '#web/shared/time.ts'
import { useSession } from './session.ts'

/** Two taps: open the box, send it. What was written stays until the city has it. */
function AppealForm({ decision, onFiled }: { decision: Decision; onFiled: () => void }) {
  const t = useWords()
  const language = useLanguage()
  const [open, setOpen] = useState(false)
  const [text, setText] = useState('')
  const [id] = useState(clientId)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const send = () => {
    setBusy(true)
    call(FileAppeal, { body: { id, decisionId: decision.id, text: text.trim() } })
      .then(onFiled)
      .catch((error: unknown) =>
        setProblem(
          error instanceof ApiError
            ? error.problem[language === 'zh' ? 'titleZh' : 'title']
            : t({ zh: '没有送出，请再试一次。', en: 'Not sent; please try again.' }),
        ),
      )
      .finally(() => setBusy(false))
  }
  if (!open)
    return (
      <button type="button" className="secondary" onClick={() => setOpen(true)}>
        {t({ zh: '不同意？申诉', en: 'Not right? Appeal' })}
      </button>
    )
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault()
        send()
      }}
    >
      <label htmlFor={`appeal-${decision.id}`}>
        {t({ zh: '哪里不对？请写下事实。', en: 'What is wrong? Write down the facts.' })}
      </label>
      <textarea
        id={`appeal-${decision.id}`}
        rows={3}
        maxLength={2000}
        value={text}
        onChange={(e) => setText(e.target.value)}
      />
      {problem && (
        <p className="bad" role="alert">
          {problem}
        </p>
      )}
      <div className="row">
        <button type="submit" className="primary" disabled={busy || text.trim().length < 2}>
          {busy ? t({ zh: '正在送出……', en: 'Sending …' }) : t({ zh: '送出申诉', en: 'Send the appeal' })}
        </button>
        <button type="button" className="plain" onClick={() => setOpen(false)}>
          {t({ zh: '不申诉了', en: 'Not now' })}
        </button>
      </div>
      <p className="muted">
        {t({
          zh: '由没有参与这项决定的人复核，并书面说明理由。申诉不会让您的事情变慢。',
          en: 'Somebody who had no part in the decision looks at it and answers with reasons. An appeal does not slow your matter down.',
        })}
      </p>
    </form>
  )
}

function AppealState({ appeal, now }: { appeal: MyAppeal; now: number }) {
  const t = useWords()
  const language = useLanguage()
  if (!appeal.answer) {
    const left = appeal.dueAt ? remaining(appeal.dueAt, now, language) : null
    return (
      <p className="appeal">
        <b>{t({ zh: '申诉办理中', en: 'Your appeal is being handled' })}</b>{' '}
        <span className="muted">
          {t({ zh: '编号', en: 'No.' })} {appeal.number}
        </span>
        {appeal.dueAt && (
          <span className={left?.level}>
            {' '}
            · {t({ zh: '承诺', en: 'promised by' })} {when(appeal.dueAt, now, language)}{' '}
            {t({ zh: '前答复', en: '' })} · <strong>{left?.text}</strong>
          </span>
        )}
      </p>
    )
  }
  return (
    <div className="appeal">
      <b>
        {appeal.answer.answer === 'changed'
          ? t({ zh: '✓ 申诉成立，决定已改变', en: '✓ Your appeal was right; the decision was changed' })
          : t({ zh: '申诉答复：维持原决定', en: 'Answer: the decision stands' })}
      </b>
      <p lang="zh-CN">{appeal.answer.reasons}</p>
      <time className="muted" dateTime={appeal.answer.at}>
        {when(appeal.answer.at, now, language)}
      </time>
    </div>
  )
}

type Shown = { decision: Decision; appeals: MyAppeal[]; replaced: boolean }

function DecisionCard({ shown, now, reload }: { shown: Shown; now: number; reload: () => void }) {
  const t = useWords()
  const language = useLanguage()
  const { decision: d, appeals, replaced } = shown
  const waiting = appeals.some((a) => !a.answer)
  return (
    <li className="card">
      <h2>{t(d.name)}</h2>
      {replaced && (
        <p className="muted">
          {t({ zh: '这项决定已被新的决定代替。', en: 'Another decision stands instead of this one.' })}
        </p>
      )}
      <p>{t(d.sentence)}</p>
      <dl>
        <dt>{t({ zh: '依据', en: 'By' })}</dt>
        <dd>
          {d.pack.id} {d.pack.version} · {d.clause}
        </dd>
        <dt>{t({ zh: '谁定的', en: 'Who decided' })}</dt>
        <dd>
          {d.issuer.startsWith('person ')
            ? t({ zh: '工作人员复核', en: 'A person, after review' })
            : t({ zh: '系统按规则', en: 'The system, by rule' })}
        </dd>
        <dt>{t({ zh: '时间', en: 'When' })}</dt>
        <dd>{when(d.at, now, language)}</dd>
        {d.restricts && (
          <>
            <dt>{t({ zh: '法律依据', en: 'Legal basis' })}</dt>
            <dd>{d.legalBasis}</dd>
            <dt>{t({ zh: '到期', en: 'Ends' })}</dt>
            <dd>{d.validUntil && when(d.validUntil, now, language)}</dd>
          </>
        )}
      </dl>
      {d.kind === 'requests.understanding' && (
        <a {...link(`/my/${d.subjectId}`)}>{t({ zh: '这条诉求的进度', en: 'Progress of this request' })}</a>
      )}
      {appeals.map((a) => (
        <AppealState key={a.id} appeal={a} now={now} />
      ))}
      {!waiting && !replaced && <AppealForm decision={d} onFiled={reload} />}
    </li>
  )
}

/** Why: every decision about me, with evidence, clause, issuer and end; each can be appealed against in two taps. */
export function Decisions() {
  const t = useWords()
  const { me, isResident, onChange } = useSession()
  const { now } = useCityTime(15_000)
  const [shown, setShown] = useState<Shown[] | null>(null)
  const [failed, setFailed] = useState(false)
  const load = useCallback(() => {
    Promise.all([call(ListMyDecisions), call(ListMyAppeals)])
      .then(([decisions, appeals]) => {
        const gone = new Set(decisions.items.map((d) => d.insteadOf))
        setShown(
          decisions.items.map((decision) => ({
            decision,
            appeals: appeals.items.filter((a) => a.decision.id === decision.id),
            replaced: gone.has(decision.id),
          })),
        )
        setFailed(false)
      })
      .catch(() => setFailed(true))
  }, [])
  useEffect(() => {
    if (!isResident) return undefined
    load()
    return onChange(load)
  }, [isResident, load, onChange])
  return (
    <>
      <h1>{t({ zh: '为什么这样定，怎么申诉', en: 'Why, and how to appeal' })}</h1>
      <p className="muted">
        {t({
          zh: '关于您的每项决定都写明依据、条款、时间和由谁作出。认为不对，两下就能申诉。',
          en: 'Each decision about you says its grounds, clause, time and who made it. If it is not right, two taps appeal against it.',
        })}
      </p>
      {me && !isResident && (
        <a className="button" {...link('/sign-in?then=/my/decisions')}>
          {t({ zh: '登录后查看', en: 'Sign in to see it' })}
        </a>
      )}
      {failed && (
        <p className="bad" role="alert">
          {t({ zh: '没有取到。', en: 'Could not be loaded. ' })}
          <button type="button" className="plain" onClick={load}>
            {t({ zh: '再试一次', en: 'Try again' })}
          </button>
        </p>
      )}
      {shown?.length === 0 && (
        <p>{t({ zh: '还没有关于您的决定。', en: 'Nothing has been decided about you yet.' })}</p>
      )}
      {shown && shown.length > 0 && (
        <ul className="looks">
          {shown.map((s) => (
            <DecisionCard key={s.decision.id} shown={s} now={now} reload={load} />
          ))}
        </ul>
      )}
    </>
  )
}
