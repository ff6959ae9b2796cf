import { ApiError, call } from '#web/shared/api.ts'
import { Identify } from '#web/shared/routes.ts'
import type { DayStore } from './day.ts'
import { learnPerson, underWay, type Refusal } from './records.ts'

const PATIENCE_MS = 3_000
/** After silence or a full house the table does without: sealing is what counts, names are a help. */
const PAUSE_MS = 60_000
const ABOUT_THE_PERSON = ['code_not_valid', 'person_not_found', 'id_number_wrong']

let pausedUntil = 0
const asked = new Set<string>()

/**
 * Asks the city who was just added, while they still stand there: their masked name, or that their code has run out. Never
 * waited for, never repeated in vain; without a network the same is found out when the tube is sent.
 */
export async function identifyNew(store: DayStore, onProblem: (refusal: Refusal) => void): Promise<void> {
  const day = store.get()
  const tube = underWay(day)
  const session = day.sessions.find((s) => s.id === tube?.sessionId)
  if (!tube || session?.state !== 'sent' || !navigator.onLine) return
  for (const person of tube.members) {
    const mark = `${tube.id} ${person.key}`
    if (
      person.nameMasked !== null ||
      person.isNew ||
      person.problem ||
      asked.has(mark) ||
      Date.now() < pausedUntil
    )
      continue
    asked.add(mark)
    try {
      const { nameMasked, isNew } = await call(Identify, {
        body: { sessionId: session.id, member: person.member },
        signal: AbortSignal.timeout(PATIENCE_MS),
      })
      await store.change((now) => learnPerson(now, tube.id, person.key, { nameMasked, isNew, problem: null }))
    } catch (error) {
      asked.delete(mark)
      if (error instanceof ApiError && ABOUT_THE_PERSON.includes(error.problem.code)) {
        const { code, title, titleZh } = error.problem
        const problem = { code, zh: titleZh, en: title }
        await store.change((now) =>
          learnPerson(now, tube.id, person.key, { nameMasked: null, isNew: false, problem }),
        )
        onProblem(problem)
        continue
      }
      pausedUntil = Date.now() + PAUSE_MS
      return
    }
  }
}
