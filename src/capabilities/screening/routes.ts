import { anyone } from '#kernel/auth.ts'
import { serve } from '#kernel/http.ts'
import { findSites } from './actions.ts'
import { FindSites } from './contract.ts'

export const screeningRoutes = [serve(FindSites, anyone, findSites)]
