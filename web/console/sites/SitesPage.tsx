import { Input, Select, Switch } from 'antd'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useWords } from '#web/shared/language.ts'
import { HospitalList } from '../care/HospitalList.tsx'
import { PlacePicker } from '../places/PlacePicker.tsx'
import { useMay } from '../shell/me.ts'
import { useTitle } from '../shell/title.ts'
import { BUSY, KIND, POOLING } from './site-words.ts'
import { SiteList } from './SiteList.tsx'
import type { SitesSearch } from './sites-search.ts'

const route = getRouteApi('/sites')

export function SitesPage() {
  const t = useWords()
  const may = useMay()
  const search = route.useSearch()
  const navigate = useNavigate()
  useTitle(t({ zh: '采样点与医院', en: 'Sites and hospitals' }))
  const set = (change: { [K in keyof SitesSearch]: SitesSearch[K] | undefined }) =>
    void navigate({ to: '/sites', search: { ...search, ...change }, replace: true })
  const hospitals = search.list === 'hospitals'
  return (
    <>
      <div className="page-head">
        <h1>{t({ zh: '采样点与医院', en: 'Sites and hospitals' })}</h1>
        <nav className="views" aria-label={t({ zh: '清单', en: 'List' })}>
          <Link
            to="/sites"
            search={{ ...search, list: undefined } as SitesSearch}
            className={hospitals ? 'view' : 'view on'}
            aria-current={hospitals ? undefined : 'page'}
          >
            {t({ zh: '采样点', en: 'Sampling sites' })}
          </Link>
          <Link
            to="/sites"
            search={{ ...search, list: 'hospitals' }}
            className={hospitals ? 'view on' : 'view'}
            aria-current={hospitals ? 'page' : undefined}
          >
            {t({ zh: '医院', en: 'Hospitals' })}
          </Link>
        </nav>
      </div>
      <search className="filters" aria-label={t({ zh: '筛选', en: 'Filters' })}>
        <PlacePicker
          className="f-place"
          label={t({ zh: '地点', en: 'Place' })}
          value={search.place}
          onChange={(place) => set({ place })}
        />
        <Input
          className="f-name"
          aria-label={t({ zh: '名称或地址', en: 'Name or address' })}
          placeholder={t({ zh: '名称或地址', en: 'Name or address' })}
          allowClear
          maxLength={60}
          value={search.q ?? ''}
          onChange={(e) => set({ q: e.target.value || undefined })}
        />
        {!hospitals && (
          <label className="row">
            <Switch
              checked={search.open === 'true'}
              onChange={(on) => set({ open: on ? 'true' : undefined })}
              aria-label={t({ zh: '只看现在开放', en: 'Open now only' })}
            />
            {t({ zh: '只看现在开放', en: 'Open now only' })}
          </label>
        )}
        {!hospitals && (
          <>
            <Select
              aria-label={t({ zh: '排队', en: 'Line' })}
              allowClear
              placeholder={t({ zh: '排队', en: 'Line' })}
              value={search.busy}
              onChange={(busy) => set({ busy })}
              options={(['idle', 'busy', 'crowded'] as const).map((value) => ({
                value,
                label: t(BUSY[value]),
              }))}
            />
            <Select
              aria-label={t({ zh: '类型', en: 'Kind' })}
              allowClear
              placeholder={t({ zh: '类型', en: 'Kind' })}
              value={search.kind}
              onChange={(kind) => set({ kind })}
              options={(['fixed', 'convenience', 'mobile'] as const).map((value) => ({
                value,
                label: t(KIND[value]),
              }))}
            />
            <Select
              aria-label={t({ zh: '采样方式', en: 'Tubes' })}
              allowClear
              placeholder={t({ zh: '采样方式', en: 'Tubes' })}
              value={search.pooling}
              onChange={(pooling) => set({ pooling })}
              options={(['pooled', 'single'] as const).map((value) => ({ value, label: t(POOLING[value]) }))}
            />
            <a href="/api/open/sites.geojson" download="sites.geojson">
              GeoJSON
            </a>
            {may('sites.edit') && (
              <Link to="/sites/new" className="view">
                ＋ {t({ zh: '设立采样点', en: 'Set up a site' })}
              </Link>
            )}
          </>
        )}
      </search>
      {hospitals ? (
        <HospitalList place={search.place} q={search.q} />
      ) : (
        <SiteList
          place={search.place}
          q={search.q}
          open={search.open === 'true'}
          kind={search.kind}
          pooling={search.pooling}
          busy={search.busy}
        />
      )}
    </>
  )
}
