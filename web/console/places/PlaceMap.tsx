import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { GetOutlines } from '#capabilities/places/contract.ts'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'

type District = {
  properties: { code: string; name: string }
  geometry:
    | { type: 'Polygon'; coordinates: number[][][] }
    | { type: 'MultiPolygon'; coordinates: number[][][][] }
}
type Box = { west: number; east: number; south: number; north: number }

const WIDTH = 360
const HEIGHT = 240
/** Degrees of latitude and longitude are not equally long: cos 31.2° at Shanghai. */
const SQUEEZE = Math.cos((31.2 * Math.PI) / 180)

const rings = (d: District) =>
  d.geometry.type === 'Polygon' ? d.geometry.coordinates : d.geometry.coordinates.flat()

function boxOf(districts: District[]): Box {
  const points = districts.flatMap((d) => rings(d).flat())
  const lng = points.map((p) => p[0]!)
  const lat = points.map((p) => p[1]!)
  const least = (list: number[]) => list.reduce((a, b) => Math.min(a, b), Infinity)
  const most = (list: number[]) => list.reduce((a, b) => Math.max(a, b), -Infinity)
  return { west: least(lng), east: most(lng), south: least(lat), north: most(lat) }
}

/** Flat picture of the districts round the place: enough to know which side of the river; lists come first. */
export function PlaceMap({
  lng,
  lat,
  placeCode,
}: {
  lng: number | null
  lat: number | null
  placeCode: string
}) {
  const t = useWords()
  const { data } = useQuery({
    queryKey: [GetOutlines.id],
    queryFn: ({ signal }) => call(GetOutlines, { signal }),
    staleTime: Infinity,
  })
  const drawn = useMemo(() => {
    const districts = (data?.features ?? []) as District[]
    const own = districts.filter((d) => placeCode.startsWith(d.properties.code))
    const box = boxOf(own.length > 0 ? own : districts)
    const scale = Math.min(
      (WIDTH - 24) / ((box.east - box.west) * SQUEEZE),
      (HEIGHT - 24) / (box.north - box.south),
    )
    const at = (p: number[]): [number, number] => [
      WIDTH / 2 + (p[0]! - (box.west + box.east) / 2) * SQUEEZE * scale,
      HEIGHT / 2 - (p[1]! - (box.south + box.north) / 2) * scale,
    ]
    const pathOf = (d: District) =>
      rings(d)
        .map(
          (ring) =>
            `M${ring
              .map((p) =>
                at(p)
                  .map((n) => n.toFixed(1))
                  .join(' '),
              )
              .join('L')}Z`,
        )
        .join('')
    return {
      at,
      paths: districts.map((d) => ({ ...d.properties, path: pathOf(d), own: own.includes(d) })),
      name: own[0]?.properties.name,
    }
  }, [data, placeCode])
  const point = lng !== null && lat !== null && data ? drawn.at([lng, lat]) : undefined
  return (
    <figure className="map">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={t({ zh: `${drawn.name ?? '全市'}示意图`, en: `Sketch of ${drawn.name ?? 'the city'}` })}
      >
        {drawn.paths.map((d) => (
          <path key={d.code} d={d.path} className={d.own ? 'district own' : 'district'} />
        ))}
        {point && (
          <>
            <circle cx={point[0]} cy={point[1]} r={16} className="about" />
            <circle cx={point[0]} cy={point[1]} r={4} className="point" />
          </>
        )}
      </svg>
      <figcaption className="muted">
        {point
          ? t({
              zh: '大致位置（街镇代表点附近，非门牌定位）；轮廓含水域，仅供演示',
              en: 'Approximate (about the subdistrict, not the door); outlines include water, for demonstration',
            })
          : t({
              zh: '没有坐标；轮廓含水域，仅供演示',
              en: 'No position; outlines include water, for demonstration',
            })}
      </figcaption>
    </figure>
  )
}
