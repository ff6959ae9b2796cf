import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { GetRecall, type Recall } from '#capabilities/screening/results.contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { useNow } from '../shell/clock.ts'
import { useMay } from '../shell/me.ts'
import { Failure } from '../shell/Say.tsx'
import { PersonLine } from './PersonLine.tsx'
import { SelfTest } from './SelfTest.tsx'
import './labs.css'

const WHY: Record<Recall['why'], { zh: string; en: string }> = {
  positive: {
    zh: '所在混管异常：上门单管采样，同住人一起采',
    en: 'The pool is positive: single tubes at home, the household too',
  },
  inconclusive: {
    zh: '结果不能判定：单管采样，同住人一起采',
    en: 'Could not be decided: single tubes, the household too',
  },
  antigen: {
    zh: '抗原自测待复核：上门单管采样，同住人一起采',
    en: 'A self-test to be checked: single tubes at home, the household too',
  },
  invalid: { zh: '样本无效：本人重新采样', en: 'Not valid: the person gives another sample' },
}

/** Whom a recall is about. Asked for by pressing only: each of them is told of the look. */
export function RecallPanel({ orderId }: { orderId: string }) {
  const t = useWords()
  const may = useMay()
  const language = useLanguage()
  const now = useNow(60_000)
  const look = useMutation({ mutationFn: () => call(GetRecall, { params: { id: orderId } }) })
  const recall = look.data
  if (!may('recalls.read')) return null
  return (
    <section className="card">
      <h2>{t({ zh: '追阳：本人和同住人', en: 'Recall: the person and household' })}</h2>
      {!recall && (
        <Button onClick={() => look.mutate()} loading={look.isPending}>
          {t({ zh: '查看是谁（查看会留痕）', en: 'See who it is (looking is recorded)' })}
        </Button>
      )}
      {look.error && <Failure error={look.error} retry={() => look.mutate()} />}
      {recall && (
        <>
          <p>{t(WHY[recall.why])}</p>
          <dl className="facts">
            <dt>{t({ zh: '本人', en: 'Person' })}</dt>
            <dd>
              <PersonLine person={recall.person} /> <Given given={recall.person.given} />
            </dd>
            {recall.why !== 'invalid' && (
              <>
                <dt>{t({ zh: '同住人', en: 'Household' })}</dt>
                <dd>
                  {recall.household.length === 0 && (
                    <span className="muted">
                      {t({ zh: '没有登记的同住人', en: 'Nobody else is registered' })}
                    </span>
                  )}
                  {recall.household.map((p) => (
                    <div key={p.personId}>
                      <PersonLine person={p} /> <Given given={p.given} />
                    </div>
                  ))}
                </dd>
              </>
            )}
            {recall.tube !== null && (
              <>
                <dt>{t({ zh: '采样地点', en: 'Sampled at' })}</dt>
                <dd>
                  {recall.place} · {recall.address}
                </dd>
                <dt>{t({ zh: '所在管', en: 'Tube' })}</dt>
                <dd className="mono">
                  {may('tubes.read') ? (
                    <Link to="/tubes/$code" params={{ code: recall.tube }}>
                      {recall.tube}
                    </Link>
                  ) : (
                    recall.tube
                  )}
                </dd>
              </>
            )}
            {recall.antigenId !== null && (
              <>
                <dt>{t({ zh: '抗原自测', en: 'Self-test' })}</dt>
                <dd>
                  {may('antigen.read') ? (
                    <SelfTest id={recall.antigenId} />
                  ) : (
                    t({ zh: '本人报告', en: 'reported by the person' })
                  )}
                </dd>
              </>
            )}
            <dt>{t({ zh: '单管', en: 'Single tube' })}</dt>
            <dd>
              {recall.answeredAt ? (
                <span className="left green">
                  ✓{' '}
                  {recall.answeredBy && recall.answeredBy in ENDED
                    ? t(ENDED[recall.answeredBy]!)
                    : recall.answeredBy}{' '}
                  · {when(recall.answeredAt, now, language)}
                </span>
              ) : (
                <span className="left amber">
                  ◷ {t({ zh: '尚未采齐', en: 'Not taken of everybody yet' })}
                </span>
              )}
            </dd>
          </dl>
        </>
      )}
    </section>
  )
}

/** What ended a recall where no tube did. */
const ENDED: Record<string, { zh: string; en: string }> = {
  appeal: { zh: '申诉成立', en: 'taken back after an appeal' },
  corrected: { zh: '实验室更正', en: 'the laboratory corrected its result' },
  order: { zh: '工单已由人核实办结', en: 'closed with its order' },
  nobody: { zh: '人员资料已删除', en: 'the person’s data was erased' },
}

function Given({ given }: { given: boolean }) {
  const t = useWords()
  return given ? (
    <span className="left green">✓ {t({ zh: '已采', en: 'taken' })}</span>
  ) : (
    <span className="left amber">◷ {t({ zh: '待采', en: 'to be taken' })}</span>
  )
}
