import { GetMe } from '#capabilities/people/contract.ts'
import { GetMyAccount, ListMySessions } from '#capabilities/people/my-account.contract.ts'
import { queryClient } from '../shell/query.ts'

/** What I may do, my account and my sessions may have changed with it. */
export function accountChanged(): void {
  for (const route of [GetMe, GetMyAccount, ListMySessions])
    void queryClient.invalidateQueries({ queryKey: [route.id] })
}
