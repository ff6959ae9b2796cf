import { anyone, requires, resident, signedIn } from '#kernel/auth.ts'
import { serve } from '#kernel/http.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'
import * as decisions from './decisions.ts'
import * as packs from './packs.ts'
import * as packed from './packs.contract.ts'

export const policyRoutes = [
  serve(contract.GetPack, anyone, actions.getPack),
  serve(contract.ListElements, anyone, actions.listElements),
  serve(contract.SearchAnswers, anyone, actions.searchAnswers),
  // What holds is public, and so is what held.
  serve(packed.ListEnactments, anyone, packs.listEnactments),
  serve(packed.GetInForce, anyone, packs.getInForce),
  serve(packed.DiffVersions, anyone, packs.diffVersions),
  serve(packed.GetVersion, anyone, packs.getVersion),
  serve(packed.Evaluate, signedIn, decisions.evaluateRules),
  serve(packed.CheckPack, requires('policy.enact'), packs.checkPack),
  serve(packed.ProposePack, requires('policy.enact'), packs.proposePack),
  serve(packed.SignPack, requires('policy.enact'), packs.signPack),
  serve(packed.WithdrawPack, requires('policy.enact'), packs.withdrawPack),
  serve(packed.RetractPack, requires('policy.enact'), packs.retractPack),
  serve(packed.SignRetraction, requires('policy.enact'), packs.signRetraction),
  serve(packed.ListDecisions, requires('decisions.read'), decisions.listDecisions),
  serve(packed.RecomputeDecision, requires('decisions.read'), decisions.recomputeDecision),
  serve(packed.ListMyDecisions, resident, decisions.listMyDecisions),
]
