import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { Link } from '@tanstack/react-router'
import type { Order } from '#capabilities/orders/contract.ts'
import { GetWatchers, WatchOrder } from '#capabilities/orders/talk.contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { span, when } from '#web/shared/time.ts'
import { CLOCK_WORDS, STATE_WORDS } from '#web/shared/words.ts'
import { StateMark } from './marks.tsx'

const LEVELS = {
  subdistrict: { zh: '街镇', en: 'subdistrict' },
  district: { zh: '区', en: 'district' },
  city: { zh: '市', en: 'city' },
} as const

/** What lies over the state: what stands still, who supervises, cards, merges. Only what there is. */
export function Standing({ order, now }: { order: Order; now: number }) {
  const t = useWords()
  const language = useLanguage()
  const { held, supervision } = order
  const lines = [
    held && {
      key: 'held',
      text: t({
        zh: `办理时限暂停中，之后回到“${STATE_WORDS[held.state].zh}”${held.leftMinutes === null ? '' : held.leftMinutes < 0 ? '，暂停前已超时' : `，${held.clock ? CLOCK_WORDS[held.clock].zh : ''}还剩 ${span(held.leftMinutes * 60_000, 'zh')}`}${held.askedUntil ? `；申请延到 ${when(held.askedUntil, now, 'zh')}` : ''}`,
        en: `The clock stands still; then back to “${STATE_WORDS[held.state].en}”${held.leftMinutes === null ? '' : held.leftMinutes < 0 ? ', late before it stopped' : ` with ${span(held.leftMinutes * 60_000, 'en')} left`}${held.askedUntil ? `; asked for until ${when(held.askedUntil, now, 'en')}` : ''}`,
      }),
    },
    supervision && {
      key: 'supervision',
      text: t({
        zh: `督办：${supervision.by}，${when(supervision.since, now, 'zh')} 起${supervision.until ? `，到 ${when(supervision.until, now, 'zh')}` : ''}`,
        en: `Supervised by ${supervision.by} since ${when(supervision.since, now, 'en')}${supervision.until ? ` until ${when(supervision.until, now, 'en')}` : ''}`,
      }),
    },
    order.nudgedAt && {
      key: 'nudged',
      text: t({
        zh: `已催办 ${order.nudges} 次，最近 ${when(order.nudgedAt, now, 'zh')}`,
        en: `Nudged ${order.nudges} ×, last ${when(order.nudgedAt, now, language)}`,
      }),
    },
    order.toldLevel && {
      key: 'told',
      text: t({
        zh: `超时已上报到${LEVELS[order.toldLevel].zh}级`,
        en: `Its lateness was told up to the ${LEVELS[order.toldLevel].en}`,
      }),
    },
    order.arbitrated && {
      key: 'arbitrated',
      text: t({ zh: '承办单位由仲裁确定，不能再退', en: 'The arbiter decided who handles; no return' }),
    },
    order.direct && { key: 'direct', text: t({ zh: '直接办结', en: 'Answered at once' }) },
  ].filter((line) => line !== null && line !== false && line !== '')
  if (lines.length + order.cards.length + order.merged.length === 0 && !order.mergedInto) return null
  return (
    <section className="card standing" aria-label={t({ zh: '现在的情形', en: 'How it stands' })}>
      <ul className="plain">
        {lines.map((line) => (
          <li key={line.key}>{line.text}</li>
        ))}
        {order.mergedInto && (
          <li>
            {t({ zh: '已并入 ', en: 'Merged into ' })}
            <Link to="/orders/$id" params={{ id: order.mergedInto.id }}>
              {order.mergedInto.number}
            </Link>
          </li>
        )}
        {order.merged.map((m) => (
          <li key={m.id}>
            {t({ zh: '并入本单：', en: 'Merged into this: ' })}
            <Link to="/orders/$id" params={{ id: m.id }}>
              {m.number}
            </Link>{' '}
            <StateMark state={m.state} />
          </li>
        ))}
        {order.cards.map((c) => (
          <li key={`${c.kind} ${c.at}`}>
            <span className={`mark ${c.kind === 'red' ? 'red' : 'amber'}`}>
              {c.kind === 'red'
                ? t({ zh: '■ 红牌', en: '■ Red card' })
                : t({ zh: '◧ 黄牌', en: '◧ Yellow card' })}
            </span>{' '}
            {c.unit} · {when(c.at, now, language)} · {t(c.reason)}{' '}
            <span className="muted">
              {c.clause} {c.pack}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Watching an order: told of what happens without having to look. */
export function Watch({ orderId }: { orderId: string }) {
  const t = useWords()
  const client = useQueryClient()
  const key = [GetWatchers.id, orderId]
  const { data } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => call(GetWatchers, { params: { id: orderId }, signal }),
  })
  const watch = useMutation({
    mutationFn: (watching: boolean) => call(WatchOrder, { params: { id: orderId }, body: { watching } }),
    onSuccess: (fresh) => client.setQueryData(key, fresh),
  })
  if (!data) return null
  return (
    <Button
      aria-pressed={data.watching}
      loading={watch.isPending}
      title={data.names.join(t({ zh: '、', en: ', ' }))}
      onClick={() => watch.mutate(!data.watching)}
    >
      {data.watching ? t({ zh: '★ 已关注', en: '★ Watching' }) : t({ zh: '☆ 关注', en: '☆ Watch' })}
      {data.names.length > 0 && ` ${data.names.length}`}
    </Button>
  )
}
