import { anyone, requires, resident, signedIn } from '#kernel/auth.ts'
import { serve } from '#kernel/http.ts'
import { getCircle } from './circle.ts'
import * as circle from './circle.contract.ts'
import * as contract from './contract.ts'
import * as edit from './edit.ts'
import { findSites } from './find.ts'
import { openData } from './open-data.ts'
import * as runs from './runs.ts'
import * as slots from './slots.ts'
import * as times from './slots.contract.ts'

export const sitesRoutes = [
  serve(contract.FindSites, anyone, findSites),
  serve(contract.OpenSites, anyone, openData),
  serve(contract.GetSite, anyone, edit.getSite),
  serve(contract.PutSite, requires('sites.edit'), edit.putSite),
  serve(contract.ListSiteChanges, requires('sites.edit'), edit.listChanges),
  // By whoever samples there or looks after it: checked with the site (edit.ts).
  serve(contract.CountQueue, signedIn, edit.countQueue),
  serve(times.PlanSlots, requires('slots.plan'), slots.planSiteSlots),
  serve(times.ListSlots, requires('slots.plan'), slots.listSlots),
  serve(times.DropSlots, requires('slots.plan'), slots.dropSlots),
  serve(circle.GetCircle, requires('screening.read'), getCircle),
  serve(circle.SuggestSites, requires('sites.edit'), runs.suggestSites),
  serve(circle.ListRuns, requires('screening.read'), runs.listRuns),
  serve(circle.GetRun, requires('screening.read'), runs.getRun),
  serve(circle.DecideSuggestion, requires('sites.edit'), runs.decideSuggestion),
  serve(times.ListMySlots, resident, slots.listMySlots),
]
