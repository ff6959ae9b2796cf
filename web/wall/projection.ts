export type Outline = {
  properties: { code: string; name: string }
  geometry:
    | { type: 'MultiPolygon'; coordinates: number[][][][] }
    | { type: 'Polygon'; coordinates: number[][][] }
}
export type Box = { x: number; y: number; w: number; h: number }
export type Point = { x: number; y: number }

// Mercator, one unit = 0.001° of longitude; at the city's size every projection looks the same, this one is three lines.
const UNITS = 1_000
const ORIGIN_LNG = 120.8
const ORIGIN_LAT = 31.95
const mercator = (lat: number) => (Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) * 180) / Math.PI

export const project = (lng: number, lat: number): Point => ({
  x: (lng - ORIGIN_LNG) * UNITS,
  y: (mercator(ORIGIN_LAT) - mercator(lat)) * UNITS,
})

const polygonsOf = (o: Outline) =>
  o.geometry.type === 'MultiPolygon' ? o.geometry.coordinates : [o.geometry.coordinates]

export const pathOf = (o: Outline): string =>
  polygonsOf(o)
    .flat()
    .map(
      (ring) =>
        `M${ring
          .map(([lng, lat]) => {
            const p = project(lng!, lat!)
            return `${p.x.toFixed(1)} ${p.y.toFixed(1)}`
          })
          .join('L')}Z`,
    )
    .join('')

/** Islets far out at sea would push the city aside; they are drawn, but the picture is not fitted to them. */
const ISLET_DEGREES = 0.03
const isLarge = (polygon: number[][][]) => {
  const lngs = polygon[0]!.map((point) => point[0]!)
  return Math.max(...lngs) - Math.min(...lngs) > ISLET_DEGREES
}

export function boxOf(outlines: readonly Outline[], margin: number): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const o of outlines) {
    for (const [lng, lat] of polygonsOf(o).filter(isLarge).flat(2)) {
      const p = project(lng!, lat!)
      left = Math.min(left, p.x)
      right = Math.max(right, p.x)
      top = Math.min(top, p.y)
      bottom = Math.max(bottom, p.y)
    }
  }
  const [mx, my] = [(right - left) * margin, (bottom - top) * margin]
  return { x: left - mx, y: top - my, w: right - left + 2 * mx, h: bottom - top + 2 * my }
}
