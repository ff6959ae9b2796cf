import { migrate } from '#kernel/migrate.ts'
export const alias = migrate
