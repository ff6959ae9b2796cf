import type { z } from 'zod'
import type { Method, Route } from '#kernel/contract.ts'
import type * as appeals from '#capabilities/appeals/contract.ts'
import type * as care from '#capabilities/care/contract.ts'
import type * as command from '#capabilities/command/contract.ts'
import type * as orders from '#capabilities/orders/contract.ts'
import type * as people from '#capabilities/people/contract.ts'
import type * as account from '#capabilities/people/my-account.contract.ts'
import type * as looks from '#capabilities/people/looks.contract.ts'
import type * as places from '#capabilities/places/contract.ts'
import type * as policy from '#capabilities/policy/contract.ts'
import type * as packs from '#capabilities/policy/packs.contract.ts'
import type * as requests from '#capabilities/requests/contract.ts'
import type * as sites from '#capabilities/sites/contract.ts'
import type * as slots from '#capabilities/sites/slots.contract.ts'
import type * as antigen from '#capabilities/screening/antigen.contract.ts'
import type * as coverage from '#capabilities/screening/coverage.contract.ts'
import type * as custody from '#capabilities/screening/custody.contract.ts'
import type * as cards from '#capabilities/screening/card.contract.ts'
import type * as results from '#capabilities/screening/results.contract.ts'

// The contracts bring Zod with them, which would be a third of what a phone loads first. A page needs only where to
// call; the shapes come as types. routes.test.ts holds every line here against its contract.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- each line names the contract it stands for
const at = <R extends Route>(method: Method, path: string) => ({ method, path }) as R

export const GetMe = at<typeof people.GetMe>('GET', '/api/me')
export const SignIn = at<typeof people.SignIn>('POST', '/api/session')
export const SignInSecond = at<typeof account.SignInSecond>('POST', '/api/session/second')
export const SignOut = at<typeof people.SignOut>('DELETE', '/api/session')
export const SendCode = at<typeof people.SendCode>('POST', '/api/session/code')
export const SignInByCode = at<typeof people.SignInByCode>('POST', '/api/session/verify')
export const ListDemoAccounts = at<typeof people.ListDemoAccounts>('GET', '/api/demo')
export const SignInDemo = at<typeof people.SignInDemo>('POST', '/api/session/demo')
export const SearchPlaces = at<typeof places.SearchPlaces>('GET', '/api/places')
export const GetPlace = at<typeof places.GetPlace>('GET', '/api/places/:code')
export const GetOutlines = at<typeof places.GetOutlines>('GET', '/api/outlines')
export const ListElements = at<typeof policy.ListElements>('GET', '/api/elements')
export const SearchAnswers = at<typeof policy.SearchAnswers>('GET', '/api/answers')
export const ListOrders = at<typeof orders.ListOrders>('GET', '/api/orders')
export const GetOrder = at<typeof orders.GetOrder>('GET', '/api/orders/:id')
export const ActOnOrder = at<typeof orders.ActOnOrder>('POST', '/api/orders/:id/actions')
export const UnderstandText = at<typeof requests.UnderstandText>('POST', '/api/requests/understand')
export const SendMyRequest = at<typeof requests.SendMyRequest>('POST', '/api/my/requests')
export const ListMyRequests = at<typeof requests.ListMyRequests>('GET', '/api/my/requests')
export const GetMyRequest = at<typeof requests.GetMyRequest>('GET', '/api/my/requests/:id')
export const RateMyRequest = at<typeof requests.RateMyRequest>('POST', '/api/my/requests/:id/rating')
export const AnswerMyRequest = at<typeof requests.AnswerMyRequest>('POST', '/api/my/requests/:id/answer')
export const ReopenMyRequest = at<typeof requests.ReopenMyRequest>('POST', '/api/my/requests/:id/reopen')
export const GetMyRecord = at<typeof people.GetMyRecord>('GET', '/api/my/record')
export const ListMyLooks = at<typeof looks.ListMyLooks>('GET', '/api/my/looks')
export const ListMyDecisions = at<typeof packs.ListMyDecisions>('GET', '/api/my/decisions')
export const FileAppeal = at<typeof appeals.FileAppeal>('POST', '/api/my/appeals')
export const ListMyAppeals = at<typeof appeals.ListMyAppeals>('GET', '/api/my/appeals')
export const FindSites = at<typeof sites.FindSites>('GET', '/api/sites')
export const CountQueue = at<typeof sites.CountQueue>('POST', '/api/sites/:id/queue')
export const ListMySlots = at<typeof slots.ListMySlots>('GET', '/api/my/slots')
export type MySlot = z.infer<typeof slots.ListMySlots.response>['items'][number]
export const GetMyCode = at<typeof custody.GetMyCode>('GET', '/api/my/code')
export const OpenSession = at<typeof custody.OpenSession>('POST', '/api/sampling/sessions')
export const CloseSession = at<typeof custody.CloseSession>('POST', '/api/sampling/sessions/:id/close')
export const Identify = at<typeof custody.Identify>('POST', '/api/sampling/people')
export const SealTubes = at<typeof custody.SealTubes>('POST', '/api/tubes')
export const PackBox = at<typeof custody.PackBox>('POST', '/api/boxes')
export const MoveBox = at<typeof custody.MoveBox>('POST', '/api/boxes/:code/events')
export const GetRecall = at<typeof results.GetRecall>('GET', '/api/recalls/:id')
export const GetMyDuty = at<typeof coverage.GetMyDuty>('GET', '/api/my/duty')
export const ReportMyAntigen = at<typeof antigen.ReportMyAntigen>('POST', '/api/my/antigen')
export const FindHospitals = at<typeof care.FindHospitals>('GET', '/api/hospitals')
export const ListMyResults = at<typeof results.ListMyResults>('GET', '/api/my/results')
export const GetMyCard = at<typeof cards.GetMyCard>('GET', '/api/my/results/:tube/card')
export const GetWall = at<typeof command.GetWall>('GET', '/api/wall')
export const ListHistory = at<typeof command.ListHistory>('GET', '/api/history')
export const GetHistoryDay = at<typeof command.GetHistoryDay>('GET', '/api/history/:day')
export const GetClock = at<typeof command.GetClock>('GET', '/api/clock')

export type { Me, MyRecord } from '#capabilities/people/contract.ts'
export type { Look } from '#capabilities/people/looks.contract.ts'
export type { Place, Word } from '#capabilities/places/contract.ts'
export type { Element } from '#capabilities/policy/contract.ts'
export type { MyAppeal } from '#capabilities/appeals/contract.ts'
export type { Decision } from '#capabilities/policy/packs.contract.ts'
export type { Order, OrderRow } from '#capabilities/orders/contract.ts'
export type { MyRequest, Step, Understanding } from '#capabilities/requests/contract.ts'
export type { Member, TubeKind } from '#capabilities/screening/custody.contract.ts'
export type { Recall } from '#capabilities/screening/results.contract.ts'
export type { MyAntigen } from '#capabilities/screening/antigen.contract.ts'
export type { MyDuty } from '#capabilities/screening/coverage.contract.ts'
export type { Site } from '#capabilities/sites/contract.ts'
export type { Card as MyCard } from '#capabilities/screening/card.contract.ts'
export type { MyResult } from '#capabilities/screening/results.contract.ts'
export type { Hospital } from '#capabilities/care/contract.ts'
export type { Figure, HistoryDay, Wall } from '#capabilities/command/contract.ts'
export type Answer = z.infer<typeof policy.Answer>
