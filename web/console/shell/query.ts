import { QueryClient } from '@tanstack/react-query'
import { ApiError } from '#web/shared/api.ts'
import { onLanguage } from '#web/shared/language.ts'
import { GetMe } from '#capabilities/people/contract.ts'

/** A busy or recovering server was asked again by `call` already, as it said; what was refused for another reason stays refused. */
const isBusy = (error: Error) => error instanceof ApiError && [429, 503].includes(error.problem.status)
const MOST_TRIES = 3

const again = (failures: number, error: Error) =>
  isBusy(error)
    ? failures < MOST_TRIES
    : failures < 2 && !(error instanceof ApiError && error.problem.status < 500)
const pause = (failures: number) => Math.min(1_000 * 1.6 ** failures, 10_000)

export const queryClient: QueryClient = new QueryClient({
  defaultOptions: {
    queries: { retry: again, retryDelay: pause, staleTime: 5_000, refetchOnWindowFocus: false },
  },
})

/** The session ended elsewhere: ask who I am, and the sign-in appears over the same address. */
function whoAmI(error: unknown): void {
  if (error instanceof ApiError && error.problem.code === 'not_signed_in') {
    void queryClient.invalidateQueries({ queryKey: [GetMe.id] })
  }
}

queryClient.getQueryCache().subscribe(({ type, query }) => {
  if (type === 'updated' && query.queryKey[0] !== GetMe.id) whoAmI(query.state.error)
})
queryClient.getMutationCache().subscribe(({ type, mutation }) => {
  if (type === 'updated') whoAmI(mutation.state.error)
})

// Names of places and units come in the language of the page.
onLanguage(() => void queryClient.invalidateQueries())
