import { Button } from 'antd'
import { getRouteApi, Link, Navigate, useNavigate } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { useLanguage, useWords, type Language } from '#web/shared/language.ts'
import { useNow } from '../shell/clock.ts'
import { useKeys } from '../shell/keys.ts'
import { useMay } from '../shell/me.ts'
import { Failure, Nothing } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'
import { Bulk } from './Bulk.tsx'
import { Filters, ViewTabs } from './Filters.tsx'
import { KeysHelp } from './KeysHelp.tsx'
import { QueueTable } from './QueueTable.tsx'
import type { QueueSearch } from './queue-search.ts'
import { leaveTrail } from './trail.ts'
import { useExport } from './useExport.ts'
import { useQueue } from './useQueue.ts'

const route = getRouteApi('/')

export function QueuePage() {
  const may = useMay()
  if (may('orders.read')) return <Queue />
  // The home page of a role without orders is what it does have.
  if (may('results.write')) return <Navigate to="/labs" replace />
  return <Navigate to={may('statistics.read') ? '/statistics' : '/sites'} replace />
}

/** The whole list, not only what is loaded; that it was taken stands in the audit. */
const exportAddress = (search: QueueSearch, format: 'csv' | 'xlsx', language: Language) =>
  `/api/orders/export?${new URLSearchParams({ view: 'mine', ...search, format, language }).toString()}`

function Queue() {
  const t = useWords()
  const language = useLanguage()
  const may = useMay()
  const search = route.useSearch()
  const navigate = useNavigate()
  const queue = useQueue(search)
  const now = useNow()
  const exportRows = useExport()
  const [at, setAt] = useState<string>()
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [help, setHelp] = useState(false)
  const number = useRef<{ focus: () => void }>(null)
  useTitle(t({ zh: '工单队列', en: 'Queue' }))

  const ids = queue.shown.map((s) => s.row.id)
  const key = JSON.stringify(search)
  const [asked, setAsked] = useState(key)
  // Another question, another list: nothing stays selected out of sight.
  if (asked !== key) {
    setAsked(key)
    setSelected(new Set())
    setAt(undefined)
  }

  const open = (id: string) => {
    leaveTrail(ids, search)
    void navigate({ to: '/orders/$id', params: { id } })
  }
  const move = (step: 1 | -1) => {
    const from = at === undefined ? -1 : ids.indexOf(at)
    const next =
      ids[from < 0 ? (step === 1 ? 0 : ids.length - 1) : Math.min(ids.length - 1, Math.max(0, from + step))]
    if (!next) return
    setAt(next)
    document.getElementById(`row-${next}`)?.scrollIntoView({ block: 'nearest' })
  }
  const toggle = (id: string) =>
    setSelected((was) => {
      const next = new Set(was)
      if (!next.delete(id)) next.add(id)
      return next
    })
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: at ? () => open(at) : undefined,
    x: at ? () => toggle(at) : undefined,
    r: () => void queue.lay(),
    '/': () => number.current?.focus(),
    '?': () => setHelp(true),
    Escape: () => (selected.size > 0 ? setSelected(new Set()) : setAt(undefined)),
  })
  const changed = queue.arrived + queue.left
  const rows = queue.shown.map((s) => s.row)
  return (
    <>
      <div className="page-head">
        <h1>{t({ zh: '工单队列', en: 'Queue' })}</h1>
        <ViewTabs search={search} />
        <span className="grow" />
        <Button onClick={() => setHelp(true)}>
          {t({ zh: '快捷键', en: 'Keys' })} <kbd>?</kbd>
        </Button>
        {may('orders.export') ? (
          (['csv', 'xlsx'] as const).map((format) => (
            <Button
              key={format}
              disabled={rows.length === 0}
              onClick={() => location.assign(exportAddress(search, format, language))}
            >
              {t({ zh: `导出 ${format.toUpperCase()}`, en: `Export ${format.toUpperCase()}` })}
            </Button>
          ))
        ) : (
          <Button disabled={rows.length === 0} onClick={() => exportRows(rows)}>
            {t({ zh: `导出 CSV（${rows.length}）`, en: `Export CSV (${rows.length})` })}
          </Button>
        )}
      </div>
      <Filters search={search} numberRef={number} />
      <output className="bar">
        {changed > 0 ? (
          <button type="button" className="news" onClick={() => void queue.lay()}>
            {t({
              zh: `有更新：${queue.urgentArrived > 0 ? `▲急难新到 ${queue.urgentArrived}，共` : ''}新到 ${queue.arrived}，移出 ${queue.left}。点此重排`,
              en: `Changes: ${queue.urgentArrived > 0 ? `▲${queue.urgentArrived} urgent, ` : ''}${queue.arrived} new, ${queue.left} gone. Show them`,
            })}{' '}
            <kbd>r</kbd>
          </button>
        ) : (
          <span className="muted">
            {queue.pending
              ? t({ zh: '正在载入…', en: 'Loading …' })
              : t({
                  zh: `已载入 ${rows.length} 张${queue.hasMore ? '，还有更多' : ''} · ${search.view === 'all' ? '新到在前' : '按剩余时间'}`,
                  en: `${rows.length} loaded${queue.hasMore ? ', there are more' : ''} · ${search.view === 'all' ? 'newest first' : 'by remaining time'}`,
                })}
          </span>
        )}
      </output>
      {queue.error && <Failure error={queue.error} retry={queue.retry} />}
      <QueueTable
        shown={queue.shown}
        now={now}
        at={at}
        selected={selected}
        pending={queue.pending}
        onAt={setAt}
        onToggle={toggle}
        onOpen={open}
        onAll={(all) => setSelected(all ? new Set(ids) : new Set())}
        search={search}
      />
      {!queue.pending && !queue.error && rows.length === 0 && (
        <Empty mine={(search.view ?? 'mine') === 'mine'} />
      )}
      {queue.hasMore && (
        <div className="more">
          <Button onClick={queue.more} loading={queue.loadingMore}>
            {t({ zh: '再看 50 张', en: 'Load 50 more' })}
          </Button>
        </div>
      )}
      {selected.size > 0 && (
        <Bulk
          rows={rows.filter((row) => selected.has(row.id))}
          onClear={() => setSelected(new Set())}
          onDone={() => void queue.lay()}
        />
      )}
      {help && <KeysHelp onClose={() => setHelp(false)} />}
    </>
  )
}

function Empty({ mine }: { mine: boolean }) {
  const t = useWords()
  const search = route.useSearch()
  const filtered = Boolean(search.place ?? search.state ?? search.element ?? search.unit ?? search.number)
  return (
    <Nothing title={t({ zh: '这里没有工单', en: 'No orders here' })}>
      {filtered ? (
        <Link to="/" search={{ ...(search.view && { view: search.view }) }}>
          {t({ zh: '清除筛选条件', en: 'Clear the filters' })}
        </Link>
      ) : mine ? (
        <Link to="/" search={{ view: 'open' }}>
          {t({ zh: '您手上的都办完了。看看全部未结工单', en: 'Nothing waits for you. See all open orders' })}
        </Link>
      ) : (
        t({ zh: '新工单到来时会提示。', en: 'A new order will be announced here.' })
      )}
    </Nothing>
  )
}
