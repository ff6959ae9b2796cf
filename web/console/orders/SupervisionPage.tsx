import { useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { Link } from '@tanstack/react-router'
import type { OrderRow, View } from '#capabilities/orders/contract.ts'
import { GetBoard, GetKpi, type Kpi } from '#capabilities/orders/desk.contract.ts'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { useNow } from '../shell/clock.ts'
import { useOnNotes } from '../shell/live.tsx'
import { useMay } from '../shell/me.ts'
import { Failure, NotForYou } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'
import { DueMark, OverlayMarks, StateMark, UrgentMark, useTitleOf, useUnitName } from './marks.tsx'

/** Orders change by the second in a city; a board that jumps by the second is not read. */
const LOOK_AGAIN_MS = 15_000

export function SupervisionPage() {
  const may = useMay()
  return may('orders.supervise') ? <Board /> : <NotForYou />
}

const SHELVES = [
  ['red', 'cards', { zh: '红牌', en: 'Red cards' }],
  ['yellow', 'cards', { zh: '黄牌', en: 'Yellow cards' }],
  ['ownerless', 'unassigned', { zh: '无人承接', en: 'Nobody has it' }],
  ['supervised', 'supervised', { zh: '正在督办', en: 'Under supervision' }],
  ['returned', 'open', { zh: '退单过多', en: 'Returned too often' }],
  ['unsatisfied', 'all', { zh: '不满意或未解决', en: 'Unsatisfied or not solved' }],
  ['reviews', 'review', { zh: '待审核', en: 'To review' }],
  ['arbitration', 'arbitration', { zh: '待仲裁', en: 'At the arbiter' }],
] as const satisfies [string, View, { zh: string; en: string }][]

function Board() {
  const t = useWords()
  const now = useNow()
  useTitle(t({ zh: '督办台', en: 'Supervision' }))
  const board = useQuery({
    queryKey: [GetBoard.id],
    queryFn: ({ signal }) => call(GetBoard, { signal }),
    refetchInterval: LOOK_AGAIN_MS,
  })
  useOnNotes(
    (note) => note.topic === 'alarm',
    () => void board.refetch(),
    2_000,
  )
  if (board.isPending) return <Skeleton active={false} paragraph={{ rows: 12 }} />
  if (!board.data) return <Failure error={board.error} retry={() => void board.refetch()} />
  const { overdueByUnit } = board.data
  return (
    <>
      <div className="page-head">
        <h1>{t({ zh: '督办台', en: 'Supervision' })}</h1>
      </div>
      <div className="shelves">
        {SHELVES.map(([key, view, words]) => (
          <Shelf key={key} words={words} view={view} shelf={board.data[key]} now={now} />
        ))}
        <section className="card shelf">
          <h2>{t({ zh: '各单位超时', en: 'Overdue by unit' })}</h2>
          {overdueByUnit.length === 0 && <p className="muted">{t({ zh: '没有', en: 'None' })}</p>}
          {overdueByUnit.length > 0 && (
            <table className="list small kpi">
              <thead>
                <tr>
                  <th>{t({ zh: '单位', en: 'Unit' })}</th>
                  <th>{t({ zh: '超时', en: 'Overdue' })}</th>
                  <th>{t({ zh: '在办', en: 'Open' })}</th>
                </tr>
              </thead>
              <tbody>
                {overdueByUnit.map((u) => (
                  <tr key={u.unitId}>
                    <td>
                      <Link to="/" search={{ view: 'overdue', unit: u.unitId }}>
                        {t(u.unit)}
                      </Link>
                    </td>
                    <td>{u.overdue}</td>
                    <td>{u.open >= 1000 ? '1000+' : u.open}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </section>
        <Rates />
      </div>
    </>
  )
}

function Shelf({
  words,
  view,
  shelf,
  now,
}: {
  words: { zh: string; en: string }
  view: View
  shelf: { n: number; items: OrderRow[] }
  now: number
}) {
  const t = useWords()
  const titleOf = useTitleOf()
  const unitName = useUnitName()
  return (
    <section className="card shelf">
      <h2>
        {t(words)} <span className={shelf.n > 0 ? 'n some' : 'n'}>{shelf.n >= 1000 ? '1000+' : shelf.n}</span>
        <span className="grow" />
        {shelf.n > 0 && (
          <Link to="/" search={{ view }}>
            {t({ zh: '在队列中看', en: 'In the queue' })}
          </Link>
        )}
      </h2>
      {shelf.n > 0 && (
        <ul className="related">
          {shelf.items.slice(0, 5).map((o) => (
            <li key={o.id}>
              {o.urgent && <UrgentMark />}
              <Link to="/orders/$id" params={{ id: o.id }}>
                {titleOf(o)}
              </Link>
              <StateMark state={o.state} />
              <OverlayMarks order={o} />
              <span className="muted">{unitName(o.unit) ?? t({ zh: '未派', en: 'Not assigned' })}</span>
              <DueMark order={o} now={now} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

const percent = (share: number | null) => (share === null ? '—' : `${(share * 100).toFixed(1)}%`)

/** The four rates of the last thirty days, with what they are counted from. */
function Rates() {
  const t = useWords()
  const kpi = useQuery({
    queryKey: [GetKpi.id],
    queryFn: ({ signal }) => call(GetKpi, { query: { by: 'unit', days: 30 }, signal }),
    refetchInterval: 60_000,
  })
  if (!kpi.data) return null
  const line = (k: Kpi) => (
    <tr key={k.key}>
      <td>{t(k.name)}</td>
      <td>{k.sent}</td>
      <td title={`${k.signedOnTime} / ${k.signDue}`}>{percent(k.onTimeSign)}</td>
      <td title={`${k.handledOnTime} / ${k.handleDue}`}>{percent(k.onTimeResolve)}</td>
      <td title={`${k.returned} / ${k.sent}`}>{percent(k.returnRate)}</td>
      <td title={`${k.redone} / ${k.resolved}`}>{percent(k.redoRate)}</td>
      <td>{k.yellow}</td>
      <td>{k.red}</td>
    </tr>
  )
  return (
    <section className="card shelf wide">
      <h2>{t({ zh: '四率（近 30 天，按派出的每一次计）', en: 'Rates of 30 days, per time sent out' })}</h2>
      <table className="list small kpi">
        <thead>
          <tr>
            <th>{t({ zh: '单位', en: 'Unit' })}</th>
            <th>{t({ zh: '派出', en: 'Sent' })}</th>
            <th>{t({ zh: '按时签收', en: 'Signed in time' })}</th>
            <th>{t({ zh: '按时办结', en: 'Handled in time' })}</th>
            <th>{t({ zh: '退单', en: 'Returned' })}</th>
            <th>{t({ zh: '重办', en: 'Redone' })}</th>
            <th>{t({ zh: '黄', en: 'Yellow' })}</th>
            <th>{t({ zh: '红', en: 'Red' })}</th>
          </tr>
        </thead>
        <tbody>
          {line(kpi.data.total)}
          {kpi.data.items.slice(0, 12).map(line)}
        </tbody>
      </table>
    </section>
  )
}
