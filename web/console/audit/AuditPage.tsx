import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Button, Input, Spin } from 'antd'
import { useState } from 'react'
import type { z } from 'zod'
import { ListAudit, VerifyAudit, type AuditLine } from '#capabilities/people/looks.contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { useMay } from '../shell/me.ts'
import { Failure, NotForYou, Nothing } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'
import { readAuditSearch, type AuditSearch } from './audit-search.ts'

const route = getRouteApi('/audit')
type Line = z.infer<typeof AuditLine>

const LINK_WORDS = {
  whole: { zh: '✓ 完好', en: '✓ whole' },
  broken: { zh: '✗ 被改动', en: '✗ altered' },
  waiting: { zh: '… 待入链', en: '… waiting' },
} as const
const FAULT_WORDS = {
  'line altered': { zh: '这一行被改动过', en: 'this line was altered' },
  'line missing': { zh: '这一行不见了', en: 'this line is missing' },
  'link missing': { zh: '链上缺了一环', en: 'a link is missing' },
} as const

type Broken = NonNullable<z.infer<typeof VerifyAudit.response>['broken']>
type Found = { checked: number; links: number; broken: Broken[] }

/** Walks the whole chain, some thousand links a request; every fault is named and the walk goes on behind it. */
async function walk(onPart: (found: Found) => void): Promise<Found> {
  const found: Found = { checked: 0, links: 0, broken: [] }
  for (let after = 0; ;) {
    const part = await call(VerifyAudit, { query: { after } })
    found.checked = part.to
    found.links = part.links
    if (part.broken) found.broken.push(part.broken)
    onPart({ ...found })
    if (part.to >= part.links || part.to === after || found.broken.length >= 20) return found
    after = part.to
  }
}

function Chain() {
  const t = useWords()
  const [part, setPart] = useState<Found>()
  const run = useMutation({ mutationFn: () => walk(setPart) })
  const bad = part?.broken ?? []
  return (
    <section className="card" aria-labelledby="chain-title">
      <div className="row">
        <h2 id="chain-title">{t({ zh: '审计链', en: 'The chain' })}</h2>
        <span className="grow" />
        <Button onClick={() => run.mutate()} loading={run.isPending}>
          {t({ zh: '核对全链', en: 'Check the whole chain' })}
        </Button>
      </div>
      {!part && (
        <p className="muted">
          {t({
            zh: '每一行都与前一行的散列相连；改动、删除任何一行都会在这里显出来。',
            en: 'Each line is linked to the hash of the one before; a line that was altered or removed shows here.',
          })}
        </p>
      )}
      {part && (
        <output>
          {bad.length === 0 ? (
            <b>
              {run.isPending
                ? t({ zh: '正在核对', en: 'Checking' })
                : t({ zh: '✓ 全链完好', en: '✓ The whole chain is intact' })}
            </b>
          ) : (
            <b className="link-broken">
              {t({ zh: `✗ 发现 ${bad.length} 处问题`, en: `✗ ${bad.length} faults found` })}
            </b>
          )}{' '}
          {part.checked.toLocaleString()} / {part.links.toLocaleString()}
        </output>
      )}
      {bad.length > 0 && (
        <ul>
          {bad.map((b) => (
            <li key={b.seq} className="link-broken">
              {t({ zh: `第 ${b.seq} 环（审计行 ${b.line}）：`, en: `Link ${b.seq} (line ${b.line}): ` })}
              {t(FAULT_WORDS[b.fault])}
            </li>
          ))}
        </ul>
      )}
      {run.error && <Failure error={run.error} retry={() => run.mutate()} />}
    </section>
  )
}

function Row({ line, now }: { line: Line; now: number }) {
  const t = useWords()
  const language = useLanguage()
  return (
    <tr>
      <td className="mono">{when(line.at, now, language)}</td>
      <td className="mono">{line.action}</td>
      <td className="mono">
        <Link to="/audit" search={{ actor: line.actorId }}>
          {line.actorId}
        </Link>
        <div className="muted">{line.actorKind}</div>
      </td>
      <td className="mono">
        <Link to="/audit" search={{ subject: line.subject.slice(0, 200) }}>
          {line.subject}
        </Link>
      </td>
      <td className="mono">{line.placeCode ?? '—'}</td>
      <td className="mono">{JSON.stringify(line.data).slice(0, 300)}</td>
      <td className={line.link === 'broken' ? 'link-broken' : ''}>{t(LINK_WORDS[line.link])}</td>
    </tr>
  )
}

