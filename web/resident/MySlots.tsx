import { useEffect, useState } from 'react'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { ListMySlots, type MySlot } from '#web/shared/routes.ts'
import { shanghaiParts, when } from '#web/shared/time.ts'
import { useSession } from './session.ts'

const AGAIN_MS = 120_000

/** When my building is sampled: mine in large, the others of the compound on demand. */
export function MySlots({ now }: { now: number }) {
  const t = useWords()
  const language = useLanguage()
  const { isResident, reachable } = useSession()
  const [items, setItems] = useState<MySlot[]>([])
  useEffect(() => {
    if (!isResident || !reachable) return undefined
    const load = () =>
      call(ListMySlots)
        .then((a) => setItems(a.items))
        .catch(() => undefined)
    void load()
    const timer = setInterval(() => void load(), AGAIN_MS)
    return () => clearInterval(timer)
  }, [isResident, reachable])
  const shown = items.filter((s) => Date.parse(s.to) > now)
  const mine = shown.filter((s) => s.mine !== false)
  const others = shown.filter((s) => s.mine === false)
  if (shown.length === 0) return null
  const line = (s: MySlot) => (
    <>
      <b>
        {when(s.from, now, language)}–{shanghaiParts(Date.parse(s.to)).time}
      </b>{' '}
      {s.building ?? s.place} · {s.site}
    </>
  )
  return (
    <section className="card slots">
      <h2>{t({ zh: '我家的采样时段', en: 'When we are sampled' })}</h2>
      {mine.map((s) => (
        <p key={s.id} className="slot-mine">
          {line(s)}
          <br />
          <span className="muted">{s.address}</span>
        </p>
      ))}
      {others.length > 0 && (
        <details>
          <summary>
            {t({ zh: `其他楼栋（${others.length}）`, en: `Other buildings (${others.length})` })}
          </summary>
          {others.map((s) => (
            <p key={s.id}>{line(s)}</p>
          ))}
        </details>
      )}
    </section>
  )
}
