export { importHospitals } from './import.ts'
export { careRoutes } from './routes.ts'
