import { useQuery } from '@tanstack/react-query'
import { App, Button, Skeleton } from 'antd'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { GetOrder, type Order } from '#capabilities/orders/contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { PlaceMap } from '../places/PlaceMap.tsx'
import { useElements } from '../policy/elements.tsx'
import { Said } from '../requests/Said.tsx'
import { FindingPanel } from '../screening/FindingPanel.tsx'
import { RecallPanel } from '../screening/RecallPanel.tsx'
import { useNow } from '../shell/clock.ts'
import { useKeys } from '../shell/keys.ts'
import { useOnNotes } from '../shell/live.tsx'
import { useMay } from '../shell/me.ts'
import { codeOf, Failure, Nothing, NotForYou } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'
import { Actions } from './Actions.tsx'
import { Attachments } from './Attachments.tsx'
import { Clocks } from './Clocks.tsx'
import { KeysHelp } from './KeysHelp.tsx'
import { DueMark, OverlayMarks, StateMark, UrgentMark, useTitleOf, useUnitName } from './marks.tsx'
import { Parts, useParts } from './Parts.tsx'
import { SOURCE_WORDS } from './source-words.ts'
import { Standing, Watch } from './Standing.tsx'
import { Timeline } from './Timeline.tsx'
import { neighbour, trailSearch } from './trail.ts'

const route = getRouteApi('/orders/$id')

/** Orders that begin with a result: nobody said anything. */
/** The tube that an order about a label names. */
const labelIn = (title: string): string => /T\d{12}/.exec(title)?.[0] ?? ''
const NOBODY_SAID = new Set(['recall', 'confirmation', 'door', 'claim'])

export function OrderPage() {
  const may = useMay()
  const { id } = route.useParams()
  // One page per order: what was revealed or half written for one never shows on the next.
  return may('orders.read') ? <OneOrder key={id} id={id} /> : <NotForYou />
}

function OneOrder({ id }: { id: string }) {
  const t = useWords()
  const navigate = useNavigate()
  const { message } = App.useApp()
  const [help, setHelp] = useState(false)
  const order = useQuery({
    queryKey: [GetOrder.id, id],
    queryFn: ({ signal }) => call(GetOrder, { params: { id }, signal }),
    staleTime: 0,
  })
  // Somebody else's doing is said, since what is being written here may no longer fit.
  const catchUp = async () => {
    const before = order.data?.version
    const { data } = await order.refetch()
    if (data && before !== undefined && data.version !== before) {
      void message.info(
        t({ zh: '工单刚有更新，已载入', en: 'The order has just changed; the newest is shown' }),
      )
    }
  }
  useOnNotes(
    (note) => note.topic === 'order' && note.id === id && note.version !== order.data?.version,
    () => void catchUp(),
    300,
  )
  useTitle(order.data?.number ?? t({ zh: '工单', en: 'Order' }))
  const go = (to: string | undefined) => to && void navigate({ to: '/orders/$id', params: { id: to } })
  useKeys({
    j: () => go(neighbour(id, 1)),
    k: () => go(neighbour(id, -1)),
    '?': () => setHelp(true),
    Escape: () => void navigate({ to: '/', search: trailSearch() }),
  })
  return (
    <>
      <div className="page-head">
        <Link to="/" search={trailSearch()}>
          ← {t({ zh: '队列', en: 'Queue' })} <kbd>esc</kbd>
        </Link>
        <span className="grow" />
        <Watch orderId={id} />
        <Button onClick={() => window.print()}>{t({ zh: '打印', en: 'Print' })}</Button>
        <Button disabled={!neighbour(id, -1)} onClick={() => go(neighbour(id, -1))}>
          {t({ zh: '上一张', en: 'Previous' })} <kbd>k</kbd>
        </Button>
        <Button disabled={!neighbour(id, 1)} onClick={() => go(neighbour(id, 1))}>
          {t({ zh: '下一张', en: 'Next' })} <kbd>j</kbd>
        </Button>
      </div>
      {order.isPending && <Skeleton active={false} paragraph={{ rows: 12 }} />}
      {order.isError &&
        !order.data &&
        (codeOf(order.error) === 'order_not_found' || codeOf(order.error) === 'bad_input' ? (
          <Missing />
        ) : (
          <Failure error={order.error} retry={() => void order.refetch()} />
        ))}
      {help && <KeysHelp onClose={() => setHelp(false)} />}
      {order.data && <Whole order={order.data} reload={() => order.refetch()} />}
    </>
  )
}

function Missing() {
  const t = useWords()
  return (
    <Nothing title={t({ zh: '没有这张工单', en: 'There is no such order' })}>
      {t({
        zh: '地址可能抄漏了，也可能不在您的辖区。',
        en: 'The address may be incomplete, or the order lies outside your area.',
      })}{' '}
      <Link to="/" search={{}}>
        {t({ zh: '回到队列', en: 'Back to the queue' })}
      </Link>
    </Nothing>
  )
}

