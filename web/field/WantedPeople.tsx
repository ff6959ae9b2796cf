import { useWords } from '#web/shared/language.ts'
import { isTaken, underWay, type Day, type Session } from './records.ts'

/** Who is called back here: a tap puts one into the open tube, since they are known already. */
export function WantedPeople({
  session,
  day,
  onTake,
}: {
  session: Session
  day: Day
  onTake: (i: number) => void
}) {
  const t = useWords()
  return (
    <div className="wanted">
      <b>{t({ zh: '须单管采样', en: 'Single tubes for' })}</b>
      {session.wanted.map((one, i) => {
        const done = isTaken(day, one)
        return (
          <button
            key={one.code ?? `${session.id} ${one.nameMasked}`}
            type="button"
            className="light"
            disabled={done || !one.code || !underWay(day)}
            onClick={() => onTake(i)}
          >
            {done ? '✓ ' : ''}
            {one.nameMasked}
          </button>
        )
      })}
    </div>
  )
}
