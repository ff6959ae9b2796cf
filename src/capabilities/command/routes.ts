import { anyone, requires } from '#kernel/auth.ts'
import { serve } from '#kernel/http.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const commandRoutes = [
  serve(contract.GetClock, anyone, actions.getClock),
  serve(contract.GetWall, requires('wall.read'), actions.getWall),
  serve(contract.ListHistory, requires('wall.read'), actions.listHistory),
  serve(contract.GetHistoryDay, requires('wall.read'), actions.getHistoryDay),
]
