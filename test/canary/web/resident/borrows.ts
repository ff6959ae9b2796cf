import { table } from '../console/table.ts'
export const borrowed = table
