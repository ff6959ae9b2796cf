import type { Feature, FeatureCollection, MultiPolygon, Polygon, Position } from 'geojson'
import gcoord from 'gcoord'
import { around, distance } from 'geokdbush'
import KDBush from 'kdbush'
import { feature } from 'topojson-client'
import { note, type Note } from '#kernel/import-report.ts'
import type { GeometryCollection, Topology } from 'topojson-specification'

export type LngLat = readonly [lng: number, lat: number]

/** GCJ-02 degrees, as Chinese map services draw them, for a WGS84 position. */
export const wgs84ToGcj02 = ([lng, lat]: LngLat): [number, number] =>
  gcoord.transform<[number, number]>([lng, lat], gcoord.WGS84, gcoord.GCJ02)

/** WGS84 degrees for a GCJ-02 position; there and back stays within half a metre (0.12 m seen). */
export const gcj02ToWgs84 = ([lng, lat]: LngLat): [number, number] =>
  gcoord.transform<[number, number]>([lng, lat], gcoord.GCJ02, gcoord.WGS84)

export type PointIndex<T> = { readonly tree: KDBush; readonly items: readonly T[] }

/** An index of things that stand somewhere; things without a position are left out. */
export const makePointIndex = <T extends { lng?: number | undefined; lat?: number | undefined }>(
  things: readonly T[],
): PointIndex<T & { lng: number; lat: number }> => {
  const items = things.filter(
    (thing): thing is T & { lng: number; lat: number } => thing.lng !== undefined && thing.lat !== undefined,
  )
  const tree = new KDBush(items.length)
  for (const { lng, lat } of items) tree.add(lng, lat)
  tree.finish()
  return { tree, items }
}

/** Great-circle metres between two WGS84 positions. */
export const metresBetween = ([lng1, lat1]: LngLat, [lng2, lat2]: LngLat): number =>
  distance(lng1, lat1, lng2, lat2) * 1000

/** The n nearest things with their distance in metres, nearest first. */
export const nearest = <T extends { lng: number; lat: number }>(
  index: PointIndex<T>,
  lng: number,
  lat: number,
  n: number,
): { item: T; metres: number }[] => {
  if (index.items.length === 0 || n <= 0) return []
  return around(index.tree, lng, lat, n).flatMap((id) => {
    const item = index.items[id]
    return item ? [{ item, metres: metresBetween([lng, lat], [item.lng, item.lat]) }] : []
  })
}

/** The things within so many metres of a position, nearest first. */
export const withinMetres = <T extends { lng: number; lat: number }>(
  index: PointIndex<T>,
  lng: number,
  lat: number,
  metres: number,
): T[] =>
  index.items.length === 0
    ? []
    : around(index.tree, lng, lat, Infinity, metres / 1000).flatMap((id) => index.items[id] ?? [])

export type Outline = Feature<Polygon | MultiPolygon, { code: string; name: string }>

/** GeoJSON outlines from TopoJSON. They are for demonstration and contain water; throws on anything else. */
export const decodeOutlines = (
  topology: unknown,
): FeatureCollection<Polygon | MultiPolygon, Outline['properties']> => {
  const topo = topology as Topology<Record<string, GeometryCollection<Outline['properties']>>>
  const [object] = Object.values(topo.objects ?? {})
  if (topo.type !== 'Topology' || object?.type !== 'GeometryCollection')
    throw new TypeError('outlines must be a TopoJSON topology with one collection')
  return feature(topo, object) as FeatureCollection<Polygon | MultiPolygon, Outline['properties']>
}

const isInRing = (ring: readonly Position[], lng: number, lat: number): boolean => {
  let inside = false
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi = 0, yi = 0] = ring[i] ?? []
    const [xj = 0, yj = 0] = ring[j] ?? []
    if (yi > lat !== yj > lat && lng < ((xj - xi) * (lat - yi)) / (yj - yi) + xi) inside = !inside
  }
  return inside
}

/** The code of the district whose outline holds a WGS84 position; undefined outside the city. */
export const districtAt = (
  outlines: { readonly features: readonly Outline[] },
  lng: number,
  lat: number,
): string | undefined => {
  for (const { geometry, properties } of outlines.features) {
    const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
    for (const [outer, ...holes] of polygons)
      if (outer && isInRing(outer, lng, lat) && !holes.some((hole) => isInRing(hole, lng, lat)))
        return properties.code
  }
  return undefined
}

/** What is to be said of a position that is outside the city, or in another district than the one that is named. */
export function positionNote(
  outlines: { readonly features: readonly Outline[] },
  thing: { line: number; name: string; district: string; placeCode: string; lng: number; lat: number },
): Note | undefined {
  const code = districtAt(outlines, thing.lng, thing.lat)
  if (code === undefined)
    return note(
      'position_outside',
      `第 ${thing.line} 个 ${thing.name} 的位置不在本市`,
      `Position of no. ${thing.line} ${thing.name} is outside the city`,
    )
  if (thing.placeCode.startsWith(code)) return undefined
  return note(
    'position_elsewhere',
    `第 ${thing.line} 个 ${thing.name} 写在${thing.district}，位置在 ${code}`,
    `No. ${thing.line} ${thing.name} is listed in ${thing.district} and stands in ${code}`,
  )
}
