import { useInfiniteQuery } from '@tanstack/react-query'
import { Button, Spin } from 'antd'
import { ListSiteChanges, type SiteFacts } from '#capabilities/sites/contract.ts'
import { describeHours } from '#capabilities/sites/hours.contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { useNow } from '../shell/clock.ts'
import { Failure, Nothing } from '../shell/Say.tsx'
import { FACTS } from './site-words.ts'

/** Who changed the site, when, why and what; an earlier state can be taken into the form again. */
export function SiteChanges({ id, onPutBack }: { id: string; onPutBack: (facts: SiteFacts) => void }) {
  const t = useWords()
  const language = useLanguage()
  const now = useNow(60_000)
  const list = useInfiniteQuery({
    queryKey: [ListSiteChanges.id, id],
    queryFn: ({ pageParam, signal }) =>
      call(ListSiteChanges, { params: { id }, query: { after: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (p) => p.next ?? undefined,
  })
  const items = list.data?.pages.flatMap((p) => p.items) ?? []
  const say = (facts: SiteFacts, key: string): string => {
    if (key === 'hours') return facts.hours ? describeHours(facts.hours, language) : '—'
    const value = facts[key as keyof SiteFacts]
    return typeof value === 'boolean'
      ? value
        ? t({ zh: '是', en: 'yes' })
        : t({ zh: '否', en: 'no' })
      : value === null || typeof value === 'object'
        ? '—'
        : String(value)
  }
  return (
    <section className="card">
      <h2>{t({ zh: '修改记录', en: 'Record of changes' })}</h2>
      {list.error && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Spin />}
      {list.data && items.length === 0 && (
        <Nothing
          title={t({ zh: '没有人改过，仍是公布的样子', en: 'Nobody changed it: it is as published' })}
        />
      )}
      {items.length > 0 && (
        <table className="list small">
          <tbody>
            {items.map((c) => (
              <tr key={c.version}>
                <td className="mono">{when(c.at, now, language)}</td>
                <td lang="zh-CN">{c.by}</td>
                <td lang="zh-CN">{c.reason}</td>
                <td>
                  {c.before === null
                    ? t({ zh: '设立', en: 'set up' })
                    : c.changed.map((key) => (
                        <div key={key}>
                          {t(FACTS[key] ?? { zh: key, en: key })}: {say(c.before!, key)} → {say(c.after, key)}
                        </div>
                      ))}
                </td>
                <td>
                  {c.before && (
                    <Button size="small" onClick={() => onPutBack(c.before!)}>
                      {t({ zh: '恢复到此前', en: 'Put back' })}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {list.hasNextPage && (
        <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t({ zh: '更多', en: 'More' })}
        </Button>
      )}
    </section>
  )
}
