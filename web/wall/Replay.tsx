import { useEffect, useMemo, useRef, useState } from 'react'
import { go } from '#web/shared/address.ts'
import { call } from '#web/shared/api.ts'
import { setLanguage, useLanguage, useWords } from '#web/shared/language.ts'
import { GetHistoryDay, ListHistory, type HistoryDay } from '#web/shared/routes.ts'
import { useOutlines } from './data.ts'
import { differ, dotsOfDay, saidOf, shadesOfDay, wordsOf, type Anchor } from './history.ts'
import { CityMap } from './Map.tsx'
import { Panel } from './parts.tsx'
import { CityFigures, DayBars, DistrictFigures, type Listed } from './published.tsx'
import type { Outline } from './projection.ts'

const DAY_MS = 6_000

/** A district has no point of its own: the middle of its largest ring stands for it. */
function anchorOf(outline: Outline): Anchor {
  const polygons =
    outline.geometry.type === 'MultiPolygon' ? outline.geometry.coordinates : [outline.geometry.coordinates]
  const ring = polygons.map((p) => p[0]!).sort((a, b) => b.length - a.length)[0]!
  const mean = (i: number) => ring.reduce((sum, point) => sum + point[i]!, 0) / ring.length
  return {
    code: outline.properties.code,
    name: outline.properties.name.replace(/(新区|区)$/, ''),
    lng: mean(0),
    lat: mean(1),
  }
}

function useHistory(day: string) {
  const [days, setDays] = useState<Listed[] | null>(null)
  const [data, setData] = useState<HistoryDay | null>(null)
  const [failed, setFailed] = useState(false)
  const kept = useRef(new Map<string, HistoryDay>())
  useEffect(() => {
    call(ListHistory)
      .then((a) => setDays(a.days))
      .catch(() => setFailed(true))
  }, [])
  useEffect(() => {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return
    const known = kept.current.get(day)
    if (known) return setData(known)
    let gone = false
    call(GetHistoryDay, { params: { day } })
      .then((a) => {
        kept.current.set(day, a)
        if (!gone) setData(a)
        setFailed(false)
      })
      .catch(() => gone || setFailed(true))
    return () => void (gone = true)
  }, [day])
  return { days, data: data?.day === day ? data : null, last: data, failed }
}

