import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, Input } from 'antd'
import { useState } from 'react'
import {
  GetTube,
  SettleClaim,
  type ClaimOutcome,
  type Custody,
} from '#capabilities/screening/custody.contract.ts'
import { call, clientId } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { useNow } from '../shell/clock.ts'
import { queryClient } from '../shell/query.ts'
import { Failure } from '../shell/Say.tsx'
import { PersonLine } from './PersonLine.tsx'

type Claim = Custody['claims'][number]

const OUTCOMES: Record<ClaimOutcome, { zh: string; en: string }> = {
  same_people: { zh: '同一批人，不必重采', en: 'The same people: no new sample' },
  sample_again: { zh: '另一批人，通知重采', en: 'Other people: call them to sample again' },
}

/** What else was said of a label, with whom, and the answer of whoever finds out. */
export function Claims({ tube, claims }: { tube: string; claims: readonly Claim[] }) {
  const t = useWords()
  const open = claims.some((c) => !c.settled)
  return (
    <section className="card" aria-labelledby="claims-title">
      <h2 id="claims-title" className={open ? 'left amber' : undefined}>
        {open && '▲ '}
        {t({ zh: '同一管码的其他记录', en: 'Other records of the same label' })}
      </h2>
      <p className="muted">
        {t({
          zh: '另一份记录也用了这个管码，内容不同。请与采样人核实：下列人员的样本若不在这支管里，须重新采样。',
          en: 'Another record used this label with other content. Ask whoever sampled: people below whose sample is not in this tube must give another.',
        })}
      </p>
      <ul className="plain">
        {claims.map((c) => (
          <li key={c.id}>
            <OneClaim tube={tube} claim={c} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function OneClaim({ tube, claim }: { tube: string; claim: Claim }) {
  const t = useWords()
  const language = useLanguage()
  const now = useNow(60_000)
  return (
    <>
      <p>
        {when(claim.at, now, language)} · {t({ zh: `${claim.members} 人`, en: `${claim.members} people` })}
      </p>
      {claim.orderId && (
        <p>
          <Link to="/orders/$id" params={{ id: claim.orderId }}>
            {t({ zh: '核实工单', en: 'The order' })}
          </Link>
        </p>
      )}
      <ol className="members">
        {claim.people.map((p) => (
          <li key={p.personId}>
            <PersonLine person={p} />
            {p.inTube && <span className="muted">{t({ zh: '也在这支管里', en: 'in this tube too' })}</span>}
          </li>
        ))}
      </ol>
      {claim.settled && (
        <p className="left green">
          ✓ {t(OUTCOMES[claim.settled.outcome])} · {claim.settled.by} ·{' '}
          {when(claim.settled.at, now, language)} · {claim.settled.reason}
        </p>
      )}
      {claim.maySettle && <Settle tube={tube} claim={claim} />}
    </>
  )
}

function Settle({ tube, claim }: { tube: string; claim: Claim }) {
  const t = useWords()
  const [reason, setReason] = useState('')
  const [id] = useState(clientId)
  const send = useMutation({
    mutationFn: (outcome: ClaimOutcome) =>
      call(SettleClaim, {
        params: { code: tube, id: claim.id },
        body: { id, outcome, reason: reason.trim() },
      }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [GetTube.id, tube] }),
  })
  return (
    <fieldset>
      <legend>{t({ zh: '核实结论', en: 'What was found out' })}</legend>
      <Input
        aria-label={t({ zh: '核实情况', en: 'How it was found out' })}
        placeholder={t({
          zh: '怎么核实的，例：已与采样员电话核对',
          en: 'How, e.g. by telephone with whoever sampled',
        })}
        maxLength={500}
        value={reason}
        onChange={(e) => setReason(e.target.value)}
      />
      <div className="row">
        {(['sample_again', 'same_people'] as const).map((outcome) => (
          <Button
            key={outcome}
            type={outcome === 'sample_again' ? 'primary' : 'default'}
            disabled={reason.trim().length < 2}
            loading={send.isPending && send.variables === outcome}
            onClick={() => send.mutate(outcome)}
          >
            {t(OUTCOMES[outcome])}
          </Button>
        ))}
      </div>
      {send.error && <Failure error={send.error} />}
    </fieldset>
  )
}
