import { anyone, requires, resident } from '#kernel/auth.ts'
import { serve } from '#kernel/http.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const requestsRoutes = [
  serve(contract.UnderstandText, anyone, actions.understandText),
  serve(contract.SendMyRequest, resident, actions.sendMyRequest),
  serve(contract.ListMyRequests, resident, actions.listMyRequests),
  serve(contract.GetMyRequest, resident, actions.getMyRequest),
  serve(contract.RateMyRequest, resident, actions.rateMyRequest),
  serve(contract.AnswerMyRequest, resident, actions.answerMyRequest),
  serve(contract.ReopenMyRequest, resident, actions.reopenMyRequest),
  serve(contract.ReceiveRequest, requires('requests.receive'), actions.receiveRequest),
  serve(contract.FindSimilar, requires('requests.receive'), actions.findSimilar),
  serve(contract.GetRequest, requires('requests.read'), actions.getRequest),
  serve(contract.RecordCall, requires('calls.record'), actions.recordCall),
]
