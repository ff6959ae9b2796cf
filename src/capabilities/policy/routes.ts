import { anyone } from '#kernel/auth.ts'
import { serve } from '#kernel/http.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const policyRoutes = [
  serve(contract.GetPack, anyone, actions.getPack),
  serve(contract.ListElements, anyone, actions.listElements),
  serve(contract.SearchAnswers, anyone, actions.searchAnswers),
]
