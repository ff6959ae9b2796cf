import type { OrderRow } from '#capabilities/orders/contract.ts'
import { useWords } from '#web/shared/language.ts'
import { shanghaiParts } from '#web/shared/time.ts'
import { CLOCK_WORDS, STATE_WORDS } from '#web/shared/words.ts'
import { useElements } from '../policy/elements.tsx'
import { useCityClock } from '../shell/clock.ts'
import { download } from '../shell/csv.ts'
import { useTitleOf, useUnitName } from './marks.tsx'

const stamp = (iso: string | null) => {
  if (!iso) return null
  const p = shanghaiParts(Date.parse(iso))
  return `${p.day} ${p.time}:${p.seconds}`
}

/** Saves the loaded rows as CSV, in the language of the screen and Shanghai time. */
export function useExport(): (rows: OrderRow[]) => void {
  const t = useWords()
  const clock = useCityClock()
  const titleOf = useTitleOf()
  const unitName = useUnitName()
  const { nameOf } = useElements()
  const yes = (is: boolean) => (is ? t({ zh: '是', en: 'yes' }) : t({ zh: '否', en: 'no' }))
  return (rows) => {
    const head = [
      t({ zh: '单号', en: 'Number' }),
      t({ zh: '标题', en: 'Title' }),
      t({ zh: '事项', en: 'Matter' }),
      t({ zh: '地点', en: 'Place' }),
      t({ zh: '地点代码', en: 'Place code' }),
      t({ zh: '地址', en: 'Address' }),
      t({ zh: '状态', en: 'State' }),
      t({ zh: '急难', en: 'Urgent' }),
      t({ zh: '承办单位', en: 'Unit' }),
      t({ zh: '受理时间', en: 'Opened' }),
      t({ zh: '时限', en: 'Deadline' }),
      t({ zh: '时限事项', en: 'Deadline for' }),
      t({ zh: '超时', en: 'Overdue' }),
      t({ zh: '模拟', en: 'Simulated' }),
    ]
    const lines = rows.map((o) => [
      o.number,
      titleOf(o),
      nameOf(o.element) ?? '',
      o.place,
      o.placeCode,
      o.address,
      t(STATE_WORDS[o.state]),
      yes(o.urgent),
      unitName(o.unit),
      stamp(o.openedAt),
      stamp(o.dueAt),
      o.dueKind && t(CLOCK_WORDS[o.dueKind]),
      yes(o.overdue),
      yes(o.simulated),
    ])
    const p = shanghaiParts(clock.now())
    download(`${t({ zh: '工单', en: 'orders' })}-${p.day}-${p.time.replace(':', '')}.csv`, [head, ...lines])
  }
}