function Whole({ order, reload }: { order: Order; reload: () => Promise<unknown> }) {
  const t = useWords()
  const may = useMay()
  const language = useLanguage()
  const now = useNow()
  const titleOf = useTitleOf()
  const unitName = useUnitName()
  const { nameOf } = useElements()
  const draft = useParts(order).data?.draft
  return (
    <article className="order">
      <header className="order-head">
        <div>
          <div className="row">
            {order.urgent && <UrgentMark />}
            <StateMark state={order.state} />
            {order.overdue && <span className="overdue">{t({ zh: '已超时', en: 'Overdue' })}</span>}
            <OverlayMarks order={order} />
            <span className="mono">{order.number}</span>
            {order.simulated && <span className="simulated">{t({ zh: '模拟数据', en: 'Simulated' })}</span>}
          </div>
          <h1>{titleOf(order)}</h1>
        </div>
        <DueMark order={order} now={now} />
      </header>
      <div className="order-columns">
        <div>
          <Standing order={order} now={now} />
          <Actions order={order} reload={reload} {...(draft && { draft })} />
          {order.kind === 'recall' && <RecallPanel orderId={order.id} />}
          {order.kind === 'door' && may('people.read') && (
            <section className="card">
              <Link to="/rounds" search={{ place: order.placeCode }}>
                {t({ zh: '看这里还没有做的人（查看会留痕）', en: 'Who here has not done it yet (recorded)' })}
              </Link>
            </section>
          )}
          {order.kind === 'claim' && may('tubes.read') && (
            <section className="card">
              <Link to="/tubes/$code" params={{ code: labelIn(order.title) }}>
                {t({
                  zh: '看这支管的两份记录，核实定案（查看会留痕）',
                  en: 'Both records of the tube, to be settled there (recorded)',
                })}
              </Link>
            </section>
          )}
          {order.kind === 'confirmation' && <FindingPanel orderId={order.id} reload={reload} />}
          {!NOBODY_SAID.has(order.kind) && <Said order={order} />}
          <Parts order={order} now={now} />
          <section className="card">
            <h2>{t({ zh: '经过', en: 'What happened' })}</h2>
            <Timeline events={order.timeline} now={now} />
          </section>
        </div>
        <div>
          <section className="card">
            <h2>{t({ zh: '在哪里、谁负责', en: 'Where, and who is responsible' })}</h2>
            <dl className="facts">
              <dt>{t({ zh: '承办单位', en: 'Unit' })}</dt>
              <dd>
                {unitName(order.unit) ?? (
                  <span className="unassigned">{t({ zh: '未派', en: 'Not assigned' })}</span>
                )}
              </dd>
              <dt>{t({ zh: '地点', en: 'Place' })}</dt>
              <dd>
                {order.place} <span className="mono muted">{order.placeCode}</span>
              </dd>
              <dt>{t({ zh: '地址', en: 'Address' })}</dt>
              <dd>{order.address ?? <span className="muted">{t({ zh: '未说明', en: 'Not said' })}</span>}</dd>
              <dt>{t({ zh: '事项', en: 'Matter' })}</dt>
              <dd>
                {nameOf(order.element) ?? (
                  <span className="unassigned">{t({ zh: '待分类', en: 'To be classified' })}</span>
                )}
              </dd>
              <dt>{t({ zh: '来源', en: 'Source' })}</dt>
              <dd>
                {t(SOURCE_WORDS[order.source] ?? { zh: order.source, en: order.source })} ·{' '}
                {when(order.openedAt, now, language)}
              </dd>
              <dt>{t({ zh: '退单 / 重办', en: 'Returned / redone' })}</dt>
              <dd>
                {order.returns} / {order.redos}
                {order.extensions > 0 &&
                  t({ zh: ` · 延期 ${order.extensions}`, en: ` · extended ${order.extensions}` })}
              </dd>
              {order.solved !== null && (
                <>
                  <dt>{t({ zh: '诉求人评价', en: 'The reporter says' })}</dt>
                  <dd>
                    {order.solved ? t({ zh: '已解决', en: 'solved' }) : t({ zh: '未解决', en: 'not solved' })}
                    {order.score !== null && ` · ${order.score} / 5`}
                  </dd>
                </>
              )}
            </dl>
            <PlaceMap lng={order.lng} lat={order.lat} placeCode={order.placeCode} />
          </section>
          <section className="card">
            <h2>{t({ zh: '时限', en: 'Clocks' })}</h2>
            <Clocks clocks={order.clocks} now={now} />
          </section>
          <Attachments order={order} now={now} />
          <Related order={order} now={now} />
        </div>
      </div>
    </article>
  )
}

function Related({ order, now }: { order: Order; now: number }) {
  const t = useWords()
  const titleOf = useTitleOf()
  return (
    <section className="card">
      <h2>{t({ zh: '相关工单（同一地点或同一诉求人）', en: 'Related orders (same place or person)' })}</h2>
      {order.related.length === 0 && <p className="muted">{t({ zh: '没有相关工单', en: 'None' })}</p>}
      <ul className="related">
        {order.related.map((r) => (
          <li key={r.id}>
            {r.urgent && <UrgentMark />}
            <Link to="/orders/$id" params={{ id: r.id }}>
              {titleOf(r)}
            </Link>
            <span className="mono muted">{r.number}</span>
            <StateMark state={r.state} />
            <DueMark order={r} now={now} />
          </li>
        ))}
      </ul>
    </section>
  )
}
