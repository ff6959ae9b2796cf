import { useQuery } from '@tanstack/react-query'
import { GetMe, type Me } from '#capabilities/people/contract.ts'
import { call } from '#web/shared/api.ts'
import { queryClient } from './query.ts'

export function useMe() {
  return useQuery({
    queryKey: [GetMe.id],
    queryFn: ({ signal }) => call(GetMe, { signal }),
    staleTime: 60_000,
  })
}

/** Whether the permission holds anywhere; where it holds is the server's to judge. */
export function useMay(): (permission: string) => boolean {
  const { data } = useMe()
  return (permission) => (data?.may[permission] ?? []).length > 0
}

/** The place that a search may be kept to: the person's own, unless it is the whole city. */
export function useOwnPlace(): string | undefined {
  const code = useMe().data?.place?.code
  return code && code.length >= 6 ? code : undefined
}

/** Somebody else sits here now: what the one before saw is forgotten. */
export function become(me: Me | undefined): void {
  // Not `clear()`: screens that are open would go on holding the forgotten answer and never hear of the new one.
  queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== GetMe.id })
  if (me) queryClient.setQueryData([GetMe.id], me)
  else void queryClient.invalidateQueries({ queryKey: [GetMe.id] })
}
