import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Skeleton } from 'antd'
import { Link } from '@tanstack/react-router'
import { ListNotices, SeeNotices, type Notice } from '#capabilities/orders/talk.contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { ACTION_WORDS } from '#web/shared/words.ts'
import { useNow } from '../shell/clock.ts'
import { useOnNotes } from '../shell/live.tsx'
import { useMay } from '../shell/me.ts'
import { Failure, NotForYou, Nothing } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'

const KINDS: Record<string, { zh: string; en: string }> = {
  mention: { zh: '提到了您或您的单位', en: 'You or your unit were mentioned' },
  part: { zh: '请贵单位协办', en: 'Your unit is asked to help' },
  'part.late': { zh: '协办超时', en: 'A helper is late' },
  'part.all': { zh: '协办都已答复，可以办结', en: 'All helpers have answered' },
  escalate: { zh: '下级超时，上报贵单位', en: 'Late below; your unit is told' },
  'card.yellow': { zh: '收到黄牌', en: 'Yellow card' },
  'card.red': { zh: '收到红牌', en: 'Red card' },
}

export function NoticesPage() {
  const may = useMay()
  return may('orders.read') ? <Notices /> : <NotForYou />
}

function Notices() {
  const t = useWords()
  const language = useLanguage()
  const now = useNow()
  const client = useQueryClient()
  useTitle(t({ zh: '提醒', en: 'Notices' }))
  const list = useQuery({
    queryKey: [ListNotices.id],
    queryFn: ({ signal }) => call(ListNotices, { signal }),
  })
  useOnNotes(
    (note) => note.topic === 'order',
    () => void list.refetch(),
    3_000,
  )
  const see = useMutation({
    mutationFn: (upTo: string) => call(SeeNotices, { body: { upTo } }),
    onSuccess: () => void client.invalidateQueries({ queryKey: [ListNotices.id] }),
  })
  const kindOf = (n: Notice) => {
    if (!n.kind.startsWith('watched.')) return t(KINDS[n.kind] ?? { zh: n.kind, en: n.kind })
    const action = n.kind.slice('watched.'.length) as keyof typeof ACTION_WORDS
    return t({ zh: `关注的工单：${ACTION_WORDS[action].zh}`, en: `Watched: ${ACTION_WORDS[action].en}` })
  }
  if (list.isPending) return <Skeleton active={false} paragraph={{ rows: 8 }} />
  if (!list.data) return <Failure error={list.error} retry={() => void list.refetch()} />
  const { items, unseen } = list.data
  const newest = items[0]
  return (
    <>
      <div className="page-head">
        <h1>{t({ zh: '提醒', en: 'Notices' })}</h1>
        <span className="muted">{t({ zh: `未看 ${unseen}`, en: `${unseen} new` })}</span>
        <span className="grow" />
        {newest && unseen > 0 && (
          <Button loading={see.isPending} onClick={() => see.mutate(newest.at)}>
            {t({ zh: '都看过了', en: 'All seen' })}
          </Button>
        )}
      </div>
      {items.length === 0 && (
        <Nothing title={t({ zh: '没有提醒', en: 'No notices' })}>
          {t({
            zh: '有人用 @ 提到您、请贵单位协办、发牌，或您关注的工单有变动时，会出现在这里。',
            en: 'Mentions, parts, cards and what happens to orders that you watch appear here.',
          })}
        </Nothing>
      )}
      {items.length > 0 && (
        <table className="list">
          <tbody>
            {items.map((n) => (
              <tr key={`${n.orderId} ${n.kind} ${n.at}`}>
                <td>{n.isNew && <span className="mark blue">{t({ zh: '新', en: 'New' })}</span>}</td>
                <td>{when(n.at, now, language)}</td>
                <td>
                  <b>{kindOf(n)}</b>
                  {n.by && <span className="muted"> · {n.by}</span>}
                </td>
                <td>
                  <Link to="/orders/$id" params={{ id: n.orderId }}>
                    {n.title}
                  </Link>{' '}
                  <span className="mono muted">{n.number}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}
