import { useWords } from '#web/shared/language.ts'
import type { Site } from '#web/shared/routes.ts'
import type { Position } from './position.ts'
import { distance } from './SiteCard.tsx'

const SIZE = 320
const HALF = SIZE / 2
const RINGS = [250, 500, 1_000, 2_000, 5_000, 10_000, 20_000]

/** Metres east and north of a point; flat is right enough over a city. */
const from = (centre: Position, at: Position): [number, number] => [
  (at.lng - centre.lng) * 111_320 * Math.cos((centre.lat * Math.PI) / 180),
  (at.lat - centre.lat) * 110_574,
]

/**
 * The listed sites around the person, north up, numbered as in the list. Drawn without tiles or WebGL: it works on a
 * cheap phone and a slow network, and tells nobody where somebody is.
 */
export function SiteMap({ sites, position }: { sites: readonly Site[]; position: Position | null }) {
  const t = useWords()
  if (sites.length === 0) return null
  const centre = position ?? {
    lng: sites.reduce((sum, s) => sum + s.lng, 0) / sites.length,
    lat: sites.reduce((sum, s) => sum + s.lat, 0) / sites.length,
  }
  const points = sites.map((s) => from(centre, s))
  const far = Math.max(250, ...points.map(([x, y]) => Math.hypot(x, y)))
  const scale = (HALF - 18) / far
  const rings = RINGS.filter((r) => r <= far).slice(-3)
  return (
    <figure className="site-map">
      <svg viewBox={`0 0 ${SIZE} ${SIZE}`}>
        {rings.map((r) => (
          <g key={r} className="ring">
            <circle cx={HALF} cy={HALF} r={r * scale} />
            <text x={HALF} y={HALF - r * scale - 3}>
              {distance(r)}
            </text>
          </g>
        ))}
        <text className="north" x={HALF} y={12}>
          {t({ zh: '北', en: 'N' })}
        </text>
        {position && (
          <path
            className="me"
            d={`M${HALF - 9} ${HALF + 8} L${HALF} ${HALF - 10} L${HALF + 9} ${HALF + 8} Z`}
          />
        )}
        {/* The nearest lie on top. */}
        {points
          .map(([x, y], i) => ({ x: HALF + x * scale, y: HALF - y * scale, i }))
          .toReversed()
          .map(({ x, y, i }) => (
            <a
              key={sites[i]!.id}
              href={`#site-${i + 1}`}
              aria-label={`${i + 1} ${sites[i]!.name}`}
              className={sites[i]!.open ? 'open' : 'shut'}
            >
              <circle cx={x} cy={y} r={11} />
              <text x={x} y={y + 4}>
                {i + 1}
              </text>
            </a>
          ))}
      </svg>
      <figcaption className="muted">
        {t({
          zh: `${position ? '▲ 我的位置　' : ''}● 开放　○ 不开；数字同下方清单`,
          en: `${position ? '▲ me  ' : ''}● open  ○ closed; numbers as in the list`,
        })}
      </figcaption>
    </figure>
  )
}
