import { useState } from 'react'
import { call, clientId } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { CountQueue } from '#web/shared/routes.ts'
import { good, refused } from './signals.ts'

const COUNTS = [0, 10, 30, 80, 200]

/**
 * How many stand in line, by one tap: residents read it as their wait. It is not kept for later: a line from an hour ago
 * helps nobody, so without a network it says that it was not sent.
 */
export function LineReport({ siteId, cityNow }: { siteId: string; cityNow: () => Date }) {
  const t = useWords()
  const [said, setSaid] = useState<{ people: number; state: 'going' | 'known' | 'failed' } | null>(null)
  const report = (people: number) => {
    setSaid({ people, state: 'going' })
    call(CountQueue, {
      params: { id: siteId },
      body: { id: clientId(), people, at: cityNow().toISOString() },
      signal: AbortSignal.timeout(10_000),
    })
      .then(() => {
        good()
        setSaid({ people, state: 'known' })
      })
      .catch(() => {
        refused()
        setSaid({ people, state: 'failed' })
      })
  }
  return (
    <fieldset className="kind-line line-report">
      <legend>{t({ zh: '现在排队约几人？', en: 'About how many in line?' })}</legend>
      {COUNTS.map((people) => (
        <button
          key={people}
          type="button"
          className="light"
          aria-pressed={said?.people === people && said.state !== 'failed'}
          onClick={() => report(people)}
        >
          {people === COUNTS.at(-1) ? `${people}+` : people}
        </button>
      ))}
      {said && said.state !== 'going' && (
        <output className={said.state === 'failed' ? 'bad' : 'muted'}>
          {said.state === 'known'
            ? t({ zh: '✓ 居民已能看到', en: '✓ residents see it' })
            : t({ zh: '没有网络，没有报上', en: 'No network: not sent' })}
        </output>
      )}
    </fieldset>
  )
}
