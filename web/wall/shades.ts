import type { Language } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import type { Hospital, OrderRow, Site, Wall } from '#web/shared/routes.ts'
import type { Dot, Shade } from './Map.tsx'

type District = Wall['districts'][number]

/** Urgent outweighs late, late outweighs busy. */
function classOf(d: District): string {
  if (d.urgent > 0) return 'has-urgent'
  if (d.overdue > 0) return 'has-overdue'
  return d.open > 0 ? 'has-open' : ''
}

const shortName = (name: string) => name.replace(/(?<=..)(新区|区|街道|镇)$/, '')

export const shadesOf = (wall: Wall, quiet: boolean): Shade[] =>
  wall.districts
    .filter((d) => !quiet || d.open > 0)
    .map((d) => ({
      code: d.code,
      className: classOf(d),
      name: shortName(d.name),
      lng: d.lng,
      lat: d.lat,
      lines: [
        { text: `${d.open}`, className: 'n-open' },
        ...(d.urgent > 0 ? [{ text: `▲${d.urgent}`, className: 'n-urgent' }] : []),
        ...(d.overdue > 0 ? [{ text: `●${d.overdue}`, className: 'n-overdue' }] : []),
      ],
    }))

/** Five steps of coverage: where nobody owes a test the district stays as it is. */
const stepOf = (share: number): string => {
  const step = [50, 80, 90, 95].findIndex((limit) => share * 100 < limit)
  return `cover-${step === -1 ? 5 : step + 1}`
}

/** The same outlines by how many of those who owe a test today have been tested. */
export const coverageShades = (wall: Wall): Shade[] =>
  wall.districts.map((d) => {
    const share = d.owing > 0 ? (d.owing - d.missing) / d.owing : null
    return {
      code: d.code,
      className: share === null ? '' : stepOf(share),
      name: shortName(d.name),
      lng: d.lng,
      lat: d.lat,
      lines: share === null ? [] : [{ text: `${Math.floor(share * 1000) / 10}%`, className: 'n-cover' }],
    }
  })

/** 开到 16:30, 周一… 明天 08:00 开, or that the hours could not be read. */
function hoursOf(s: Site, now: number, language: Language): string {
  const zh = language === 'zh'
  if (s.open === null) return zh ? '时间不详' : 'hours unknown'
  if (s.open && s.closesAt)
    return zh ? `开到 ${when(s.closesAt, now, language)}` : `open till ${when(s.closesAt, now, language)}`
  if (s.open) return zh ? '开放' : 'open'
  if (!s.nextOpening) return zh ? '未开放' : 'closed'
  return zh ? `${when(s.nextOpening, now, language)} 开` : `opens ${when(s.nextOpening, now, language)}`
}

const spotted = <T extends { lng: number | null; lat: number | null }>(list: readonly T[]) =>
  list.filter((o): o is T & { lng: number; lat: number } => o.lng !== null && o.lat !== null)

export function dotsOf(
  recent: readonly OrderRow[],
  urgent: readonly OrderRow[],
  layers: { sites: readonly Site[]; hospitals: readonly Hospital[] },
  language: Language,
  now: number,
  place: string | null,
): Dot[] {
  const inView = (x: { placeCode: string }) => !place || x.placeCode.startsWith(place.slice(0, 6))
  const seen = new Set(urgent.map((o) => o.id))
  // Several in one place carry one word with their number, or the words would cover each other.
  const at = Map.groupBy(spotted(urgent), (o) => o.placeCode)
  const word = language === 'zh' ? '急难' : 'urgent'
  return [
    ...layers.sites.filter(inView).map((s) => ({
      key: `s${s.id}`,
      lng: s.lng,
      lat: s.lat,
      className: `site ${s.open === null ? 'unknown' : s.open ? 'open' : 'closed'}`,
      title: `${s.name} · ${hoursOf(s, now, language)}`,
      // In the whole city 267 words would cover it; inside one district they tell when each opens.
      ...(place && { word: hoursOf(s, now, language) }),
    })),
    ...layers.hospitals.filter(inView).map((h) => ({
      key: `h${h.id}`,
      lng: h.lng,
      lat: h.lat,
      className: `hospital ${h.emergency}`,
      title: `${h.name} · ${h.emergencyName[language]}`,
    })),
    ...spotted(recent.filter((o) => !seen.has(o.id))).map((o) => ({
      key: o.id,
      lng: o.lng,
      lat: o.lat,
      className: 'recent',
      title: o.title,
    })),
    ...[...at.values()].flatMap((list) =>
      list.map((o, i) => ({
        key: o.id,
        lng: o.lng,
        lat: o.lat,
        className: 'urgent',
        title: o.title,
        ...(i === list.length - 1 && { word: list.length > 1 ? `${word} ×${list.length}` : word }),
      })),
    ),
  ]
}
