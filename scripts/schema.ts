import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '#kernel/migrate.ts'
import { startPostgres } from '#kernel/postgres.ts'
import { describeSchema } from '#kernel/schema.ts'
import { ROOT } from './prepare.ts'

const varDir = mkdtempSync(join(tmpdir(), 'cityloop-schema-'))
const quiet = { info: () => undefined, warn: () => undefined }
const postgres = await startPostgres({ varDir, log: quiet })
try {
  await migrate(postgres.url)
  writeFileSync(join(ROOT, 'migrations/schema.sql'), await describeSchema(postgres.url))
} finally {
  await postgres.stop()
  rmSync(varDir, { recursive: true, force: true })
}
