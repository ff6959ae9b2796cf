import { useEffect, useState } from 'react'
import { go, link, useAddress } from '#web/shared/address.ts'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { useCityTime } from '#web/shared/now.ts'
import { FindHospitals, FindSites, type Hospital, type Site } from '#web/shared/routes.ts'
import { usePosition, type Position } from './position.ts'
import { useSession } from './session.ts'
import { KIND, SiteCard, Where } from './SiteCard.tsx'
import { SiteMap } from './SiteMap.tsx'

type Kind = 'sites' | 'hospitals'
/** What else a site is asked for, as the address bar holds it. */
export type SiteFilters = { idle?: true; always?: true; pooling?: 'pooled' | 'single'; kind?: Site['kind'] }
const POOLINGS = ['pooled', 'single'] as const
const KINDS = ['fixed', 'convenience', 'mobile'] as const
const SWITCHES = {
  idle: { zh: '不忙', en: 'Quiet now' },
  always: { zh: '24 小时', en: '24 hours' },
} as const
const switches = ['idle', 'always'] as const

const filtersOf = (query: URLSearchParams): SiteFilters => {
  const pooling = POOLINGS.find((p) => p === query.get('pooling'))
  const kind = KINDS.find((k) => k === query.get('kind'))
  return {
    ...(query.get('idle') === '1' && { idle: true }),
    ...(query.get('always') === '1' && { always: true }),
    ...(pooling && { pooling }),
    ...(kind && { kind }),
  }
}
const asked = ({ idle, always, pooling, kind }: SiteFilters) => ({
  ...(idle && { busy: 'idle' as const }),
  ...(always && { always: 'true' }),
  ...(pooling && { pooling }),
  ...(kind && { kind }),
})
const AGAIN_MS = 60_000
/** The nearest few: more numbers lie on each other on a phone, and nobody walks to the twentieth. */
const MAPPED = 8

/** Sites or hospitals: by distance where the phone told its position, else sites around their neighbourhood, hospitals of their district. */
export function useNearby(
  kind: Kind,
  position: Position | null,
  given: { openOnly: boolean; limit: number; filters?: SiteFilters },
): { items: (Site | Hospital)[] | null; total: number; failed: boolean } {
  const { me, reachable } = useSession()
  const [said, setSaid] = useState<{ items: (Site | Hospital)[] | null; total: number; failed: boolean }>({
    items: null,
    total: 0,
    failed: false,
  })
  const place = position ? undefined : me?.place?.code.slice(0, 6)
  // Around the neighbourhood, not the alphabet: a district may be sixty kilometres long.
  const near = position ? undefined : me?.place?.code.slice(0, 12)
  const known = me !== undefined
  const { idle, always, pooling, kind: siteKind } = given.filters ?? {}
  useEffect(() => {
    if (!known || !reachable) return
    const ask = async () => {
      const where = { ...position, ...(place && place.length >= 6 && { place }) }
      if (kind === 'sites')
        return call(FindSites, {
          query: {
            ...position,
            ...(near && { near }),
            limit: given.limit,
            ...(given.openOnly && { open: 'true' }),
            ...asked({
              ...(idle && { idle }),
              ...(always && { always }),
              ...(pooling && { pooling }),
              ...(siteKind && { kind: siteKind }),
            }),
          },
        })
      // Emergency rooms cannot be asked for, so more are fetched and the closed ones left out.
      const all = await call(FindHospitals, {
        query: { ...where, limit: given.openOnly ? Math.min(500, given.limit * 10) : given.limit },
      })
      return given.openOnly
        ? { ...all, items: all.items.filter((h) => h.emergency !== 'suspended').slice(0, given.limit) }
        : all
    }
    const load = () =>
      ask()
        .then((a) => setSaid({ items: a.items, total: a.total, failed: false }))
        .catch(() => setSaid((before) => ({ ...before, failed: before.items === null })))
    void load()
    const timer = setInterval(() => void load(), AGAIN_MS)
    return () => clearInterval(timer)
  }, [
    kind,
    position,
    place,
    near,
    known,
    reachable,
    given.openOnly,
    given.limit,
    idle,
    always,
    pooling,
    siteKind,
  ])
  return said
}

export function HospitalCard({ hospital }: { hospital: Hospital }) {
  const t = useWords()
  return (
    <article className="card site">
      <h3>{hospital.name}</h3>
      <p>
        <b className={hospital.emergency === 'suspended' ? 'closed' : 'green'}>
          {hospital.emergency === 'suspended' ? '○' : '●'} {t(hospital.emergencyName)}
        </b>
      </p>
      <Where of={hospital} address={hospital.address} />
      {hospital.suspended.length > 0 && (
        <p>
          {t({ zh: '停诊：', en: 'Suspended: ' })}
          {hospital.suspended.join('、')}
        </p>
      )}
      {hospital.phones.map((p) => (
        <p key={p.kind + p.number}>
          {p.kind} <a href={`tel:${p.number.replace(/[^\d+]/g, '')}`}>{p.number}</a>
        </p>
      ))}
    </article>
  )
}

