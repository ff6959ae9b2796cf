import { requires, resident } from '#kernel/auth.ts'
import { serve } from '#kernel/http.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const appealsRoutes = [
  serve(contract.FileAppeal, resident, actions.fileAppeal),
  serve(contract.ListMyAppeals, resident, actions.listMyAppeals),
  serve(contract.ListAppeals, requires('appeals.answer'), actions.listAppeals),
  serve(contract.GetAppeal, requires('appeals.answer'), actions.getAppeal),
  serve(contract.AnswerAppeal, requires('appeals.answer'), actions.answerAppeal),
]
