import { Link } from '@tanstack/react-router'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import type { QueueSearch } from './queue-search.ts'
import { DueMark, OverlayMarks, StateMark, UrgentMark, useTitleOf, useUnitName } from './marks.tsx'
import { leaveTrail } from './trail.ts'
import type { Shown } from './useQueue.ts'

type Given = {
  shown: Shown[]
  now: number
  at: string | undefined
  selected: ReadonlySet<string>
  pending: boolean
  search: QueueSearch
  onAt: (id: string) => void
  onToggle: (id: string) => void
  onOpen: (id: string) => void
  onAll: (all: boolean) => void
}

export function QueueTable({
  shown,
  now,
  at,
  selected,
  pending,
  search,
  onAt,
  onToggle,
  onOpen,
  onAll,
}: Given) {
  const t = useWords()
  const language = useLanguage()
  const titleOf = useTitleOf()
  const unitName = useUnitName()
  return (
    <table className="list queue" aria-busy={pending}>
      <thead>
        <tr>
          <th className="c-check">
            <input
              type="checkbox"
              aria-label={t({ zh: '全选已载入', en: 'Select all that are loaded' })}
              checked={shown.length > 0 && selected.size === shown.length}
              onChange={(e) => onAll(e.target.checked)}
            />
          </th>
          <th className="c-due">{t({ zh: '剩余与时限', en: 'Left and deadline' })}</th>
          <th className="c-state">{t({ zh: '状态', en: 'State' })}</th>
          <th>{t({ zh: '事由与地点', en: 'Matter and place' })}</th>
          <th className="c-unit">{t({ zh: '承办单位', en: 'Unit' })}</th>
          <th className="c-number">{t({ zh: '单号', en: 'Number' })}</th>
          <th className="c-opened">{t({ zh: '受理', en: 'Opened' })}</th>
        </tr>
      </thead>
      <tbody>
        {shown.map(({ row, left }) => (
          // The row repeats its link for the mouse; the keyboard has j, k and enter, and the link itself.
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
          <tr
            key={row.id}
            id={`row-${row.id}`}
            className={[row.id === at && 'at', left && 'gone', selected.has(row.id) && 'picked']
              .filter(Boolean)
              .join(' ')}
            aria-current={row.id === at ? 'true' : undefined}
            onClick={() => onAt(row.id)}
            onDoubleClick={() => onOpen(row.id)}
          >
            <td className="c-check">
              <input
                type="checkbox"
                aria-label={t({ zh: `选中 ${row.number}`, en: `Select ${row.number}` })}
                checked={selected.has(row.id)}
                onChange={() => onToggle(row.id)}
              />
            </td>
            <td className="c-due">
              <DueMark order={row} now={now} />
            </td>
            <td className="c-state">
              <StateMark state={row.state} />
              {row.overdue && <span className="overdue">{t({ zh: '已超时', en: 'Overdue' })}</span>}
              <OverlayMarks order={row} />
              {left && <span className="muted"> {t({ zh: '已移出', en: 'moved on' })}</span>}
            </td>
            <td>
              {row.urgent && <UrgentMark />}
              <Link
                to="/orders/$id"
                params={{ id: row.id }}
                onClick={() =>
                  leaveTrail(
                    shown.map((s) => s.row.id),
                    search,
                  )
                }
                className="title"
              >
                {titleOf(row)}
              </Link>
              {row.address && <span className="muted"> {row.address}</span>}
            </td>
            <td className="c-unit">
              {unitName(row.unit) ?? (
                <span className="unassigned">{t({ zh: '未派', en: 'Not assigned' })}</span>
              )}
            </td>
            <td className="c-number">{row.number}</td>
            <td className="c-opened">{when(row.openedAt, now, language)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
