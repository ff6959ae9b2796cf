import type { z } from 'zod'
import { FindSites, type Site } from '#capabilities/sites/contract.ts'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { shanghaiParts } from '#web/shared/time.ts'
import { useCityClock } from '../shell/clock.ts'
import { download } from '../shell/csv.ts'
import { BUSY, KIND, POOLING, SETTING, UNSURE } from './site-words.ts'

/** The most that is asked for at once. */
const PAGE = 500

const stamp = (iso: string | null) => {
  if (!iso) return null
  const p = shanghaiParts(Date.parse(iso))
  return `${p.day} ${p.time}`
}

/** Saves every site that fits, not only those on the screen, in the language of the screen and Shanghai time. */
export function useSitesExport(): (query: z.input<typeof FindSites.query>) => Promise<void> {
  const t = useWords()
  const clock = useCityClock()
  return async (query) => {
    const sites: Site[] = []
    for (;;) {
      const page = await call(FindSites, { query: { ...query, offset: sites.length, limit: PAGE } })
      sites.push(...page.items)
      if (page.items.length === 0 || sites.length >= page.total) break
    }
    const openness = (s: Site) =>
      s.open === null
        ? t(UNSURE[s.unsure ?? 'hours'])
        : s.open
          ? t({ zh: '开放中', en: 'Open' })
          : t({ zh: '未开放', en: 'Closed' })
    const p = shanghaiParts(clock.now())
    download(`${t({ zh: '采样点', en: 'sites' })}-${p.day}-${p.time.replace(':', '')}.csv`, [
      [
        t({ zh: '名称', en: 'Name' }),
        t({ zh: '地址', en: 'Address' }),
        t({ zh: '地点', en: 'Place' }),
        t({ zh: '地点代码', en: 'Place code' }),
        t({ zh: '经度（WGS84）', en: 'Longitude (WGS84)' }),
        t({ zh: '纬度（WGS84）', en: 'Latitude (WGS84)' }),
        t({ zh: '类型', en: 'Kind' }),
        t({ zh: '设在', en: 'Where it stands' }),
        t({ zh: '采样方式', en: 'Tubes' }),
        t({ zh: '台数', en: 'Desks' }),
        t({ zh: '现在', en: 'Now' }),
        t({ zh: '关门', en: 'Closes' }),
        t({ zh: '下次开放', en: 'Opens next' }),
        t({ zh: '排队', en: 'Line' }),
        t({ zh: '约等（分钟）', en: 'Wait (min)' }),
        t({ zh: '误差（分钟）', en: 'Error (min)' }),
        t({ zh: '开放时间', en: 'Hours' }),
        t({ zh: '来源', en: 'Source' }),
      ],
      ...sites.map((s) => [
        s.name,
        s.address,
        s.place,
        s.placeCode,
        s.lng,
        s.lat,
        t(KIND[s.kind]),
        s.setting && t(SETTING[s.setting]),
        t(POOLING[s.pooling]),
        s.desks,
        openness(s),
        stamp(s.closesAt),
        stamp(s.nextOpening),
        s.queue && t(BUSY[s.queue.busy]),
        s.queue?.waitMinutes ?? null,
        s.queue?.errorMinutes ?? null,
        s.hoursSaid ? t(s.hoursSaid) : s.hoursText,
        s.source,
      ]),
    ])
  }
}
