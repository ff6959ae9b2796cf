import { useEffect, useEffectEvent, useMemo, useState } from 'react'
import { go, useAddress } from '#web/shared/address.ts'
import { setLanguage, useLanguage, useWords } from '#web/shared/language.ts'
import { useCityTime } from '#web/shared/now.ts'
import type { Wall } from '#web/shared/routes.ts'
import { shanghaiParts, span, when } from '#web/shared/time.ts'
import { useLayers, useOutlines, useWall, type Alarm } from './data.ts'
import { CityMap } from './Map.tsx'
import { DistrictTable, Elements, FigureBox, OrderLines, Panel, Sources } from './parts.tsx'
import { CoverageTable, isSampling, Legend, RecallClocks, SamplingFigures } from './sampling.tsx'
import { coverageShades, dotsOf, shadesOf } from './shades.ts'
import { beep } from './sound.ts'

const BAND_MS = 10_000
const TOUR_MS = 20_000
const LEFT = ['requests', 'urgent', 'overdue']

function wallAddress(next: { place: string | null; tour?: boolean; layers: string }): string {
  const query = new URLSearchParams()
  if (next.place) query.set('place', next.place)
  if (next.tour) query.set('tour', '1')
  if (next.layers) query.set('layers', next.layers)
  return `/wall${query.size > 0 ? `?${query}` : ''}`
}

/** A wall nobody touches walks through the districts with urgent orders; a touch pins what is shown. */
function useTour(on: boolean, stops: readonly string[], place: string | null, layers: string) {
  const onward = useEffectEvent(() => {
    const next = place === null ? stops[0] : stops[stops.indexOf(place.slice(0, 6)) + 1]
    go(wallAddress({ place: next ?? null, tour: true, layers }), { replace: true, keepScroll: true })
  })
  useEffect(() => {
    if (!on) return undefined
    const timer = setInterval(() => onward(), TOUR_MS)
    return () => clearInterval(timer)
  }, [on])
}

const ALARM_WORDS = {
  urgent: { zh: '新急难', en: 'NEW URGENT' },
  positive: { zh: '新阳性', en: 'NEW POSITIVE' },
  backlog: { zh: '结果将超时', en: 'RESULTS WILL BE LATE' },
} as const

function AlarmBand({ alarm, wall, sound }: { alarm: Alarm; wall: Wall; sound: boolean }) {
  const t = useWords()
  useEffect(() => {
    if (sound) beep()
  }, [sound])
  return (
    <div className="alarm-band" role="alert">
      <strong>▲ {t(ALARM_WORDS[alarm.kind])}</strong>
      {alarm.kind === 'urgent' ? (
        <>
          <span>{alarm.order.title}</span>
          <span>{alarm.order.place}</span>
        </>
      ) : (
        <span>{wall.districts.find((d) => alarm.placeCode.startsWith(d.code))?.name ?? wall.place.path}</span>
      )}
    </div>
  )
}

