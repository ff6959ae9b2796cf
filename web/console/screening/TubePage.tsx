import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { Button, Input, Skeleton, type InputRef } from 'antd'
import { useState } from 'react'
import { GetTube, type Custody } from '#capabilities/screening/custody.contract.ts'
import { isLabel } from '#capabilities/screening/label.contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { useNow } from '../shell/clock.ts'
import { useFocusOnce } from '../shell/focus.ts'
import { useMay } from '../shell/me.ts'
import { codeOf, Failure, NotForYou, Nothing } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'
import { Claims } from './Claims.tsx'
import { cleanLabel, CUSTODY_WORDS, TUBE_STATE_WORDS } from './lab-words.ts'
import { Outcome } from './Outcome.tsx'
import { PersonLine } from './PersonLine.tsx'
import './labs.css'

/** One tube by its label: who, when, where, through whose hands. */
export function TubePage() {
  const t = useWords()
  const may = useMay()
  const { code } = useParams({ strict: false })
  useTitle(code ?? t({ zh: '采样管', en: 'Tubes' }))
  if (!may('tubes.read')) return <NotForYou />
  return (
    <>
      <div className="page-head">
        <h1>{t({ zh: '采样管', en: 'Tubes' })}</h1>
        <Find key={code} at={code} />
      </div>
      {code ? (
        <OneTube key={code} code={code} />
      ) : (
        <Nothing title={t({ zh: '扫描或输入管码', en: 'Scan or type the label of a tube' })}>
          {t({
            zh: '可以看到一支管的全程：采样、装箱、运送、签收。每次查看，管中各人都会看到记录。',
            en: 'It shows the whole way of a tube: sampling, box, transport, laboratory. Each look is shown to the people in it.',
          })}
        </Nothing>
      )}
    </>
  )
}

function Find({ at }: { at: string | undefined }) {
  const t = useWords()
  const navigate = useNavigate()
  const input = useFocusOnce<InputRef>(at === undefined)
  const [typed, setTyped] = useState('')
  const code = cleanLabel(typed)
  const fits = isLabel('T', code)
  const isWrong = code.length >= 13 && !fits
  return (
    <search>
      <form
        className="row"
        onSubmit={(e) => {
          e.preventDefault()
          if (fits) void navigate({ to: '/tubes/$code', params: { code } })
        }}
      >
        <Input
          ref={input}
          className="scan mono"
          aria-label={t({ zh: '管码', en: 'Label of the tube' })}
          placeholder="T000000000000"
          maxLength={20}
          autoComplete="off"
          value={typed}
          status={isWrong ? 'error' : ''}
          onChange={(e) => setTyped(e.target.value)}
        />
        <Button type="primary" htmlType="submit" disabled={!fits}>
          {t({ zh: '查看', en: 'Show' })}
        </Button>
        <output>
          {isWrong && (
            <span className="left red">
              ▲ {t({ zh: '管码校验不符，请核对', en: 'The label does not check: look again' })}
            </span>
          )}
        </output>
      </form>
    </search>
  )
}

function OneTube({ code }: { code: string }) {
  const t = useWords()
  const tube = useQuery({
    queryKey: [GetTube.id, code],
    queryFn: ({ signal }) => call(GetTube, { params: { code }, signal }),
    // Each look is told to the people in the tube: none happens by itself.
    staleTime: Infinity,
    gcTime: 0,
    refetchOnReconnect: false,
  })
  if (tube.error)
    return codeOf(tube.error) === 'tube_not_found' || codeOf(tube.error) === 'bad_input' ? (
      <Nothing title={t({ zh: '没有这支管', en: 'There is no such tube' })}>
        {t({
          zh: '管码可能抄错了，也可能还没有上传，或不在您的辖区。',
          en: 'The label may be mistyped, the device not heard of yet, or the tube outside your area.',
        })}
      </Nothing>
    ) : (
      <Failure error={tube.error} retry={() => void tube.refetch()} />
    )
  if (!tube.data) return <Skeleton active={false} paragraph={{ rows: 10 }} />
  return <Whole tube={tube.data} />
}

