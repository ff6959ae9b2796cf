import { anyone } from '#kernel/auth.ts'
import { serve } from '#kernel/http.ts'
import { findHospitals } from './actions.ts'
import { FindHospitals } from './contract.ts'

export const careRoutes = [serve(FindHospitals, anyone, findHospitals)]
