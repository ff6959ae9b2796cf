import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { SearchAnswers } from '#capabilities/policy/contract.ts'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'

/** Answers that fit what is being written, to be read to the caller. */
export function Answers({ text }: { text: string }) {
  const t = useWords()
  const q = text.slice(0, 300)
  const { data } = useQuery({
    queryKey: [SearchAnswers.id, q],
    queryFn: ({ signal }) => call(SearchAnswers, { query: { q }, signal }),
    enabled: q.length >= 2,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })
  const items = q.length >= 2 ? (data?.items ?? []).slice(0, 4) : []
  return (
    <section className="card answers">
      <h2>{t({ zh: '可以这样答复', en: 'Answers that fit' })}</h2>
      {items.length === 0 && (
        <p className="muted">
          {t({ zh: '没有对得上的答复，照实登记', en: 'None fits: take the request down' })}
        </p>
      )}
      {items.map((a, i) => (
        <details key={a.id} open={i === 0}>
          <summary>{t(a.question)}</summary>
          <p>{t(a.answer)}</p>
        </details>
      ))}
    </section>
  )
}