/** The imported days of 2022 on the map, one after another. The city's clock is not touched. */
export function Replay({ day }: { day: string }) {
  const t = useWords()
  const language = useLanguage()
  const { days, data, last, failed } = useHistory(day)
  const outlines = useOutlines()
  const anchors = useMemo(() => outlines.map(anchorOf), [outlines])
  const [playing, setPlaying] = useState(true)
  const at = days?.findIndex((d) => d.day === day) ?? -1
  const show = (i: number) => {
    const next = days?.[i]
    if (next) go(`/wall?replay=${next.day}`, { replace: true, keepScroll: true })
  }

  useEffect(() => {
    if (!days || days.length === 0 || day !== '') return
    show(
      Math.max(
        0,
        days.findIndex((d) => d.addresses > 0),
      ),
    )
  })
  useEffect(() => {
    if (!playing || !data || !days || at < 0 || at === days.length - 1) return undefined
    const timer = setTimeout(() => show(at + 1), DAY_MS)
    return () => clearTimeout(timer)
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLSelectElement || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.key === ' ') setPlaying((on) => !on)
      else if (event.key === 'ArrowRight') show(at + 1)
      else if (event.key === 'ArrowLeft') show(at - 1)
      else if (event.key === 'Escape' || event.key.toLowerCase() === 'r') go('/wall')
      else if (event.key.toLowerCase() === 'l') setLanguage(language === 'zh' ? 'en' : 'zh')
      else return
      event.preventDefault()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })

  if (days?.length === 0) {
    return (
      <main className="centre">
        <p>
          {t({
            zh: '还没有导入公布数据：cityloop import addresses|daily|series 文件',
            en: 'No published days were imported yet: cityloop import addresses|daily|series FILE',
          })}
        </p>
        <p>
          <button type="button" onClick={() => go('/wall')}>
            {t({ zh: '回到实时', en: 'Back to live' })}
          </button>
        </p>
      </main>
    )
  }
  const seen = data ?? last
  const sources = [...new Set(seen?.figures.map((f) => f.source))]
  const confirmed = seen ? saidOf(seen.figures, '31', 'confirmed') : []
  const asymptomatic = seen ? saidOf(seen.figures, '31', 'asymptomatic') : []
  return (
    <div className="wall replay">
      <header className="wall-top">
        <div className="clock" data-testid="replay-day">
          {day}
        </div>
        <h1>{t({ zh: `历史回放 ${day}`, en: `Replay ${day}` })}</h1>
        <div className="simulated">
          {t({ zh: '公布数据，按公布原样', en: 'published data, as published' })}
        </div>
        <div className="controls">
          <button type="button" onClick={() => show(at - 1)} disabled={at <= 0}>
            ‹ {t({ zh: '前一天', en: 'Day before' })}
          </button>
          <button type="button" aria-pressed={playing} onClick={() => setPlaying((on) => !on)}>
            {playing ? t({ zh: '❚❚ 暂停', en: '❚❚ Pause' }) : t({ zh: '▶ 播放', en: '▶ Play' })}
          </button>
          <button type="button" onClick={() => show(at + 1)} disabled={!days || at === days.length - 1}>
            {t({ zh: '后一天', en: 'Next day' })} ›
          </button>
          <select
            aria-label={t({ zh: '选日期', en: 'Choose a day' })}
            value={day}
            onChange={(e) => go(`/wall?replay=${e.target.value}`, { replace: true })}
          >
            {days?.map((d) => (
              <option key={d.day} value={d.day}>
                {d.day}
              </option>
            ))}
          </select>
          <button type="button" onClick={() => go('/wall')}>
            {t({ zh: '回到实时', en: 'Back to live' })}
          </button>
        </div>
      </header>
      <aside className="wall-left">
        <div className="figures-left">
          {(
            [
              [{ zh: '确诊', en: 'Confirmed' }, confirmed],
              [{ zh: '无症状', en: 'Asymptomatic' }, asymptomatic],
            ] as const
          ).map(([name, said]) => (
            <div key={name.en} className="figure big">
              <span className="figure-name">{t(name)}</span>
              <span className="figure-value">
                {said.length > 0 ? (
                  wordsOf(said)
                ) : (
                  <small>{t({ zh: '这一天没有导入', en: 'not imported for this day' })}</small>
                )}
              </span>
              {differ(said) && (
                <span className="fresh">{said.map((s) => `${s.source}: ${s.count}`).join(' · ')}</span>
              )}
            </div>
          ))}
          <div className="figure big">
            <span className="figure-name">{t({ zh: '公布涉及地址', en: 'Addresses published' })}</span>
            <span className="figure-value">{seen?.addresses.length ?? '–'}</span>
          </div>
        </div>
        <Panel title={t({ zh: '各区', en: 'Districts' })} className="grow">
          {seen && <DistrictFigures data={seen} anchors={anchors} />}
        </Panel>
      </aside>
      <main className="wall-map">
        <CityMap
          outlines={outlines}
          shades={seen ? shadesOfDay(seen, anchors) : []}
          dots={seen ? dotsOfDay(seen) : []}
          place={null}
          onPick={() => undefined}
          label={t({ zh: `${day} 公布的病例与地址`, en: `Cases and addresses published for ${day}` })}
        >
          <div className="map-title">
            <strong>{t({ zh: `历史回放 ${day}`, en: `Replay ${day}` })}</strong>
            <em>
              {failed
                ? t({ zh: '没有取到这一天', en: 'This day could not be loaded' })
                : t({ zh: '不是此刻的城市', en: 'not the city now' })}
            </em>
          </div>
          <ul className="legend" aria-label={t({ zh: '图例', en: 'Legend' })}>
            <li className="n-confirmed">{t({ zh: '8 确诊', en: '8 confirmed' })}</li>
            <li className="n-asymptomatic">{t({ zh: '+12 无症状', en: '+12 asymptomatic' })}</li>
            <li className="n-address">
              ● {t({ zh: '公布的地址（位置到街镇）', en: 'published address (placed by subdistrict)' })}
            </li>
          </ul>
        </CityMap>
      </main>
      <aside className="wall-right">
        <Panel title={t({ zh: '全市，按公布', en: 'City, as published' })} className="grow">
          {seen && <CityFigures data={seen} />}
        </Panel>
        <Panel title={t({ zh: '来源', en: 'Sources' })}>
          <p className="source-names">{sources.join(' · ') || '–'}</p>
          <p className="source-names">
            {t({ zh: '两个来源不一致时两个数都列出。', en: 'Where two sources differ both numbers stand.' })}
          </p>
        </Panel>
      </aside>
      <footer className="wall-bottom">
        <DayBars days={days ?? []} day={day} />
      </footer>
    </div>
  )
}
