import { anyone } from '#kernel/auth.ts'
import { serve } from '#kernel/http.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const placesRoutes = [
  serve(contract.SearchPlaces, anyone, actions.searchPlaces),
  serve(contract.NearestPlaces, anyone, actions.nearestPlaces),
  serve(contract.UnderstandPlace, anyone, actions.understand),
  serve(contract.GetPlace, anyone, actions.getPlace),
  serve(contract.GetOutlines, anyone, actions.getOutlines),
]
