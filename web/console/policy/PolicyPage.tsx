import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Button, Select, Spin, Tabs } from 'antd'
import { useState } from 'react'
import {
  DiffVersions,
  ListEnactments,
  type Enactment,
  type EnactmentState,
} from '#capabilities/policy/packs.contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { useNow } from '../shell/clock.ts'
import { useOnNotes } from '../shell/live.tsx'
import { useMay } from '../shell/me.ts'
import { Failure, Nothing } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'
import { Changes } from './Changes.tsx'
import { Content } from './Content.tsx'
import type { PolicyTab } from './policy-search.ts'
import { Propose } from './Propose.tsx'
import { Signing } from './Signing.tsx'
import { TryRule } from './TryRule.tsx'
import './policy.css'

const route = getRouteApi('/policy')

const STATES: Record<EnactmentState, { zh: string; en: string; mark: string }> = {
  proposed: { zh: '待第二签', en: 'Awaiting a signature', mark: '✎' },
  coming: { zh: '即将生效', en: 'Coming', mark: '◔' },
  in_force: { zh: '现行', en: 'In force', mark: '●' },
  replaced: { zh: '已被代替', en: 'Replaced', mark: '○' },
  ended: { zh: '已到期', en: 'Ended', mark: '○' },
  retracted: { zh: '已撤回', en: 'Retracted', mark: '✗' },
  withdrawn: { zh: '已撤下', en: 'Withdrawn', mark: '✗' },
}

function Item({ e, on, choose }: { e: Enactment; on: boolean; choose: () => void }) {
  const t = useWords()
  const language = useLanguage()
  const now = useNow(60_000)
  return (
    <li>
      <button type="button" className={`pack ${e.state}`} aria-current={on} onClick={choose}>
        <b>{e.title[language]}</b>
        <span>
          <span aria-hidden>{STATES[e.state].mark}</span> {t(STATES[e.state])}
          {e.over && ` · ${e.place}`}
        </span>
        <span className="muted">
          {e.version} · {t({ zh: '自', en: 'from' })} {when(e.inForceFrom, now, language)}
          {e.until && ` ${t({ zh: '至', en: 'until' })} ${when(e.until, now, language)}`}
        </span>
      </button>
    </li>
  )
}

function Diff({ e, all, other }: { e: Enactment; all: Enactment[]; other: string | undefined }) {
  const t = useWords()
  const language = useLanguage()
  const navigate = useNavigate({ from: '/policy' })
  const inForce = all.find((x) => x.state === 'in_force' && x.over === e.over && x.id !== e.id)
  const from = all.find((x) => x.id === other) ?? inForce
  const diff = useQuery({
    queryKey: [DiffVersions.id, from?.hash, e.hash],
    queryFn: ({ signal }) => call(DiffVersions, { query: { from: from!.hash, to: e.hash }, signal }),
    enabled: from !== undefined,
    staleTime: Infinity,
  })
  return (
    <>
      <div className="row">
        {t({ zh: '与哪一份比：', en: 'Compared with: ' })}
        <Select
          aria-label={t({ zh: '与哪一份比', en: 'Compared with' })}
          className="set"
          value={from?.id ?? null}
          onChange={(id: string) => void navigate({ search: (s) => ({ ...s, with: id }) })}
          options={all
            .filter((x) => x.id !== e.id)
            .map((x) => ({
              value: x.id,
              label: `${x.title[language]} ${x.version} · ${t(STATES[x.state])}`,
            }))}
        />
      </div>
      {from === undefined && (
        <p className="muted">{t({ zh: '没有可比的另一份', en: 'There is no other to compare with' })}</p>
      )}
      {diff.error && <Failure error={diff.error} retry={() => void diff.refetch()} />}
      {diff.isLoading && <Spin />}
      {diff.data && <Changes changes={diff.data.changes} />}
    </>
  )
}

/** What holds, what held and what is proposed; difference and effect are read before the second person signs. */
export function PolicyPage() {
  const t = useWords()
  const language = useLanguage()
  const may = useMay()
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/policy' })
  const [proposing, setProposing] = useState(false)
  useTitle(t({ zh: '政策包', en: 'Policy packs' }))
  const list = useQuery({
    queryKey: [ListEnactments.id],
    queryFn: ({ signal }) => call(ListEnactments, { signal }),
  })
  useOnNotes(
    (note) => note.topic === 'policy',
    () => void list.refetch(),
  )
  if (list.error) return <Failure error={list.error} retry={() => void list.refetch()} />
  if (!list.data) return <Spin className="waiting" />
  const { items } = list.data
  const open = items.find((e) => e.id === search.id) ?? items.find((e) => e.state === 'in_force') ?? items[0]
  const tab: PolicyTab = search.tab ?? (open?.state === 'proposed' ? 'diff' : 'content')
  const go = (next: { id?: string; tab?: PolicyTab }) =>
    void navigate({
      search: ({ with: other, ...s }) => ({ ...s, ...(!next.id && other && { with: other }), ...next }),
    })
  return (
    <>
      <div className="page-head">
        <h1>{t({ zh: '政策包', en: 'Policy packs' })}</h1>
        <span className="grow" />
        {may('policy.enact') && !proposing && (
          <Button type="primary" onClick={() => setProposing(true)}>
            {t({ zh: '提出新版', en: 'Propose a version' })}
          </Button>
        )}
      </div>
      {proposing && (
        <Propose
          close={(id) => {
            setProposing(false)
            if (id) go({ id, tab: 'diff' })
          }}
        />
      )}
      {items.length === 0 && <Nothing title={t({ zh: '还没有政策包', en: 'No policy pack yet' })} />}
      {open && (
        <div className="policy">
          <ol className="packs" aria-label={t({ zh: '所有政策包', en: 'All packs' })}>
            {items.map((e) => (
              <Item key={e.id} e={e} on={e.id === open.id} choose={() => go({ id: e.id })} />
            ))}
          </ol>
          <section className="card one">
            <h2>
              {open.title[language]} <span className="muted">{open.version}</span>{' '}
              <span className={`pack-state ${open.state}`}>
                <span aria-hidden>{STATES[open.state].mark}</span> {t(STATES[open.state])}
              </span>
            </h2>
            <Signing key={open.id} e={open} />
            <Tabs
              activeKey={tab}
              onChange={(key) => go({ tab: key as PolicyTab })}
              items={[
                {
                  key: 'content',
                  label: t({ zh: '内容', en: 'Content' }),
                  children: <Content hash={open.hash} />,
                },
                {
                  key: 'diff',
                  label: t({ zh: '差异', en: 'Difference' }),
                  children: <Diff e={open} all={items} other={search.with} />,
                },
                { key: 'try', label: t({ zh: '规则试算', en: 'Try a rule' }), children: <TryRule /> },
              ]}
            />
          </section>
        </div>
      )}
    </>
  )
}
