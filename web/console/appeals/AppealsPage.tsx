import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Button, Input, Radio, Segmented, Spin } from 'antd'
import { useState } from 'react'
import { AnswerAppeal, GetAppeal, ListAppeals, type Appeal } from '#capabilities/appeals/contract.ts'
import { call, clientId } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { remaining, when } from '#web/shared/time.ts'
import { ElementPicker } from '../policy/elements.tsx'
import { useNow } from '../shell/clock.ts'
import { useOnNotes } from '../shell/live.tsx'
import { useMay } from '../shell/me.ts'
import { queryClient } from '../shell/query.ts'
import { Failure, NotForYou, Nothing } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'
import '../policy/policy.css'

const route = getRouteApi('/appeals')

type Change = { urgent: boolean; element: string | undefined }

/** What may be decided otherwise depends on the kind: a reading of a text changes urgency and matter, a rule its outcome. */
function Otherwise({
  appeal,
  value,
  onChange,
}: {
  appeal: Appeal
  value: unknown
  onChange: (v: unknown) => void
}) {
  const t = useWords()
  if (appeal.decision.kind === 'requests.understanding') {
    const now = (value ?? appeal.decision.outcome) as Change
    const change = (more: Partial<Change>) => onChange({ urgent: now.urgent, element: now.element, ...more })
    return (
      <div className="row">
        <Radio.Group
          aria-label={t({ zh: '紧急程度', en: 'Urgency' })}
          value={now.urgent}
          onChange={(e) => change({ urgent: e.target.value as boolean })}
          options={[
            { value: true, label: t({ zh: '按急难办理', en: 'Handle as urgent' }) },
            { value: false, label: t({ zh: '按一般办理', en: 'Handle in the ordinary way' }) },
          ]}
        />
        <ElementPicker
          label={t({ zh: '事项', en: 'Matter' })}
          value={now.element ?? undefined}
          onChange={(element) => change({ element })}
        />
      </div>
    )
  }
  return (
    <Radio.Group
      aria-label={t({ zh: '改为', en: 'Instead' })}
      value={value}
      onChange={(e) => onChange(e.target.value as unknown)}
      options={[
        { value: 'passed', label: t({ zh: '符合', en: 'It holds' }) },
        { value: 'failed', label: t({ zh: '不符合', en: 'It does not hold' }) },
      ]}
    />
  )
}

function AnswerForm({ appeal }: { appeal: Appeal }) {
  const t = useWords()
  const [answer, setAnswer] = useState<'changed' | 'confirmed'>()
  const [outcome, setOutcome] = useState<unknown>()
  const [reasons, setReasons] = useState('')
  const [id] = useState(clientId)
  const given = useMutation({
    mutationFn: () =>
      call(AnswerAppeal, {
        params: { id: appeal.id },
        body: {
          id,
          answer: answer!,
          reasons: reasons.trim(),
          ...(answer === 'changed' && { outcome: (outcome ?? {}) as never }),
        },
      }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: [ListAppeals.id] })
      void queryClient.invalidateQueries({ queryKey: [GetAppeal.id, appeal.id] })
    },
  })
  if (!appeal.mayAnswer)
    return (
      <p className="muted">
        {t({
          zh: '这项决定由您作出，须由另一人复核。',
          en: 'You made this decision; another person must look at it.',
        })}
      </p>
    )
  return (
    <form
      className="try"
      onSubmit={(e) => {
        e.preventDefault()
        given.mutate()
      }}
    >
      <h3>{t({ zh: '答复', en: 'Answer' })}</h3>
      <Radio.Group
        value={answer}
        onChange={(e) => setAnswer(e.target.value as 'changed')}
        options={[
          { value: 'changed', label: t({ zh: '申诉成立，改变决定', en: 'The appeal is right: change it' }) },
          { value: 'confirmed', label: t({ zh: '维持原决定', en: 'The decision stands' }) },
        ]}
      />
      {answer === 'changed' && <Otherwise appeal={appeal} value={outcome} onChange={setOutcome} />}
      <Input.TextArea
        aria-label={t({ zh: '理由（本人会看到）', en: 'Reasons (the person reads them)' })}
        placeholder={t({
          zh: '查到了什么，依据什么。本人会看到这段话。',
          en: 'What was found, and by which clause. The person reads this.',
        })}
        rows={3}
        maxLength={2000}
        value={reasons}
        onChange={(e) => setReasons(e.target.value)}
      />
      <Button
        type="primary"
        htmlType="submit"
        disabled={!answer || reasons.trim().length < 2 || (answer === 'changed' && outcome === undefined)}
        loading={given.isPending}
      >
        {t({ zh: '答复本人', en: 'Answer the person' })}
      </Button>
      {given.error && <Failure error={given.error} />}
    </form>
  )
}

