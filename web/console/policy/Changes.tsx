import type { Change } from '#capabilities/policy/packs.contract.ts'
import { useWords } from '#web/shared/language.ts'

/** The chapters of a pack, in the order in which they are read. */
const CHAPTERS: Record<string, { zh: string; en: string }> = {
  parameters: { zh: '参数', en: 'Parameters' },
  rules: { zh: '规则', en: 'Rules' },
  testPlans: { zh: '检测频次', en: 'Test plans' },
  calendar: { zh: '日历', en: 'Calendar' },
  urgencies: { zh: '急难词', en: 'Urgent needs' },
  elements: { zh: '要素字典', en: 'Element dictionary' },
}

const textOf = (value: unknown): string => {
  if (value === null) return '—'
  if (Array.isArray(value) && value.every((x) => typeof x === 'string')) return value.join('、') || '—'
  return typeof value === 'string' ? value : JSON.stringify(value, null, 1)
}

/** A number that changed stands in large; a thing that came or went says so in words, not by colour alone. */
export function Changes({ changes }: { changes: readonly Change[] }) {
  const t = useWords()
  if (changes.length === 0) return <p className="muted">{t({ zh: '没有差异', en: 'No difference' })}</p>
  const heads = new Map<string, Change[]>()
  for (const change of changes) {
    const [head = ''] = change.path
    const chapter = head in CHAPTERS ? head : ''
    heads.set(chapter, [...(heads.get(chapter) ?? []), change])
  }
  return (
    <div className="changes">
      {[...heads].map(([head, list]) => (
        <section key={head}>
          <h3>
            {t(CHAPTERS[head] ?? { zh: '其他', en: 'Other' })} <span className="muted">{list.length}</span>
          </h3>
          <table className="list small">
            <thead>
              <tr>
                <th>{t({ zh: '哪一项', en: 'What' })}</th>
                <th>{t({ zh: '原来', en: 'Before' })}</th>
                <th>{t({ zh: '改为', en: 'After' })}</th>
              </tr>
            </thead>
            <tbody>
              {list.map((c) => {
                const path = head === '' ? c.path : c.path.slice(1)
                return (
                  <tr key={c.path.join('/')}>
                    <td>
                      {path.filter((p) => p !== 'value').join(' › ')}
                      {c.from === null && <b className="came"> ＋ {t({ zh: '新增', en: 'new' })}</b>}
                      {c.to === null && <b className="went"> － {t({ zh: '取消', en: 'gone' })}</b>}
                    </td>
                    <td className="before">{textOf(c.from)}</td>
                    <td className="after">{textOf(c.to)}</td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </section>
      ))}
    </div>
  )
}
