import { useEffect, useState } from 'react'
import { go, link, useAddress } from '#web/shared/address.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { useCityTime } from '#web/shared/now.ts'
import { FindHospitals, FindSites, type Hospital, type Site } from '#web/shared/routes.ts'
import { span, when } from '#web/shared/time.ts'
import { usePosition, type Position } from './position.ts'
import { useSession } from './session.ts'

type Kind = 'sites' | 'hospitals'
const AGAIN_MS = 120_000

/** Sites or hospitals: by distance where the phone told its position, else those of the person's district. */
export function useNearby(
  kind: Kind,
  position: Position | null,
  given: { openOnly: boolean; limit: number },
): { items: (Site | Hospital)[] | null; total: number; failed: boolean } {
  const { me, reachable } = useSession()
  const [said, setSaid] = useState<{ items: (Site | Hospital)[] | null; total: number; failed: boolean }>({
    items: null,
    total: 0,
    failed: false,
  })
  const place = position ? undefined : me?.place?.code.slice(0, 6)
  const known = me !== undefined
  useEffect(() => {
    if (!known || !reachable) return
    const ask = async () => {
      const where = { ...position, ...(place && place.length >= 6 && { place }) }
      if (kind === 'sites')
        return call(FindSites, {
          query: { ...where, limit: given.limit, ...(given.openOnly && { open: 'true' }) },
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
  }, [kind, position, place, known, reachable, given.openOnly, given.limit])
  return said
}

const distance = (metres: number | null) =>
  metres === null
    ? null
    : metres < 1000
      ? `${Math.round(metres / 10) * 10} m`
      : `${(metres / 1000).toFixed(1)} km`

function Where({
  of,
  address,
}: {
  of: { lng: number; lat: number; metres: number | null; name: string }
  address: string
}) {
  const t = useWords()
  return (
    <p>
      <a href={`geo:${of.lat},${of.lng}?q=${of.lat},${of.lng}(${encodeURIComponent(of.name)})`}>
        {address || t({ zh: '在地图中打开', en: 'Open in a map' })}
      </a>
      {of.metres !== null && <strong> · {distance(of.metres)}</strong>}
    </p>
  )
}

export function SiteCard({ site, now }: { site: Site; now: number }) {
  const t = useWords()
  const language = useLanguage()
  return (
    <article className="card site">
      <h3>{site.name}</h3>
      <p>
        {site.open === true && (
          <b className="green">
            ● {t({ zh: '现在开放', en: 'Open now' })}
            {site.closesAt &&
              t({
                zh: `，${when(site.closesAt, now, 'zh')} 关`,
                en: `, closes ${when(site.closesAt, now, 'en')}`,
              })}
            {site.closesAt &&
              Date.parse(site.closesAt) - now < 45 * 60_000 &&
              t({
                zh: `（还剩 ${span(Date.parse(site.closesAt) - now, 'zh')}）`,
                en: ` (${span(Date.parse(site.closesAt) - now, 'en')} left)`,
              })}
          </b>
        )}
        {site.open === false && (
          <b className="closed">
            ○ {t({ zh: '现在不开', en: 'Closed now' })}
            {site.nextOpening &&
              t({
                zh: `，${when(site.nextOpening, now, 'zh')} 开`,
                en: `, opens ${when(site.nextOpening, now, 'en')}`,
              })}
          </b>
        )}
        {site.open === null && (
          <b className="amber">
            ? {t({ zh: '开放时间没有读懂，请看原文', en: 'Opening hours not understood; see as published' })}
          </b>
        )}
      </p>
      <Where of={site} address={site.address} />
      {site.hoursText && (
        <p className="muted" lang={language === 'zh' ? undefined : 'zh-CN'}>
          {t({ zh: '公布的时间：', en: 'As published: ' })}
          {site.hoursText}
        </p>
      )}
    </article>
  )
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
  const [limit, setLimit] = useState(30)
  const { items, total, failed } = useNearby(kind, position, { openOnly, limit })
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
          onClick={() => go(`/${kind}${openOnly ? '' : '?open=1'}`, { replace: true, keepScroll: true })}
        >
          {openOnly ? '✓ ' : ''}
          {kind === 'sites'
            ? t({ zh: '只看现在开放', en: 'Open now only' })
            : t({ zh: '只看急诊开放', en: 'Emergency open only' })}
        </button>
        {(state === 'unasked' || state === 'asking') && (
          <button type="button" className="chip" onClick={ask}>
            {state === 'asking'
              ? t({ zh: '正在定位……', en: 'Locating …' })
              : t({ zh: '按我的位置排序', en: 'Sort by where I am' })}
          </button>
        )}
      </div>
      {state === 'refused' && (
        <p className="muted">
          {t({
            zh: '没有得到位置，按您所在的区列出。',
            en: 'No position given: those of your district are listed.',
          })}
        </p>
      )}
      {!position && me?.place && me.place.code.length >= 6 && state !== 'refused' && (
        <p className="muted">
          {t({ zh: `按您的住处列出：${me.place.path}`, en: `By your home: ${me.place.path}` })}
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
          {openOnly
            ? t({ zh: '现在没有开放的。', en: 'None is open now.' })
            : t({ zh: '还没有数据。', en: 'Nothing is known yet.' })}
        </p>
      )}
      {items?.map((i) =>
        'hoursText' in i ? (
          <SiteCard key={i.id} site={i} now={now} />
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
