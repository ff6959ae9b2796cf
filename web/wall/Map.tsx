import { useMemo, type ReactNode } from 'react'
import { boxOf, pathOf, project, type Box, type Outline, type Point } from './projection.ts'

export type Shade = {
  code: string
  className: string
  name: string
  lng: number | null
  lat: number | null
  lines: { text: string; className: string }[]
}
export type Dot = {
  key: string
  lng: number
  lat: number
  className: string
  word?: string
  title?: string
  size?: number
}

/** The seven districts of the inner city are a tenth of the map's width; they are drawn again, larger, in a corner. */
const INNER = ['310101', '310104', '310105', '310106', '310107', '310109', '310110']
const BACKGROUND: Box = { x: 0, y: 0, w: 1300, h: 1500 }

const inside = (box: Box, p: Point) =>
  p.x > box.x && p.x < box.x + box.w && p.y > box.y && p.y < box.y + box.h

type Props = {
  outlines: readonly Outline[]
  shades: readonly Shade[]
  dots: readonly Dot[]
  place: string | null
  onPick: (code: string) => void
  label: string
  children?: ReactNode
}

function Shapes({ outlines, shades, place, onPick }: Omit<Props, 'dots' | 'label' | 'children'>) {
  const paths = useMemo(
    () => outlines.map((o) => ({ code: o.properties.code, name: o.properties.name, d: pathOf(o) })),
    [outlines],
  )
  return paths.map((p) => {
    const shade = shades.find((s) => s.code === p.code)
    const away = place !== null && !place.startsWith(p.code)
    return (
      <path
        key={p.code}
        d={p.d}
        data-code={p.code}
        className={`district ${shade?.className ?? ''} ${away ? 'away' : ''}`}
        onClick={() => onPick(p.code)}
      />
    )
  })
}

/** A word at a place. `u` is a hundredth of the picture's height, so that words keep their size at every zoom. */
function Label({
  shade,
  u,
  lift = 0,
  onPick,
}: {
  shade: Shade
  u: number
  lift?: number
  onPick: (code: string) => void
}) {
  if (shade.lng === null || shade.lat === null) return null
  const p = project(shade.lng, shade.lat)
  return (
    <g className="label" transform={`translate(${p.x} ${p.y - lift * u})`} onClick={() => onPick(shade.code)}>
      <text className="label-name" fontSize={2.3 * u} textAnchor="middle">
        {shade.name}
      </text>
      <text className="label-lines" fontSize={2.3 * u} y={2.7 * u} textAnchor="middle">
        {shade.lines.map((line, i) => (
          <tspan key={line.className} className={line.className} dx={i > 0 ? 0.7 * u : 0}>
            {line.text}
          </tspan>
        ))}
      </text>
    </g>
  )
}

function Dots({ dots, u, wordAt }: { dots: readonly Dot[]; u: number; wordAt: (p: Point) => boolean }) {
  return dots.map((dot) => {
    const p = project(dot.lng, dot.lat)
    return (
      <g
        key={dot.key}
        className={`dot ${dot.className}`}
        transform={`translate(${p.x} ${p.y}) scale(${u * (dot.size ?? 1)})`}
      >
        {dot.title && <title>{dot.title}</title>}
        {dot.className === 'urgent' && <circle r="1" className="ring" />}
        {dot.className.startsWith('hospital') ? (
          <path d="M-.75-.25h.5v-.5h.5v.5h.5v.5h-.5v.5h-.5v-.5h-.5z" />
        ) : dot.className.startsWith('site') ? (
          <rect x="-.5" y="-.5" width="1" height="1" />
        ) : (
          <circle r={dot.className === 'urgent' ? 0.9 : 0.55} />
        )}
        {dot.word && wordAt(p) && (
          <text className="dot-word" x="1.4" y="0.7" fontSize="2">
            {dot.word}
          </text>
        )}
      </g>
    )
  })
}

/** The city as outlines, words and points in plain SVG: no WebGL, no tiles, the same on every screen. */
export function CityMap({ outlines, shades, dots, place, onPick, label, children }: Props) {
  const district = place?.slice(0, 6) ?? null
  const box = useMemo(() => {
    const shown = district ? outlines.filter((o) => o.properties.code === district) : outlines
    return shown.length > 0 ? boxOf(shown, 0.04) : BACKGROUND
  }, [district, outlines])
  const inner = useMemo(() => outlines.filter((o) => INNER.includes(o.properties.code)), [outlines])
  const innerBox = useMemo(() => (inner.length > 0 ? boxOf(inner, 0.05) : null), [inner])
  const u = Math.max(box.h, box.w) / 100
  const innerU = innerBox ? innerBox.h / 62 : 1
  const isInner = (code: string) => INNER.includes(code.slice(0, 6))
  const outer = district ? shades : shades.filter((s) => !isInner(s.code))
  return (
    <div className="map">
      <svg
        className="map-main"
        viewBox={`${box.x} ${box.y} ${box.w} ${box.h}`}
        preserveAspectRatio={district ? 'xMidYMid' : 'xMinYMid'}
        role="img"
        aria-label={label}
      >
        <Shapes outlines={outlines} shades={district ? [] : shades} place={district} onPick={onPick} />
        {!district && innerBox && (
          <rect
            className="inset-frame"
            x={innerBox.x}
            y={innerBox.y}
            width={innerBox.w}
            height={innerBox.h}
            strokeWidth={0.25 * u}
          />
        )}
        <Dots dots={dots} u={u} wordAt={(p) => district !== null || !(innerBox && inside(innerBox, p))} />
        {outer.map((s) => (
          <Label
            key={s.code}
            shade={s}
            u={district ? 0.8 * u : u}
            lift={district ? 4.4 : 0}
            onPick={onPick}
          />
        ))}
      </svg>
      {!district && innerBox && (
        <svg
          className="map-inset"
          viewBox={`${innerBox.x} ${innerBox.y} ${innerBox.w} ${innerBox.h}`}
          aria-hidden="true"
        >
          <Shapes outlines={inner} shades={shades} place={null} onPick={onPick} />
          <Dots dots={dots} u={innerU} wordAt={(p) => p.x < innerBox.x + 0.8 * innerBox.w} />
          {shades
            .filter((s) => isInner(s.code))
            .map((s) => (
              <Label key={s.code} shade={s} u={innerU} onPick={onPick} />
            ))}
        </svg>
      )}
      {children}
    </div>
  )
}
