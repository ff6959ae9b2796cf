import { useEffect, useEffectEvent, useState } from 'react'
import { go } from '#web/shared/address.ts'
import { clientId } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import type { Me, TubeKind } from '#web/shared/routes.ts'
import { NoticeLine } from './NoticeLine.tsx'
import type { Device } from './device.ts'
import type { DayStore } from './day.ts'
import { moveToSession, type Session } from './records.ts'
import {
  fetchSpots,
  keptSpots,
  recentSpots,
  rememberSpot,
  searchSpots,
  isWide,
  narrower,
  type Spot,
} from './spots.ts'
import { useNotice } from './use-scans.ts'

export const KINDS: readonly { kind: TubeKind; zh: string; en: string }[] = [
  { kind: 1, zh: '单采', en: 'Single' },
  { kind: 5, zh: '混采', en: 'Pool' },
  { kind: 10, zh: '混采', en: 'Pool' },
  { kind: 20, zh: '混采', en: 'Pool' },
]
const SHOWN = 12
const FETCH_AGAIN_MS = 5_000

/** Where and how: the compound is set once and stands on every tube. Works from what was fetched before. */
export function Begin({
  me,
  device,
  store,
  cityNow,
  reachable,
  from,
}: {
  me: Me
  device: Device
  store: DayStore
  cityNow: () => Date
  reachable: boolean
  /** A session whose place the city refused: what is in it goes to the place chosen here. */
  from: Session | null
}) {
  const t = useWords()
  const places = me.may['tubes.seal'] ?? []
  const within = places.join(' ')
  const [known, setKnown] = useState<Spot[] | null>(null)
  const spots = known ?? []
  const [recent, setRecent] = useState<Spot[]>([])
  const [found, setFound] = useState<Spot[]>([])
  const [q, setQ] = useState('')
  const [spot, setSpot] = useState<Spot | null>(null)
  const [address, setAddress] = useState('')
  const [kind, setKind] = useState<TubeKind>(from?.tubeKind ?? 10)

  const [wide, setWide] = useState<{ of: Spot; inside: Spot[] } | null>(null)
  const [notice, , no] = useNotice()

  const choose = (next: Spot) => {
    if (isWide(next)) {
      setQ('')
      void narrower(next, spots).then((inside) => setWide({ of: next, inside }))
      return
    }
    setWide(null)
    setSpot(next)
    setAddress(next.address)
  }
  const suggest = useEffectEvent((next: Spot) => {
    if (!from) choose(next)
  })
  useEffect(() => {
    void recentSpots(device).then((r) => {
      setRecent(r)
      // The same compound as yesterday is the usual case.
      if (r[0]) suggest(r[0])
    })
    void keptSpots(device).then((kept) =>
      setKnown((now) => now ?? (kept.length > 0 || !navigator.onLine ? kept : null)),
    )
  }, [device])
  useEffect(() => {
    if (!reachable) return
    let again: ReturnType<typeof setTimeout> | undefined
    let isOver = false
    // A city that is busy this moment must not leave a telephone without its places for the day.
    const fetch = () =>
      void fetchSpots(device, within.split(' ').filter(Boolean))
        .then((found) => !isOver && setKnown(found))
        .catch(() => {
          if (isOver) return
          setKnown((now) => now ?? [])
          again = setTimeout(fetch, FETCH_AGAIN_MS)
        })
    fetch()
    return () => {
      isOver = true
      clearTimeout(again)
    }
  }, [device, reachable, within])
  useEffect(() => {
    if (q.trim().length < 2 || !reachable) return
    const timer = setTimeout(() => {
      searchSpots(q.trim(), within.split(' ').filter(Boolean))
        .then(setFound)
        .catch(() => undefined)
    }, 250)
    return () => clearTimeout(timer)
  }, [q, reachable, within])

  const begin = async () => {
    if (!spot || !address.trim()) return
    const session: Session = {
      id: clientId(),
      owner: store.owner,
      madeAt: Date.now(),
      what: 'session',
      state: 'waiting',
      siteId: spot.siteId,
      placeCode: spot.placeCode,
      place: spot.place,
      address: address.trim(),
      tubeKind: kind,
      wanted: from?.wanted ?? [],
      openedAt: cityNow().toISOString(),
      ended: false,
      refused: null,
    }
    const why = await store.change((day) => (from ? moveToSession(day, from, session) : { put: [session] }))
    if (why) return no(why)
    // Only a help for tomorrow: the work goes on without it.
    await rememberSpot(device, { ...spot, address: address.trim() }).catch(() => undefined)
    if (from) go('/field?tab=sampling')
  }

  const isSearching = q.trim().length >= 2 && reachable
  const near = q.trim() ? spots.filter((s) => `${s.place} ${s.address}`.includes(q.trim())) : spots
  const own: Spot[] =
    known?.length === 0 && me.place
      ? [{ placeCode: me.place.code, place: me.place.path, address: '', siteId: null }]
      : []
  const all = [...(q.trim() ? [] : recent), ...near, ...(isSearching ? found : []), ...own].filter(
    (s, i, every) => every.findIndex((o) => o.placeCode === s.placeCode && o.address === s.address) === i,
  )
  const list = wide ? wide.inside.filter((s) => `${s.place} ${s.address}`.includes(q.trim())) : all
  return (
    <section className="begin">
      <h1>{t({ zh: '开始采样', en: 'Begin sampling' })}</h1>
      {spot ? (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            void begin()
          }}
        >
          <p className="chosen">
            <b>{spot.place}</b>
            <button type="button" className="light" onClick={() => setSpot(null)}>
              {t({ zh: '换地点', en: 'Change' })}
            </button>
          </p>
          <label htmlFor="address">
            {t({ zh: '采样地址（写在每支管上）', en: 'Address (stands on every tube)' })}
          </label>
          <input
            id="address"
            required
            maxLength={200}
            autoComplete="off"
            value={address}
            onChange={(e) => setAddress(e.target.value)}
          />
          <fieldset className="kinds">
            <legend>{t({ zh: '每管人数', en: 'People to a tube' })}</legend>
            {KINDS.map((k) => (
              <button
                key={k.kind}
                type="button"
                aria-pressed={kind === k.kind}
                onClick={() => setKind(k.kind)}
              >
                <b>{k.kind}</b>
                <span>{t(k)}</span>
              </button>
            ))}
          </fieldset>
          {notice && <NoticeLine notice={notice} />}
          <button type="submit" className="big huge">
            {t({ zh: '开始', en: 'Begin' })}
          </button>
        </form>
      ) : (
        <>
          {wide && (
            <p className="chosen">
              <b>{wide.of.place}</b>
              <button type="button" className="light" onClick={() => setWide(null)}>
                {t({ zh: '换地点', en: 'Change' })}
              </button>
            </p>
          )}
          <label htmlFor="spot">
            {wide
              ? t({ zh: '请选到居村或小区', en: 'Which neighbourhood or compound' })
              : t({ zh: '小区或采样点', en: 'Compound or site' })}
          </label>
          <input
            id="spot"
            type="search"
            autoComplete="off"
            placeholder={t({ zh: '名称、拼音', en: 'Name or pinyin' })}
            value={q}
            onChange={(e) => setQ(e.target.value)}
          />
          <ul className="spots">
            {list.slice(0, SHOWN).map((s) => (
              <li key={`${s.placeCode} ${s.address}`}>
                <button type="button" onClick={() => choose(s)}>
                  <b>{wide?.of.siteId ? s.place : s.address || s.place}</b>
                  <span>
                    {s.siteId ? t({ zh: '采样点 · ', en: 'Site · ' }) : ''}
                    {s.place}
                  </span>
                </button>
              </li>
            ))}
          </ul>
          {known && list.length === 0 && (
            <p>
              {reachable
                ? t({ zh: '没有找到。', en: 'Nothing found.' })
                : t({
                    zh: '没有网络，本机没有存过这个地点。',
                    en: 'No network, and this place was never seen here.',
                  })}
            </p>
          )}
          {list.length > SHOWN && (
            <p className="muted">
              {t({
                zh: `还有 ${list.length - SHOWN} 个，请输入名称`,
                en: `${list.length - SHOWN} more: type a name`,
              })}
            </p>
          )}
        </>
      )}
      {spots.length > 0 && (
        <p className="muted">
          {t({
            zh: `✓ 可离线：本机已存 ${spots.length} 个地点`,
            en: `✓ Works offline: ${spots.length} places kept here`,
          })}
        </p>
      )}
    </section>
  )
}
