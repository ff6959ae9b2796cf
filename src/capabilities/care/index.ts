export { groupHospitals, parseHospitals, type ImportedCampus } from './hospitals-import.ts'
export { careRoutes } from './routes.ts'
export { putHospitals, type HospitalRecord } from './store.ts'
