import type { Statistics } from '#capabilities/orders/contract.ts'
import { useWords } from '#web/shared/language.ts'
import { shanghaiParts } from '#web/shared/time.ts'
import { useElements } from '../policy/elements.tsx'
import { download } from '../shell/csv.ts'

/** Saves what the page shows: one line per figure, with what it counts and where. */
export function useStatisticsExport(): (data: Statistics) => void {
  const t = useWords()
  const { nameOf } = useElements()
  return (data) => {
    const total = t({ zh: '合计', en: 'total' })
    const keys = [
      'opened',
      'closed',
      'open',
      'overdue',
      'urgent',
      'onTimeSign',
      'onTimeResolve',
      'solvedRate',
      'satisfaction',
      'returnRate',
      'redoRate',
    ] as const
    const p = shanghaiParts(Date.parse(data.at))
    download(`${t({ zh: '统计', en: 'statistics' })}-${p.day}-${p.time.replace(':', '')}.csv`, [
      [
        t({ zh: '分类', en: 'Group' }),
        t({ zh: '代码', en: 'Code' }),
        t({ zh: '名称', en: 'Name' }),
        t({ zh: '指标', en: 'Figure' }),
        t({ zh: '值', en: 'Value' }),
      ],
      ...keys.map((key) => [total, '', '', key, data[key]]),
      ...data.byPlace.flatMap((r) =>
        (['opened', 'open', 'urgent', 'overdue'] as const).map((key) => [
          'place',
          r.placeCode,
          r.place,
          key,
          r[key],
        ]),
      ),
      ...data.byElement.map((e) => ['element', e.element, nameOf(e.element) ?? '', 'opened', e.n]),
      ...data.byUnit.flatMap((u) =>
        (['open', 'overdue'] as const).map((key) => ['unit', u.unitId, u.unit, key, u[key]]),
      ),
      ...data.byHour.map((h) => ['hour', h.hour, '', 'opened', h.n]),
    ])
  }
}
