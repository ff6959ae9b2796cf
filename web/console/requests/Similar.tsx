import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { FindSimilar } from '#capabilities/requests/contract.ts'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { DueMark, StateMark, UrgentMark, useTitleOf } from '../orders/marks.tsx'
import { useNow } from '../shell/clock.ts'

/** Open orders about the same thing nearby, so that the caller hears that it is known. */
export function Similar({ place, element }: { place: string | undefined; element: string | undefined }) {
  const t = useWords()
  const now = useNow()
  const titleOf = useTitleOf()
  const { data } = useQuery({
    queryKey: [FindSimilar.id, place, element],
    queryFn: ({ signal }) =>
      call(FindSimilar, { query: { place: place!, ...(element && { element }) }, signal }),
    enabled: place !== undefined && place.length >= 6,
    placeholderData: keepPreviousData,
  })
  const items = place ? (data?.items ?? []) : []
  return (
    <section className="card similar">
      <h2>{t({ zh: '附近同类未结工单', en: 'Open orders nearby about the same' })}</h2>
      {items.length === 0 && (
        <p className="muted">
          {place
            ? t({ zh: '没有，这是头一件', en: 'None: this is the first' })
            : t({ zh: '读出地点后显示', en: 'Shown once the place is known' })}
        </p>
      )}
      <ul className="related">
        {items.map((o) => (
          <li key={o.id}>
            {o.urgent && <UrgentMark />}
            {/* In a window of its own: the call that is being written stays. */}
            <Link to="/orders/$id" params={{ id: o.id }} target="_blank">
              {titleOf(o)}
            </Link>
            {o.address && <span className="muted">{o.address}</span>}
            <span className="mono muted">{o.number}</span>
            <StateMark state={o.state} />
            <DueMark order={o} now={now} />
          </li>
        ))}
      </ul>
    </section>
  )
}
