import { useMutation, type UseQueryResult } from '@tanstack/react-query'
import { Button, Input, Radio, Skeleton } from 'antd'
import { useState } from 'react'
import type { z } from 'zod'
import { DecideHold, ListHolds, ProposeHold, type Hold } from '#capabilities/screening/results.contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { useNow } from '../shell/clock.ts'
import { queryClient } from '../shell/query.ts'
import { Failure, Nothing } from '../shell/Say.tsx'
import { Outcome } from './Outcome.tsx'

const again = () => void queryClient.invalidateQueries({ queryKey: [ListHolds.id] })

function Propose({ hold }: { hold: Hold }) {
  const t = useWords()
  const [proposal, setProposal] = useState<'kept' | 'replaced'>()
  const [reason, setReason] = useState('')
  const send = useMutation({
    mutationFn: () =>
      call(ProposeHold, { params: { id: hold.id }, body: { proposal: proposal!, reason: reason.trim() } }),
    onSuccess: again,
  })
  return (
    <form
      className="hold-form"
      onSubmit={(e) => {
        e.preventDefault()
        send.mutate()
      }}
    >
      <Radio.Group
        aria-label={t({ zh: `${hold.tube} 以哪个为准`, en: `Which stands for ${hold.tube}` })}
        value={proposal}
        onChange={(e) => setProposal(e.target.value as 'kept')}
        options={[
          { value: 'kept', label: t({ zh: '维持已有结果', en: 'What stands is right' }) },
          { value: 'replaced', label: t({ zh: '改为后来的结果', en: 'The later one is right' }) },
        ]}
      />
      <div className="row">
        <Input
          aria-label={t({ zh: '理由', en: 'Reason' })}
          placeholder={t({
            zh: '查到了什么，例：复检原管',
            en: 'What was found, e.g. the tube was tested again',
          })}
          maxLength={500}
          value={reason}
          onChange={(e) => setReason(e.target.value)}
        />
        <Button
          type="primary"
          htmlType="submit"
          disabled={!proposal || reason.trim().length < 2}
          loading={send.isPending}
        >
          {t({ zh: '提出', en: 'Propose' })}
        </Button>
      </div>
      {send.error && <Failure error={send.error} />}
    </form>
  )
}

function OneHold({ hold, now }: { hold: Hold; now: number }) {
  const t = useWords()
  const language = useLanguage()
  const [other, setOther] = useState(false)
  const decide = useMutation({
    mutationFn: (proposal: 'kept' | 'replaced') =>
      call(DecideHold, { params: { id: hold.id }, body: { proposal } }),
    onSuccess: again,
  })
  return (
    <tr>
      <td className="mono">{hold.tube}</td>
      <td>
        <Outcome is={hold.stands} />
      </td>
      <td>
        <Outcome is={hold.said} />
        <div className="muted">{when(hold.at, now, language)}</div>
      </td>
      <td>
        {hold.proposal && (
          <p>
            <b>
              {hold.proposal === 'kept'
                ? t({ zh: '提出：维持已有结果', en: 'Proposed: what stands is right' })
                : t({ zh: '提出：改为后来的结果', en: 'Proposed: the later one is right' })}
            </b>{' '}
            {hold.proposalReason}{' '}
            <span className="muted">{hold.proposedAt && when(hold.proposedAt, now, language)}</span>
          </p>
        )}
        {hold.proposal && !other && (
          <div className="row">
            {hold.mayDecide ? (
              <Button type="primary" loading={decide.isPending} onClick={() => decide.mutate(hold.proposal!)}>
                {t({ zh: '同意，按此更正', en: 'Agree: this stands' })}
              </Button>
            ) : (
              <span className="left amber">
                ◷ {t({ zh: '等另一人同意', en: 'Another person must agree' })}
              </span>
            )}
            <Button onClick={() => setOther(true)}>{t({ zh: '另提意见', en: 'Propose otherwise' })}</Button>
          </div>
        )}
        {(!hold.proposal || other) && <Propose key={hold.proposedAt} hold={hold} />}
        {decide.error && <Failure error={decide.error} />}
      </td>
    </tr>
  )
}

/** Contradictions of this laboratory: the first person proposes which stands and why, another one agrees. */
export function Holds({ holds }: { holds: UseQueryResult<z.infer<typeof ListHolds.response>> }) {
  const t = useWords()
  const now = useNow(30_000)
  if (holds.error) return <Failure error={holds.error} retry={() => void holds.refetch()} />
  if (!holds.data) return <Skeleton active={false} paragraph={{ rows: 6 }} />
  if (holds.data.items.length === 0)
    return (
      <Nothing title={t({ zh: '没有矛盾的结果', en: 'No contradictions' })}>
        {t({
          zh: '同一管报出不同结果时，先按已有的办，后来的留在这里由两人更正。',
          en: 'When a tube is reported otherwise than before, what stands stays, and the other waits here for two people.',
        })}
      </Nothing>
    )
  return (
    <table className="list">
      <caption>
        {t({
          zh: '一人提出并写明理由，另一人同意后才更正；更正为阳性时随即追阳，已发凭证作废。',
          en: 'One person proposes with a reason, another agrees; only then it is corrected. A positive calls its people back at once, and cards are revoked.',
        })}
      </caption>
      <thead>
        <tr>
          <th>{t({ zh: '管', en: 'Tube' })}</th>
          <th>{t({ zh: '已有结果', en: 'Stands' })}</th>
          <th>{t({ zh: '后来报的', en: 'Said later' })}</th>
          <th className="c-wide">{t({ zh: '更正', en: 'Correction' })}</th>
        </tr>
      </thead>
      <tbody>
        {holds.data.items.map((h) => (
          <OneHold key={h.id} hold={h} now={now} />
        ))}
      </tbody>
    </table>
  )
}
