import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Button, Spin } from 'antd'
import { useState } from 'react'
import { GetSite, type SiteFacts } from '#capabilities/sites/contract.ts'
import { call, clientId } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { useNow } from '../shell/clock.ts'
import { useMay, useMe } from '../shell/me.ts'
import { Failure, NotForYou } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'
import { SiteChanges } from './SiteChanges.tsx'
import { SiteForm } from './SiteForm.tsx'
import { OpenMark, QueueMark } from './SiteList.tsx'
import { SiteSlots } from './SiteSlots.tsx'
import { KIND, POOLING, SETTING } from './site-words.ts'
import './sites.css'

const route = getRouteApi('/sites/$id')

/** One site: as it is now, its times by building, its record; changed by whoever looks after it. */
export function SitePage() {
  const t = useWords()
  const { id } = route.useParams()
  const may = useMay()
  const now = useNow(30_000)
  const [editing, setEditing] = useState<SiteFacts | null>(null)
  const got = useQuery({
    queryKey: [GetSite.id, id],
    queryFn: ({ signal }) => call(GetSite, { params: { id }, signal }),
    refetchInterval: 15_000,
  })
  const site = got.data
  useTitle(site?.name ?? t({ zh: '采样点', en: 'Sampling site' }))
  if (got.error && !site) return <Failure error={got.error} retry={() => void got.refetch()} />
  if (!site) return <Spin className="waiting" />
  return (
    <>
      <div className="page-head">
        <h1 lang="zh-CN">{site.name}</h1>
        <Link to="/sites" className="view">
          {t({ zh: '全部采样点', en: 'All sites' })}
        </Link>
        <span className="grow" />
        {site.mayEdit && (
          <Button
            type={editing ? 'default' : 'primary'}
            onClick={() => setEditing(editing ? null : site.facts)}
          >
            {editing ? t({ zh: '不改了', en: 'Leave it' }) : t({ zh: '修改', en: 'Change' })}
          </Button>
        )}
      </div>
      <section className="card figures">
        <div>
          <h2>{site.place}</h2>
          <div className="muted" lang="zh-CN">
            {site.address}
          </div>
          {site.endedAt && <b className="left red">■ {t({ zh: '已停用', en: 'no longer used' })}</b>}
        </div>
        <dl>
          <dt>{t({ zh: '现在', en: 'Now' })}</dt>
          <dd>
            <OpenMark site={site} now={now} />
          </dd>
          <dt>{t({ zh: '排队', en: 'Line' })}</dt>
          <dd>
            <QueueMark site={site} />
          </dd>
          <dt>{t({ zh: '每分钟采样', en: 'Sampled a minute' })}</dt>
          <dd>{site.queue ? site.queue.perMinute : '—'}</dd>
          <dt>{t({ zh: '台数', en: 'Desks' })}</dt>
          <dd>{site.desks}</dd>
          <dt>{t({ zh: '类型', en: 'Kind' })}</dt>
          <dd>
            {t(KIND[site.kind])} · {t(POOLING[site.pooling])}
            {site.setting && ` · ${t(SETTING[site.setting])}`}
          </dd>
        </dl>
        <p className="muted">
          {site.hoursSaid
            ? t(site.hoursSaid)
            : site.hoursText || t({ zh: '开放时间还不知道', en: 'Hours not known yet' })}
        </p>
      </section>
      {editing && (
        <SiteForm
          key={`${site.version} ${JSON.stringify(editing)}`}
          id={id}
          site={site}
          start={editing}
          onDone={() => setEditing(null)}
        />
      )}
      {may('slots.plan') && !site.endedAt && <SiteSlots site={site} />}
      {site.mayEdit && <SiteChanges id={id} onPutBack={(facts) => setEditing(facts)} />}
    </>
  )
}

const EMPTY: SiteFacts = {
  name: '',
  placeCode: '',
  address: '',
  lng: 121.4737,
  lat: 31.2304,
  kind: 'fixed',
  setting: null,
  pooling: 'pooled',
  desks: 1,
  hours: { always: false, week: Array.from({ length: 7 }, () => [[480, 1080]]), exceptions: [] },
  ended: false,
}

/** A site that does not exist yet. */
export function NewSitePage() {
  const t = useWords()
  const may = useMay()
  const me = useMe()
  const navigate = useNavigate()
  const [id] = useState(clientId)
  useTitle(t({ zh: '设立采样点', en: 'Set up a site' }))
  if (!may('sites.edit')) return <NotForYou />
  const home = me.data?.may['sites.edit']?.[0] ?? ''
  return (
    <>
      <div className="page-head">
        <h1>{t({ zh: '设立采样点', en: 'Set up a sampling site' })}</h1>
      </div>
      <SiteForm
        id={id}
        site={null}
        start={{ ...EMPTY, placeCode: home.length >= 6 ? home : '' }}
        onDone={(site) => void navigate({ to: '/sites/$id', params: { id: site.id } })}
      />
    </>
  )
}
