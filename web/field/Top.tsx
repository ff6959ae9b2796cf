import { useEffect, useState } from 'react'
import { go } from '#web/shared/address.ts'
import { setLanguage, useLanguage, useWords } from '#web/shared/language.ts'
import type { Pending } from '#web/shared/outbox.ts'
import { span } from '#web/shared/time.ts'
import { unsentHere, useDay, type Field } from './field.ts'
import { unsent } from './records.ts'
import { useTick } from './use-tick.ts'

type Count = { waiting: number; refused: number; oldest: number | null }
const TICK_MS = 5_000

/** What waits on this device, whoever made it; the day that is open here says it at once. */
function useKept(field: Field, owner: string | null): Count | null {
  const [count, setCount] = useState<Count | null>(null)
  const isReady = field.is === 'ready'
  useEffect(() => {
    if (isReady) return
    const look = () =>
      void unsentHere()
        .then((all) => {
          const headers = all.filter(
            (h) =>
              h.state !== 'filling' &&
              h.state !== 'packing' &&
              // One's own are in the queue, which says it at once.
              (h.what !== 'action' || h.owner !== owner),
          )
          const bad = headers.filter((h) => h.state === 'refused').length
          const times = headers.filter((h) => h.what !== 'session').map((h) => h.madeAt)
          const oldest = times.length > 0 ? Math.min(...times) : null
          setCount({ waiting: headers.length - bad, refused: bad, oldest })
        })
        .catch(() => undefined)
    look()
    const timer = setInterval(look, TICK_MS)
    return () => clearInterval(timer)
  }, [isReady, owner])
  return count
}

export function Top({
  pending,
  owner,
  field,
  onLeave,
}: {
  pending: readonly Pending[]
  owner: string | null
  field: Field
  onLeave: (() => void) | null
}) {
  const t = useWords()
  const language = useLanguage()
  return (
    <header className="top">
      <strong>{t({ zh: '城环', en: 'CityLoop' })}</strong>
      {field.is === 'ready' ? (
        <OpenCount field={field} pending={pending} />
      ) : (
        <ClosedCount field={field} owner={owner} pending={pending} />
      )}
      <button
        type="button"
        lang={language === 'zh' ? 'en' : 'zh-CN'}
        onClick={() => setLanguage(language === 'zh' ? 'en' : 'zh')}
      >
        {language === 'zh' ? 'EN' : '中文'}
      </button>
      {onLeave && (
        <button type="button" onClick={onLeave}>
          {t({ zh: '退出', en: 'Out' })}
        </button>
      )}
    </header>
  )
}

function OpenCount({
  field,
  pending,
}: {
  field: Extract<Field, { is: 'ready' }>
  pending: readonly Pending[]
}) {
  const { tubes, boxes, sessions, refused, oldest } = unsent(useDay(field.store))
  return <Counted count={{ waiting: tubes + boxes + sessions, refused, oldest }} pending={pending} isLink />
}

function ClosedCount({
  field,
  owner,
  pending,
}: {
  field: Field
  owner: string | null
  pending: readonly Pending[]
}) {
  return <Counted count={useKept(field, owner)} pending={pending} isLink={false} />
}

function Counted({
  count,
  pending,
  isLink,
}: {
  /** Null until the device has been looked into: it must not say none where it does not know. */
  count: Count | null
  pending: readonly Pending[]
  isLink: boolean
}) {
  const t = useWords()
  const language = useLanguage()
  const now = useTick(TICK_MS)
  if (!count) return <span className="count">{t({ zh: '待发送 …', en: 'Unsent …' })}</span>
  const waiting = count.waiting + pending.length
  const times = [...pending.map((p) => p.madeAt), ...(count.oldest === null ? [] : [count.oldest])]
  const words = (
    <>
      {t({ zh: `待发送 ${waiting}`, en: `Unsent ${waiting}` })}
      {waiting > 0 && times.length > 0 && ` · ${span(now - Math.min(...times), language)}`}
      {count.refused > 0 && <b> ✗{count.refused}</b>}
    </>
  )
  const look = `count ${waiting > 0 ? 'waiting' : ''} ${count.refused > 0 ? 'refused' : ''}`
  if (!isLink)
    return (
      <span className={look} aria-live="polite">
        {words}
      </span>
    )
  return (
    <button type="button" className={look} onClick={() => go('/field?tab=sampling&view=unsent')}>
      {words}
    </button>
  )
}
