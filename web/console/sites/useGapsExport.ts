import { GetCircle, type Circle } from '#capabilities/sites/circle.contract.ts'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { shanghaiParts } from '#web/shared/time.ts'
import { download } from '../shell/csv.ts'

/** More neighbourhoods than a city has. */
const ALL = 10_000

/** Saves every neighbourhood with people out of reach, at the hour and of the place on the screen. */
export function useGapsExport(): (shown: Circle) => Promise<void> {
  const t = useWords()
  return async (shown) => {
    const { gaps, at } = await call(GetCircle, {
      query: { place: shown.placeCode, at: shown.at, gaps: ALL },
    })
    const p = shanghaiParts(Date.parse(at))
    download(
      `${t({ zh: '采样圈缺口', en: 'circle-gaps' })}-${shown.placeCode}-${p.day}-${p.time.replace(':', '')}.csv`,
      [
        [
          t({ zh: '居委代码', en: 'Place code' }),
          t({ zh: '居委', en: 'Neighbourhood' }),
          t({ zh: '够不着的居民', en: 'Residents out of reach' }),
          t({ zh: '经度（WGS84）', en: 'Longitude (WGS84)' }),
          t({ zh: '纬度（WGS84）', en: 'Latitude (WGS84)' }),
          t({ zh: '最近的开放采样点', en: 'Nearest open site' }),
          t({ zh: '直线距离（米）', en: 'Metres as the crow flies' }),
          t({ zh: '步行（分钟）', en: 'Minutes on foot' }),
        ],
        ...gaps.map((g) => [
          g.placeCode,
          g.place,
          g.people,
          g.lng,
          g.lat,
          g.nearest?.name ?? null,
          g.nearest?.metres ?? null,
          g.nearest?.walkMinutes ?? null,
        ]),
      ],
    )
  }
}
