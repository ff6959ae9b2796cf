import { Input, Switch } from 'antd'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useWords } from '#web/shared/language.ts'
import { HospitalList } from '../care/HospitalList.tsx'
import { PlacePicker } from '../places/PlacePicker.tsx'
import { useTitle } from '../shell/title.ts'
import { SiteList } from './SiteList.tsx'
import type { SitesSearch } from './sites-search.ts'

const route = getRouteApi('/sites')

export function SitesPage() {
  const t = useWords()
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
      </search>
      {hospitals ? (
        <HospitalList place={search.place} q={search.q} />
      ) : (
        <SiteList place={search.place} q={search.q} open={search.open === 'true'} />
      )}
    </>
  )
}
