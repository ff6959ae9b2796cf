import { anyone, requires, resident, signedIn } from '#kernel/auth.ts'
import { serve } from '#kernel/http.ts'
import * as antigen from './antigen.ts'
import * as self from './antigen.contract.ts'
import { getCrl, getJwks, getMyCard } from './card.ts'
import * as card from './card.contract.ts'
import { getCoverage } from './coverage.ts'
import * as rounds from './coverage.contract.ts'
import * as capacity from './capacity.contract.ts'
import { getBacklog } from './capacity.ts'
import { settleClaim } from './claims.ts'
import * as custody from './custody.ts'
import * as chain from './custody.contract.ts'
import * as sampling from './sampling.ts'
import { decideHold, listHolds, proposeHold } from './holds.ts'
import { getMyDuty } from './duties.ts'
import { listMyResults } from './my-results.ts'
import { postBundle } from './fhir.ts'
import * as fhir from './fhir.contract.ts'
import { getMetadata, readResource, searchReports } from './fhir-export.ts'
import { getFinding, recordFinding, tellFinding } from './findings.ts'
import * as missing from './missing.ts'
import * as missed from './missing.contract.ts'
import { exportMissing } from './missing-export.ts'
import { getRecall } from './recall-read.ts'
import { getLabBox, listEarly, listLabBoxes } from './lab-boxes.ts'
import * as labs from './lab.contract.ts'
import { listWaitingBoxes, redirectBoxes } from './redirect.ts'
import { declareCapacity, declareResource, getMyCapacity, listResources } from './resources.ts'
import { postResults } from './results.ts'
import { endRound, listRounds, openRound } from './rounds.ts'
import { UploadResults } from './results-file.contract.ts'
import { uploadResults } from './results-upload.ts'
import { getTube } from './tube-read.ts'
import * as results from './results.contract.ts'
import { sealTubes } from './seal.ts'

export const screeningRoutes = [
  serve(chain.OpenSession, requires('tubes.seal'), sampling.openSession),
  serve(chain.GetSession, requires('tubes.seal'), sampling.getSession),
  serve(chain.CloseSession, requires('tubes.seal'), sampling.closeSession),
  serve(chain.Identify, requires('tubes.seal'), sampling.identify),
  serve(chain.SealTubes, requires('tubes.seal'), sealTubes),
  serve(chain.PackBox, requires('tubes.seal'), custody.packBox),
  // Collected by whoever drives for the site, received by a laboratory: checked with the box (custody.ts).
  serve(chain.MoveBox, requires('boxes.move'), custody.moveBox),
  serve(chain.ReleaseBox, requires('boxes.receive'), custody.releaseBox),
  serve(chain.MoveTube, requires('boxes.receive'), custody.moveTube),
  serve(chain.GetTube, requires('tubes.read'), getTube),
  serve(chain.SettleClaim, requires('claims.settle'), settleClaim),
  serve(chain.GetMyCode, resident, sampling.getMyCode),
  serve(chain.PrintCodes, requires('sampling.codes'), sampling.printCodes),
  serve(results.PostResults, requires('results.write'), postResults),
  serve(UploadResults, requires('results.write'), uploadResults),
  serve(labs.ListLabBoxes, requires('boxes.receive'), listLabBoxes),
  serve(labs.GetLabBox, requires('boxes.receive'), getLabBox),
  serve(labs.ListEarly, requires('boxes.receive'), listEarly),
  serve(results.ListHolds, requires('results.write'), listHolds),
  serve(results.ProposeHold, requires('results.write'), proposeHold),
  serve(results.DecideHold, requires('results.write'), decideHold),
  serve(self.ReportMyAntigen, resident, antigen.reportMyAntigen),
  serve(self.ReportAntigen, requires('antigen.report'), antigen.reportAntigen),
  serve(self.GetAntigen, requires('antigen.read'), antigen.getAntigen),
  serve(self.GetAntigenPhoto, requires('antigen.read'), antigen.getAntigenPhoto),
  serve(rounds.GetMyDuty, resident, getMyDuty),
  serve(results.ListMyResults, resident, listMyResults),
  serve(results.GetRecall, requires('recalls.read'), getRecall),
  serve(card.GetMyCard, resident, getMyCard),
  serve(card.GetJwks, anyone, getJwks),
  serve(card.GetCrl, anyone, getCrl),
  serve(rounds.OpenRound, requires('rounds.open'), openRound),
  serve(rounds.ListRounds, requires('screening.read'), listRounds),
  serve(rounds.EndRound, requires('rounds.open'), endRound),
  serve(rounds.GetCoverage, requires('screening.read'), getCoverage),
  serve(capacity.GetBacklog, requires('screening.read'), getBacklog),
  serve(capacity.ListWaitingBoxes, requires('screening.read'), listWaitingBoxes),
  serve(capacity.RedirectBoxes, requires('boxes.redirect'), redirectBoxes),
  serve(capacity.ListResources, requires('screening.read'), listResources),
  serve(capacity.DeclareResource, requires('capacity.place'), declareResource),
  // A laboratory its own; a supervisor those of their places (resources.ts).
  serve(capacity.DeclareCapacity, requires('capacity.lab'), declareCapacity),
  serve(capacity.GetMyCapacity, requires('boxes.receive'), getMyCapacity),
  serve(missed.ListMissing, requires('people.read'), missing.listMissing),
  serve(missed.ExportMissing, requires('people.read'), exportMissing),
  serve(missed.CountMissing, requires('people.read'), missing.countMissing),
  serve(missed.SendToDoor, requires('screening.door'), missing.sendToDoor),
  serve(fhir.PostBundle, requires('results.write'), postBundle),
  serve(fhir.GetMetadata, anyone, getMetadata),
  // A laboratory its own, staff with custody those of their places (fhir-export.ts).
  serve(fhir.SearchReports, signedIn, searchReports),
  serve(fhir.ReadResource, signedIn, readResource),
  serve(results.GetFinding, requires('findings.record'), getFinding),
  serve(results.RecordFinding, requires('findings.record'), recordFinding),
  serve(results.TellFinding, requires('findings.record'), tellFinding),
]