export function Live({ onSignedOut }: { onSignedOut: () => void }) {
  const t = useWords()
  const language = useLanguage()
  const { query } = useAddress()
  const place = query.get('place')
  const tour = place === null || query.get('tour') === '1'
  const layerWords = query.get('layers') ?? ''
  const { city, focus, alarm } = useWall(place, onSignedOut)
  const { now, speed, known, wall: wallNow } = useCityTime(1_000)
  const outlines = useOutlines()
  const shown = useMemo(
    () => ({ sites: layerWords.includes('sites'), hospitals: layerWords.includes('hospitals') }),
    [layerWords],
  )
  const layers = useLayers(shown)
  const coverage = layerWords.includes('coverage')
  const [sound, setSound] = useState(false)
  const { wall } = city

  const pick = (code: string | null) =>
    go(wallAddress({ place: code, layers: layerWords }), { keepScroll: true })
  const toggleLayer = (name: string) => {
    const next = layerWords.includes(name)
      ? layerWords.replace(name, '').replace(/^\.|\.$/, '')
      : [layerWords, name].filter(Boolean).join('.')
    go(wallAddress({ place, tour: tour && place !== null, layers: next }), {
      replace: true,
      keepScroll: true,
    })
  }
  const keys: Record<string, () => void> = {
    s: () => setSound((on) => (on || beep(), !on)),
    r: () => go('/wall?replay='),
    t: () => go(wallAddress({ place, tour: !tour || place === null, layers: layerWords }), { replace: true }),
    l: () => setLanguage(language === 'zh' ? 'en' : 'zh'),
    1: () => toggleLayer('sites'),
    2: () => toggleLayer('hospitals'),
    3: () => toggleLayer('coverage'),
    Escape: () => pick(null),
  }
  const press = useEffectEvent((key: string) => keys[key]?.())
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      press(event.key.length === 1 ? event.key.toLowerCase() : event.key)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])

  const stops = useMemo(() => (wall?.districts ?? []).filter((d) => d.urgent > 0).map((d) => d.code), [wall])
  useTour(tour, stops, place, layerWords)

  const away = city.awaySince !== null
  const band = alarm && wallNow - alarm.seenAt < BAND_MS ? alarm : null
  if (!wall) {
    return (
      <main className="centre">
        <p>
          {away
            ? t({ zh: '服务器没有回应，正在重试', en: 'The server does not answer; trying again' })
            : t({ zh: '正在取数……', en: 'Loading …' })}
        </p>
      </main>
    )
  }

  // Who pinned a place wants its lists; a tour only moves the map.
  const lists = focus && !tour ? focus : wall
  const listName = focus && !tour ? focus.place.path : t({ zh: '全市', en: 'whole city' })
  const urgent =
    alarm?.kind === 'urgent' &&
    !lists.urgent.some((o) => o.id === alarm.order.id) &&
    alarm.order.state !== 'archived' &&
    Date.parse(alarm.order.openedAt) > Date.parse(lists.cityTime) - 60_000 * Math.max(1, speed)
      ? [alarm.order, ...lists.urgent]
      : lists.urgent
  const mapWall = focus ?? wall
  const clock = shanghaiParts(known ? now : Date.parse(wall.cityTime))
  const left = wall.figures.filter((f) => LEFT.includes(f.id))
  const bottom = wall.figures.filter((f) => !LEFT.includes(f.id) && !isSampling(f))

  return (
    <div className={`wall ${away ? 'is-away' : ''}`}>
      <header className="wall-top">
        <div className="clock" data-testid="clock">
          {clock.time}
          <small>:{clock.seconds}</small>
        </div>
        <div className="day">
          {clock.day}
          {speed !== 1 && <b className="speed">×{speed}</b>}
        </div>
        <h1>{t({ zh: '城环 · 上海', en: 'CityLoop · Shanghai' })}</h1>
        <div className="level">{t(wall.responseLevel)}</div>
        {wall.simulated && <div className="simulated">{t({ zh: '模拟数据', en: 'simulated data' })}</div>}
        <ol className="ticker" aria-label={t({ zh: '最近五次报警', en: 'Last five alarms' })}>
          {wall.alarms.length === 0 && <li>{t({ zh: '没有报警', en: 'No alarm' })}</li>}
          {wall.alarms.map((a) => (
            <li key={`${a.orderId} ${a.at}`}>
              <b>{when(a.at, now, language)}</b> {a.title}
            </li>
          ))}
        </ol>
      </header>
      {away && (
        <div className="away-band" role="alert">
          {t({
            zh: `服务器没有回应：以下是 ${shanghaiWall(city.awaySince!)} 的旧数据，已 ${seconds(city.awaySince!, 'zh')}`,
            en: `The server does not answer: everything below is from ${shanghaiWall(city.awaySince!)}, ${seconds(city.awaySince!, 'en')} ago`,
          })}
        </div>
      )}
      {band && <AlarmBand key={band.id} alarm={band} wall={wall} sound={sound} />}
      <aside className="wall-left">
        <div className="figures-left">
          {left.map((f) => (
            <FigureBox key={f.id} figure={f} cityNow={now} speed={speed} big />
          ))}
        </div>
        <Panel
          title={
            coverage ? t({ zh: '各区覆盖', en: 'Coverage by district' }) : t({ zh: '各区', en: 'Districts' })
          }
          className="grow"
        >
          {coverage ? (
            <CoverageTable wall={wall} place={place} onPick={pick} />
          ) : (
            <DistrictTable wall={wall} place={place} onPick={pick} />
          )}
        </Panel>
      </aside>
      <main className="wall-map">
        <CityMap
          outlines={outlines}
          shades={coverage ? coverageShades(mapWall) : shadesOf(mapWall, focus !== null)}
          dots={dotsOf(
            mapWall.recent,
            focus ? focus.urgent : urgent,
            layers,
            language,
            Date.parse(mapWall.cityTime),
            place,
          )}
          place={place}
          onPick={pick}
          label={t({ zh: '各区在办、急难、超时地图', en: 'Map of open, urgent and late orders by district' })}
        >
          <div className="map-title">
            {place && (
              <button type="button" onClick={() => pick(null)}>
                ‹ {t({ zh: '全市', en: 'City' })}
              </button>
            )}
            <strong>{focus?.place.path ?? t({ zh: '上海市', en: 'Shanghai' })}</strong>
            {focus && (
              <span>
                {focus.figures
                  .filter((f) => ['open', 'urgent', 'overdue'].includes(f.id))
                  .map((f) => `${t(f.name)} ${f.value ?? '–'}`)
                  .join(' · ')}
              </span>
            )}
            {tour && place && <em>{t({ zh: '自动巡览', en: 'automatic tour' })}</em>}
          </div>
          <Legend coverage={coverage} />
          <div className="tools">
            {(['sites', 'hospitals'] as const).map((name) => (
              <button key={name} type="button" aria-pressed={shown[name]} onClick={() => toggleLayer(name)}>
                {name === 'sites'
                  ? t({ zh: '■ 采样点', en: '■ Sites' })
                  : t({ zh: '✚ 医院', en: '✚ Hospitals' })}
              </button>
            ))}
            <button type="button" aria-pressed={coverage} onClick={() => toggleLayer('coverage')}>
              {t({ zh: '◧ 覆盖', en: '◧ Coverage' })}
            </button>
            <button type="button" aria-pressed={tour} onClick={() => keys.t!()}>
              {t({ zh: '巡览 T', en: 'Tour T' })}
            </button>
            <button type="button" aria-pressed={sound} onClick={() => keys.s!()}>
              {t({ zh: '声音 S', en: 'Sound S' })}
            </button>
            <button type="button" onClick={() => keys.r!()}>
              {t({ zh: '回放 R', en: 'Replay R' })}
            </button>
            <button type="button" lang={language === 'zh' ? 'en' : 'zh-CN'} onClick={() => keys.l!()}>
              {language === 'zh' ? 'English' : '中文'}
            </button>
          </div>
        </CityMap>
      </main>
      <aside className="wall-right">
        <SamplingFigures wall={lists} cityNow={now} speed={speed} />
        <RecallClocks wall={lists} cityNow={now} note={listName} />
        <Panel title={t({ zh: '急难在办', en: 'Urgent, open' })} note={listName} className="urgent-panel">
          <OrderLines
            orders={urgent.slice(0, lists.recalls.open > 0 ? 4 : 5)}
            cityNow={now}
            clocks
            empty={t({ zh: '没有急难工单', en: 'No urgent order' })}
          />
        </Panel>
        <Panel title={t({ zh: '最新工单', en: 'Newest orders' })} note={listName} className="grow">
          <OrderLines
            orders={lists.recent}
            cityNow={now}
            clocks={false}
            empty={t({ zh: '还没有工单', en: 'No order yet' })}
          />
        </Panel>
        {/* There is room for either: where people must be found, the clocks of that come first. */}
        {lists.recalls.open === 0 && (
          <Panel title={t({ zh: '在说什么', en: 'What it is about' })} note={listName} className="about">
            <Elements wall={lists} />
          </Panel>
        )}
        <p className="not-connected">{t({ zh: '○ 床位尚未接入', en: '○ Beds are not connected yet' })}</p>
      </aside>
      <footer className="wall-bottom">
        <div className="vital">
          {bottom.map((f) => (
            <FigureBox key={f.id} figure={f} cityNow={now} speed={speed} />
          ))}
        </div>
        <Sources wall={wall} live={city.live} cityNow={now} />
      </footer>
    </div>
  )
}

const shanghaiWall = (at: number) => {
  const p = shanghaiParts(at)
  return `${p.time}:${p.seconds}`
}
const seconds = (since: number, language: 'zh' | 'en') => {
  const ms = Date.now() - since
  return ms < 60_000 ? `${Math.round(ms / 1000)} ${language === 'zh' ? '秒' : 's'}` : span(ms, language)
}
