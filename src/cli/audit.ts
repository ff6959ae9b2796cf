import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chainAudit, verifyAudit } from '#kernel/audit-chain.ts'
import { StartError } from '#kernel/start-error.ts'
import { withCity } from './tools.ts'

export const AUDIT_USAGE = `audit verify
      walks the chain of the audit, names the first broken link (exit 1), and notes the head in VAR_DIR/audit-head,
      so that an end cut off later is found too; keep a copy of that file elsewhere`

/** `cityloop audit verify`: 0 when whole, 1 when broken. */
export async function auditCommand(args: string[]): Promise<number> {
  if (args[0] !== 'verify')
    throw new StartError(
      { zh: `用法：cityloop ${AUDIT_USAGE}`, en: `Usage: cityloop ${AUDIT_USAGE}` },
      { exitCode: 2 },
    )
  return withCity(async (app) => {
    const file = join(app.config.varDir, 'audit-head')
    const head = existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
    while ((await chainAudit(app.db)) > 0);
    const verdict = await verifyAudit(app.db, head)
    if (!verdict.whole) {
      process.stdout.write(
        `审计链断在第 ${verdict.seq} 环（审计号 ${verdict.auditId}）：${verdict.fault}\nThe audit is broken at link ${verdict.seq} (line ${verdict.auditId}): ${verdict.fault}\n`,
      )
      return 1
    }
    writeFileSync(file, `${verdict.head}\n`, { mode: 0o600 })
    process.stdout.write(
      `审计链完整：${verdict.lines} 条\nThe audit is whole: ${verdict.lines} lines, head ${verdict.head.slice(0, 16)}…\n`,
    )
    return 0
  })
}
