import { useState } from 'react'
import { go } from '#web/shared/address.ts'
import { ApiError, call, clientId } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { GetRecall, type Me, type OrderRow, type Recall as Called } from '#web/shared/routes.ts'
import { DEVICE_SAYS } from './advice.ts'
import type { Field } from './field.ts'
import { underWay } from './records.ts'
import { refused } from './signals.ts'
import { isWide } from './spots.ts'

const WHY = {
  positive: { zh: '混管异常', en: 'the pool was positive' },
  inconclusive: { zh: '结果不能判定', en: 'the result could not be decided' },
  antigen: { zh: '抗原自测待复核', en: 'a self-test is to be checked' },
  invalid: { zh: '样本无效', en: 'the sample was not valid' },
} as const

/** Who is called back with whom they live, looked at when asked for (each look is recorded), and a single tube at home. */
export function Recall({ order, me, field }: { order: OrderRow; me: Me; field: Field }) {
  const t = useWords()
  const language = useLanguage()
  const [called, setCalled] = useState<Called | null>(null)
  const [problem, setProblem] = useState('')
  const people = called ? [called.person, ...called.household] : []
  const mayHere = called && (me.may['tubes.seal'] ?? []).some((place) => called.placeCode.startsWith(place))
  const look = () =>
    call(GetRecall, { params: { id: order.id } })
      .then((said) => {
        setProblem('')
        setCalled(said)
      })
      .catch((error: unknown) =>
        setProblem(
          error instanceof ApiError
            ? language === 'zh'
              ? error.problem.titleZh
              : error.problem.title
            : t({ zh: '没有网络，看不到名单', en: 'No network: the list cannot be seen' }),
        ),
      )
  const begin = async (ready: Extract<Field, { is: 'ready' }>, recall: Called) => {
    const id = clientId()
    const why = await ready.store.change((day) => {
      if (underWay(day)) return { no: 'tube_under_way' }
      return {
        put: [
          {
            id,
            owner: ready.store.owner,
            madeAt: Date.now(),
            what: 'session',
            state: 'waiting',
            siteId: null,
            placeCode: recall.placeCode,
            place: recall.place,
            address: recall.address,
            tubeKind: 1,
            wanted: people
              .filter((p) => !p.given)
              .map(({ nameMasked, code }) => ({ nameMasked, code, tubeId: null })),
            openedAt: ready.cityNow().toISOString(),
            ended: false,
            refused: null,
          },
        ],
      }
    })
    if (why) {
      refused()
      return setProblem(t(DEVICE_SAYS[why]))
    }
    // Somebody whose home is known by its subdistrict only: whoever stands at the door says where that is.
    go(isWide(recall) ? `/field?tab=sampling&view=begin&from=${id}` : '/field?tab=sampling')
  }
  if (!called)
    return (
      <>
        <button type="button" className="big light" onClick={() => void look()}>
          {t({ zh: '看名单（留痕）', en: 'See who (recorded)' })}
        </button>
        {problem && <p role="alert">{problem}</p>}
      </>
    )
  return (
    <>
      <p>
        {called.tube !== null && `${t({ zh: '管 ', en: 'Tube ' })}${called.tube} · `}
        {t(WHY[called.why])}
      </p>
      <ol className="called">
        {people.map((person, i) => (
          <li key={person.personId}>
            {person.nameMasked}
            {i > 0 && <small> {t({ zh: '同住', en: 'same household' })}</small>}
            {person.given && <small> ✓ {t({ zh: '已采', en: 'taken' })}</small>}
          </li>
        ))}
      </ol>
      {mayHere && field.is === 'ready' && !called.answeredAt && (
        <button type="button" className="big" onClick={() => void begin(field, called)}>
          {t({ zh: '上门单管采样', en: 'Single tube at home' })}
        </button>
      )}
      {problem && <p role="alert">{problem}</p>}
    </>
  )
}
