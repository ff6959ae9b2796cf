import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, Input, Radio } from 'antd'
import { useState } from 'react'
import { GetFinding, RecordFinding, TellFinding } from '#capabilities/screening/results.contract.ts'
import { call, clientId } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { useNow } from '../shell/clock.ts'
import { useMay } from '../shell/me.ts'
import { Failure } from '../shell/Say.tsx'
import { PersonLine } from './PersonLine.tsx'
import './labs.css'

const WORDS = {
  confirmed: { zh: '确诊', en: 'Confirmed case' },
  asymptomatic: { zh: '无症状感染者', en: 'Infected without symptoms' },
  negative: { zh: '排除', en: 'Not infected' },
} as const
type Found = keyof typeof WORDS

/** The centre's confirmation of a positive single tube: what it says is the answer, and is said once. */
export function FindingPanel({ orderId, reload }: { orderId: string; reload: () => Promise<unknown> }) {
  const t = useWords()
  const may = useMay()
  const language = useLanguage()
  const now = useNow(60_000)
  const [outcome, setOutcome] = useState<Found>()
  const [note, setNote] = useState('')
  const [sure, setSure] = useState(false)
  const [id] = useState(clientId)
  const [toldId] = useState(clientId)
  // A mutation, not a query: the person is told of each look.
  const look = useMutation({ mutationFn: () => call(GetFinding, { params: { id: orderId } }) })
  const record = useMutation({
    mutationFn: () =>
      call(RecordFinding, { params: { id: orderId }, body: { id, outcome: outcome!, note: note.trim() } }),
    onSuccess: () => void reload(),
  })
  const tell = useMutation({
    mutationFn: () => call(TellFinding, { params: { id: orderId }, body: { id: toldId } }),
    onSuccess: () => void reload(),
  })
  const finding = look.data
  const found = tell.data ?? record.data ?? (finding?.outcome ? finding : undefined)
  if (!may('findings.record')) return null
  return (
    <section className="card">
      <h2>{t({ zh: '疾控复核', en: 'Confirmation by the centre' })}</h2>
      {!finding && (
        <Button onClick={() => look.mutate()} loading={look.isPending}>
          {t({
            zh: '查看是谁、登记结论（查看会留痕）',
            en: 'See who it is and record (looking is recorded)',
          })}
        </Button>
      )}
      {look.error && <Failure error={look.error} retry={() => look.mutate()} />}
      {finding && (
        <dl className="facts">
          <dt>{t({ zh: '本人', en: 'Person' })}</dt>
          <dd>
            <PersonLine person={finding.person} />
          </dd>
          <dt>{t({ zh: '单管', en: 'Single tube' })}</dt>
          <dd className="mono">
            <Link to="/tubes/$code" params={{ code: finding.tube }}>
              {finding.tube}
            </Link>
          </dd>
          {found?.outcome && (
            <>
              <dt>{t({ zh: '结论', en: 'Found' })}</dt>
              <dd>
                <b>{t(WORDS[found.outcome])}</b>
                {found.foundAt && <span className="muted"> · {when(found.foundAt, now, language)}</span>}
              </dd>
            </>
          )}
        </dl>
      )}
      {finding && !found && (
        <form
          className="action-form"
          onSubmit={(e) => {
            e.preventDefault()
            if (sure) record.mutate()
            else setSure(true)
          }}
        >
          <Radio.Group
            aria-label={t({ zh: '复核结论', en: 'What was found' })}
            value={outcome}
            onChange={(e) => {
              setOutcome(e.target.value as Found)
              setSure(false)
            }}
            options={(Object.keys(WORDS) as Found[]).map((value) => ({ value, label: t(WORDS[value]) }))}
          />
          <Input.TextArea
            aria-label={t({ zh: '依据', en: 'On what grounds' })}
            placeholder={t({
              zh: '复核依据，例：双试剂复检、临床所见',
              en: 'The grounds, e.g. tested again with two reagents, clinical picture',
            })}
            rows={2}
            maxLength={1000}
            value={note}
            onChange={(e) => setNote(e.target.value)}
          />
          {sure && outcome && (
            <p className="left amber">
              ▲{' '}
              {t({
                zh: `登记为“${WORDS[outcome].zh}”后不能更改，并立即生效。再按一次确认。`,
                en: `“${WORDS[outcome].en}” does not change once recorded and takes effect at once. Press again to confirm.`,
              })}
            </p>
          )}
          <div className="row">
            <Button
              type="primary"
              htmlType="submit"
              danger={sure}
              disabled={!outcome || note.trim().length < 2}
              loading={record.isPending}
            >
              {sure
                ? t({ zh: '确认登记', en: 'Record it' })
                : t({ zh: '登记结论', en: 'Record what was found' })}
            </Button>
            {sure && <Button onClick={() => setSure(false)}>{t({ zh: '返回', en: 'Back' })}</Button>}
          </div>
        </form>
      )}
      {record.error && <Failure error={record.error} />}
      {found &&
        (found.toldAt ? (
          <p className="left green">
            ✓ {t({ zh: '已电话告知本人', en: 'The person was told by telephone' })} ·{' '}
            {when(found.toldAt, now, language)}
          </p>
        ) : (
          <>
            <p className="muted">
              {t({
                zh: '先电话告知本人；登记后，本人页面才显示“疾控已告知”，并可出示凭证。',
                en: 'Telephone the person first. Only after this their page says that the centre has told them, and they can show a card.',
              })}
            </p>
            <Button onClick={() => tell.mutate()} loading={tell.isPending}>
              {t({ zh: '已电话告知本人', en: 'I told the person by telephone' })}
            </Button>
          </>
        ))}
      {tell.error && <Failure error={tell.error} />}
    </section>
  )
}