function One({ id }: { id: string }) {
  const t = useWords()
  const language = useLanguage()
  const now = useNow(30_000)
  const got = useQuery({
    queryKey: [GetAppeal.id, id],
    queryFn: ({ signal }) => call(GetAppeal, { params: { id }, signal }),
  })
  if (got.error) return <Failure error={got.error} retry={() => void got.refetch()} />
  if (!got.data) return <Spin />
  const appeal = got.data
  const { decision: d } = appeal
  return (
    <section className="card one">
      <h2>
        {t(d.name)} <span className="muted">{appeal.number}</span>
      </h2>
      <dl className="appeal-facts">
        <dt>{t({ zh: '本人说', en: 'The person says' })}</dt>
        <dd lang="zh-CN">
          <b>{appeal.text}</b>
        </dd>
        <dt>{t({ zh: '当时的决定', en: 'What was decided' })}</dt>
        <dd>{t(d.sentence)}</dd>
        <dt>{t({ zh: '依据', en: 'By' })}</dt>
        <dd>
          {d.pack.id} {d.pack.version} · {d.clause} · {when(d.at, now, language)}
        </dd>
        <dt>{t({ zh: '地点', en: 'Place' })}</dt>
        <dd>{appeal.place}</dd>
      </dl>
      {appeal.answer ? (
        <p>
          <b>
            {appeal.answer.answer === 'changed'
              ? t({ zh: '✓ 已改变', en: '✓ Changed' })
              : t({ zh: '已维持', en: 'Confirmed' })}
          </b>{' '}
          {appeal.answer.reasons} <span className="muted">{when(appeal.answer.at, now, language)}</span>
        </p>
      ) : (
        <AnswerForm appeal={appeal} />
      )}
    </section>
  )
}

/** Appeals by remaining time, and the one that is open with its decision beside what the person says. */
export function AppealsPage() {
  const t = useWords()
  const language = useLanguage()
  const may = useMay()
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/appeals' })
  const now = useNow(30_000)
  useTitle(t({ zh: '申诉复核', en: 'Appeals' }))
  const mayAnswer = may('appeals.answer')
  const answered = search.answered ?? 'no'
  const list = useQuery({
    queryKey: [ListAppeals.id, answered],
    queryFn: ({ signal }) => call(ListAppeals, { query: { answered }, signal }),
    enabled: mayAnswer,
  })
  useOnNotes(
    (note) => note.topic === 'order',
    () => void list.refetch(),
  )
  if (!mayAnswer) return <NotForYou />
  const items = list.data?.items ?? []
  const id = search.id ?? items[0]?.id
  return (
    <>
      <div className="page-head">
        <h1>{t({ zh: '申诉复核', en: 'Appeals' })}</h1>
        <Segmented
          aria-label={t({ zh: '哪些', en: 'Which' })}
          value={answered}
          onChange={(v) => void navigate({ search: v === 'yes' ? { answered: 'yes' } : {} })}
          options={[
            { value: 'no', label: t({ zh: '待答复', en: 'To answer' }) },
            { value: 'yes', label: t({ zh: '已答复', en: 'Answered' }) },
          ]}
        />
      </div>
      {list.error && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.data && items.length === 0 && (
        <Nothing title={t({ zh: '没有申诉', en: 'No appeals' })}>
          {t({
            zh: '居民在“为什么这样定”页面提出的申诉会出现在这里。',
            en: 'What residents file on their "Why" page appears here.',
          })}
        </Nothing>
      )}
      {items.length > 0 && id && (
        <div className="policy">
          <ol className="packs">
            {items.map((a) => {
              const left = a.dueAt ? remaining(a.dueAt, now, language) : null
              return (
                <li key={a.id}>
                  <button
                    type="button"
                    className="pack"
                    aria-current={a.id === id}
                    onClick={() => void navigate({ search: (s) => ({ ...s, id: a.id }) })}
                  >
                    <b>{a.kind}</b>
                    <span>{a.place}</span>
                    <span className={left?.level ?? 'muted'}>
                      {a.dueAt && left
                        ? `${when(a.dueAt, now, language)} · ${left.text}`
                        : when(a.filedAt, now, language)}
                    </span>
                  </button>
                </li>
              )
            })}
          </ol>
          <One key={id} id={id} />
        </div>
      )}
    </>
  )
}