export function Nearby({ kind }: { kind: Kind }) {
  const t = useWords()
  const { query } = useAddress()
  const { me } = useSession()
  const { now } = useCityTime(15_000)
  const { position, state, ask } = usePosition()
  const openOnly = query.get('open') === '1'
  const filters: SiteFilters = kind === 'sites' ? filtersOf(query) : {}
  const [limit, setLimit] = useState(30)
  const [map, setMap] = useState(false)
  const { items, total, failed } = useNearby(kind, position, { openOnly, limit, filters })
  const set = (change: { [K in keyof SiteFilters]?: SiteFilters[K] | undefined } & { open?: boolean }) => {
    const next = new URLSearchParams(query)
    for (const [key, value] of Object.entries(change))
      if (value) next.set(key, value === true ? '1' : value)
      else next.delete(key)
    go(`/${kind}${next.size > 0 ? `?${next}` : ''}`, { replace: true, keepScroll: true })
  }
  const isNarrow = openOnly || Object.keys(filters).length > 0
  const sites = items?.filter((i): i is Site => 'hoursText' in i) ?? []
  return (
    <>
      <div className="segments">
        <a {...link('/sites')} aria-current={kind === 'sites' ? 'page' : undefined}>
          {t({ zh: '采样点', en: 'Sampling' })}
        </a>
        <a {...link('/hospitals')} aria-current={kind === 'hospitals' ? 'page' : undefined}>
          {t({ zh: '医院', en: 'Hospitals' })}
        </a>
      </div>
      <h1>
        {kind === 'sites' ? t({ zh: '采样点', en: 'Sampling sites' }) : t({ zh: '医院', en: 'Hospitals' })}
      </h1>
      <div className="row">
        <button
          type="button"
          className="chip"
          aria-pressed={openOnly}
          onClick={() => set({ open: !openOnly })}
        >
          {openOnly ? '✓ ' : ''}
          {kind === 'sites'
            ? t({ zh: '只看现在开放', en: 'Open now only' })
            : t({ zh: '只看急诊开放', en: 'Emergency open only' })}
        </button>
        {kind === 'sites' &&
          switches.map((f) => (
            <button
              key={f}
              type="button"
              className="chip"
              aria-pressed={filters[f] === true}
              onClick={() => set({ [f]: filters[f] ? undefined : true })}
            >
              {filters[f] ? '✓ ' : ''}
              {t(SWITCHES[f])}
            </button>
          ))}
        {kind === 'sites' && (
          <>
            <select
              className={filters.pooling ? 'chip on' : 'chip'}
              aria-label={t({ zh: '单检或混检', en: 'Single or pooled' })}
              value={filters.pooling ?? ''}
              onChange={(e) => set({ pooling: POOLINGS.find((p) => p === e.target.value) })}
            >
              <option value="">{t({ zh: '单检混检都可', en: 'Single or pooled' })}</option>
              <option value="single">{t({ zh: '可做单检', en: 'Single tube' })}</option>
              <option value="pooled">{t({ zh: '可做混检', en: 'Pooled' })}</option>
            </select>
            <select
              className={filters.kind ? 'chip on' : 'chip'}
              aria-label={t({ zh: '类型', en: 'Kind' })}
              value={filters.kind ?? ''}
              onChange={(e) => set({ kind: KINDS.find((k) => k === e.target.value) })}
            >
              <option value="">{t({ zh: '各类采样点', en: 'Any kind' })}</option>
              {KINDS.map((k) => (
                <option key={k} value={k}>
                  {t(KIND[k])}
                </option>
              ))}
            </select>
          </>
        )}
        {kind === 'sites' && (
          <button type="button" className="chip" aria-pressed={map} onClick={() => setMap(!map)}>
            {map ? '✓ ' : ''}
            {t({ zh: '方位图', en: 'Map' })}
          </button>
        )}
        {(state === 'unasked' || state === 'asking') && (
          <button type="button" className="chip" onClick={ask}>
            {state === 'asking'
              ? t({ zh: '正在定位……', en: 'Locating …' })
              : t({ zh: '按我的位置排序', en: 'Sort by where I am' })}
          </button>
        )}
      </div>
      {state === 'refused' && (
        <p className="muted">{t({ zh: '没有得到位置。', en: 'No position was given.' })}</p>
      )}
      {!position && me?.place && me.place.code.length >= 6 && (
        <p className="muted">
          {kind === 'sites'
            ? t({
                zh: `从您的住处由近到远：${me.place.path}`,
                en: `Nearest to your home first: ${me.place.path}`,
              })
            : t({ zh: '您所在区的医院', en: 'Hospitals of your district' })}
        </p>
      )}
      {failed && (
        <p className="bad">
          {t({
            zh: '没有取到，网络恢复后会自动再取。',
            en: 'Could not be loaded; it is tried again when the network is back.',
          })}
        </p>
      )}
      {items?.length === 0 && (
        <p>
          {isNarrow
            ? t({ zh: '现在没有符合条件的，可以放宽条件。', en: 'None fits now; ask for less.' })
            : t({ zh: '还没有数据。', en: 'Nothing is known yet.' })}
        </p>
      )}
      {map && <SiteMap sites={sites.slice(0, MAPPED)} position={position} />}
      {items?.map((i, n) =>
        'hoursText' in i ? (
          <SiteCard key={i.id} site={i} now={now} {...(map && n < MAPPED && { n: n + 1 })} />
        ) : (
          <HospitalCard key={i.id} hospital={i} />
        ),
      )}
      {items && items.length < total && items.length >= limit && limit < 500 && (
        <button type="button" className="secondary" onClick={() => setLimit(Math.min(500, limit + 50))}>
          {t({ zh: `再看一些（共 ${total}）`, en: `Show more (${total} in all)` })}
        </button>
      )}
    </>
  )
}