function Filters({ search }: { search: AuditSearch }) {
  const t = useWords()
  const navigate = useNavigate()
  const [draft, setDraft] = useState<Record<string, string>>({ ...search })
  const field = (key: keyof AuditSearch, words: { zh: string; en: string }, type = 'text') => (
    <label>
      {t(words)}
      <Input
        type={type}
        value={draft[key] ?? ''}
        onChange={(e) => setDraft({ ...draft, [key]: e.target.value.trim() })}
        allowClear
      />
    </label>
  )
  return (
    <search>
      <form
        className="fields card"
        onSubmit={(e) => {
          e.preventDefault()
          void navigate({ to: '/audit', search: readAuditSearch(draft) })
        }}
      >
        {field('person', { zh: '当事人编号', en: 'Person (id)' })}
        {field('subject', { zh: '记录编号', en: 'Record (id)' })}
        {field('actor', { zh: '操作人编号', en: 'Who acted (id)' })}
        {field('from', { zh: '从（日）', en: 'From (day)' }, 'date')}
        {field('to', { zh: '到（含当日）', en: 'To (that day too)' }, 'date')}
        <Button type="primary" htmlType="submit">
          {t({ zh: '查询', en: 'Show' })}
        </Button>
      </form>
    </search>
  )
}

const DAY_MS = 86_400_000
/** Days of Shanghai, the last one whole. */
const instantOf = (day: string, days: number) =>
  new Date(new Date(`${day}T00:00:00+08:00`).getTime() + days * DAY_MS).toISOString()

/** Who did what, of one person, one record or one who acted; each line with the state of its link. Being read is a line too. */
export function AuditPage() {
  const t = useWords()
  const may = useMay()
  const search = route.useSearch()
  useTitle(t({ zh: '审计', en: 'Audit' }))
  const { person, subject, actor, from, to } = search
  const badPerson = person !== undefined && !/^[0-9a-f-]{36}$/i.test(person)
  const list = useInfiniteQuery({
    queryKey: [ListAudit.id, search],
    queryFn: ({ pageParam, signal }) =>
      call(ListAudit, {
        query: {
          ...(person && { person }),
          ...(subject && { subject }),
          ...(actor && { actor }),
          ...(from && { from: instantOf(from, 0) }),
          ...(to && { to: instantOf(to, 1) }),
          ...(pageParam && { after: pageParam }),
        },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
    enabled: may('audit.read') && !badPerson,
  })
  if (!may('audit.read')) return <NotForYou />
  const lines = list.data?.pages.flatMap((p) => p.items)
  const chain = list.data?.pages[0]?.chain
  return (
    <>
      <div className="page-head">
        <h1>{t({ zh: '审计', en: 'Audit' })}</h1>
        {chain && (
          <span className="muted">
            {t({
              zh: `链上 ${chain.links.toLocaleString()} 行，待入链 ${chain.waiting} 行`,
              en: `${chain.links.toLocaleString()} lines chained, ${chain.waiting} waiting`,
            })}
          </span>
        )}
      </div>
      <div className="stack">
        <Filters key={JSON.stringify(search)} search={search} />
        <Chain />
        {badPerson && <Nothing title={t({ zh: '当事人编号不对', en: 'This is no id of a person' })} />}
        {list.error && <Failure error={list.error} retry={() => void list.refetch()} />}
        {list.isPending && !badPerson && <Spin className="waiting" />}
        {lines?.length === 0 && (
          <Nothing title={t({ zh: '没有符合的记录', en: 'No lines fit' })}>
            {t({ zh: '放宽时间或编号。', en: 'Widen the time or the ids.' })}
          </Nothing>
        )}
        {lines && lines.length > 0 && (
          <div className="scroll">
            <table className="list small audit">
              <thead>
                <tr>
                  <th>{t({ zh: '时间', en: 'When' })}</th>
                  <th>{t({ zh: '动作', en: 'Action' })}</th>
                  <th>{t({ zh: '操作人', en: 'Who acted' })}</th>
                  <th>{t({ zh: '记录', en: 'Record' })}</th>
                  <th>{t({ zh: '地点', en: 'Place' })}</th>
                  <th>{t({ zh: '内容', en: 'Said' })}</th>
                  <th>{t({ zh: '链', en: 'Link' })}</th>
                </tr>
              </thead>
              <tbody>
                {lines.map((line) => (
                  <Row key={line.id} line={line} now={list.dataUpdatedAt} />
                ))}
              </tbody>
            </table>
          </div>
        )}
        {list.hasNextPage && (
          <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t({ zh: '更早的', en: 'Earlier' })}
          </Button>
        )}
      </div>
    </>
  )
}
