import { CityError, words } from '#kernel/errors.ts'
import { StartError } from '#kernel/start-error.ts'
import { accountCommand, ACCOUNT_USAGE } from './account.ts'
import { auditCommand, AUDIT_USAGE } from './audit.ts'
import { dbCommand, DB_USAGE } from './db.ts'
import { importFiles, IMPORT_USAGE } from './import.ts'
import { keysCommand, KEYS_USAGE } from './keys.ts'
import { createMachineKey, KEY_USAGE } from './key.ts'
import { policyCommand, POLICY_USAGE } from './policy.ts'
import { retentionCommand, RETENTION_USAGE } from './retention.ts'

const USAGE = `cityloop <command> [options]        城环命令行 · the command line of CityLoop

  ${IMPORT_USAGE}

  ${ACCOUNT_USAGE}

  ${KEY_USAGE}

  ${KEYS_USAGE}

  ${AUDIT_USAGE}

  ${RETENTION_USAGE}

  ${POLICY_USAGE}

  ${DB_USAGE}

Works beside a running server and without one (it then starts the database for as long as it needs it).
VAR_DIR (./var) or DATABASE_URL say which city; --help shows this.`

const COMMANDS: Record<string, (args: string[]) => Promise<number>> = {
  import: importFiles,
  account: accountCommand,
  key: createMachineKey,
  keys: keysCommand,
  audit: auditCommand,
  retention: retentionCommand,
  policy: policyCommand,
  db: dbCommand,
}

async function main(args: string[]): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(`${USAGE}\n`)
    return name === undefined ? 2 : 0
  }
  const command = COMMANDS[name]
  if (!command)
    throw new StartError(
      {
        zh: `没有命令“${name}”，见 cityloop --help`,
        en: `There is no command "${name}"; see cityloop --help`,
      },
      { exitCode: 2 },
    )
  return command(rest)
}

// Whoever reads the report may stop reading (… | head); the import goes on.
for (const out of [process.stdout, process.stderr]) out.on('error', () => undefined)

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    if (error instanceof StartError) process.stderr.write(`${error.zh}\n${error.en}\n`)
    else if (error instanceof CityError)
      process.stderr.write(`${words(error.code).zh}\n${words(error.code).en}\n`)
    else process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exit(error instanceof StartError ? error.exitCode : 1)
  },
)