function Whole({ tube }: { tube: Custody }) {
  const t = useWords()
  const language = useLanguage()
  const now = useNow(60_000)
  return (
    <div className="order-columns">
      <div>
        <section className="card">
          <h2>
            <span className="mono">{tube.code}</span> · {t(TUBE_STATE_WORDS[tube.state])}
          </h2>
          <dl className="facts">
            <dt>{t({ zh: '采样地点', en: 'Sampled at' })}</dt>
            <dd>
              {tube.place} · {tube.address}
            </dd>
            <dt>{t({ zh: '人数', en: 'People' })}</dt>
            <dd>
              {t({
                zh: `${tube.members.length} 人，${tube.kind} 混 1`,
                en: `${tube.members.length} of ${tube.kind}`,
              })}
            </dd>
            <dt>{t({ zh: '箱', en: 'Box' })}</dt>
            <dd className="mono">{tube.box ?? t({ zh: '未装箱', en: 'in none' })}</dd>
            {tube.result && (
              <>
                <dt>{t({ zh: '结果', en: 'Result' })}</dt>
                <dd>
                  <Outcome is={tube.result.outcome} /> · {tube.result.lab} ·{' '}
                  {t({
                    zh: `检测 ${when(tube.result.testedAt, now, 'zh')}，上报 ${when(tube.result.receivedAt, now, 'zh')}`,
                    en: `tested ${when(tube.result.testedAt, now, 'en')}, reported ${when(tube.result.receivedAt, now, 'en')}`,
                  })}
                  {tube.result.correctedAt && (
                    <span className="left amber">
                      {' '}
                      ▲{' '}
                      {t({
                        zh: `${when(tube.result.correctedAt, now, 'zh')} 经两人更正`,
                        en: `corrected by two people ${when(tube.result.correctedAt, now, 'en')}`,
                      })}
                    </span>
                  )}
                </dd>
              </>
            )}
            <dt>{t({ zh: '封管', en: 'Sealed' })}</dt>
            <dd>
              {when(tube.sealedAt, now, language)}
              {tube.clockDoubted && (
                <span className="left amber">
                  {' '}
                  ▲{' '}
                  {t({
                    zh: '设备时间不可信，按上传时间',
                    en: 'The device’s clock was not believed; when it reached us',
                  })}
                </span>
              )}
            </dd>
            <dt>{t({ zh: '上传', en: 'Reached us' })}</dt>
            <dd>{when(tube.receivedAt, now, language)}</dd>
          </dl>
        </section>
        <section className="card">
          <h2>{t({ zh: '流转', en: 'Custody' })}</h2>
          <ol className="timeline">
            {tube.events.toReversed().map((e) => (
              <li key={`${e.kind} ${e.at}`} className={e.kind === 'contested' ? 'event alarm' : 'event'}>
                <time dateTime={e.at}>{when(e.at, now, language)}</time>
                <div>
                  <b>{t(CUSTODY_WORDS[e.kind])}</b> {e.kind !== 'sealed' && <span>{e.by}</span>}
                  {e.lab && <span className="muted"> · {e.lab}</span>}
                  {e.note && <p className="note">{e.note}</p>}
                </div>
              </li>
            ))}
          </ol>
        </section>
      </div>
      <div>
        <section className="card">
          <h2>{t({ zh: '管中各人', en: 'Who is in it' })}</h2>
          <ol className="members">
            {tube.members.map((m) => (
              <li key={m.personId}>
                <PersonLine person={m} />
                {m.alsoIn.length > 0 && (
                  <div className="left amber">
                    ▲ {t({ zh: '前后一天也在', en: 'The day before, of, or after also in' })}{' '}
                    {m.alsoIn.map((other) => (
                      <Link key={other} to="/tubes/$code" params={{ code: other }} className="mono">
                        {other}{' '}
                      </Link>
                    ))}
                  </div>
                )}
              </li>
            ))}
          </ol>
        </section>
        {tube.claims.length > 0 && <Claims tube={tube.code} claims={tube.claims} />}
      </div>
    </div>
  )
}
