import { StartError } from '#kernel/start-error.ts'
import { applyRetention } from '#capabilities/people/index.ts'
import { oldWords } from '#capabilities/requests/index.ts'
import { withCity } from './tools.ts'

export const RETENTION_USAGE = `retention run [--preview]
      does what policies/retention.yaml says now instead of within the hour; --preview counts and changes nothing`

/** `cityloop retention run`: one line a rule, with the instant before which it reaches. */
export async function retentionCommand(args: string[]): Promise<number> {
  const [verb, ...rest] = args
  if (verb !== 'run' || rest.some((arg) => arg !== '--preview'))
    throw new StartError(
      { zh: `用法：cityloop ${RETENTION_USAGE}`, en: `Usage: cityloop ${RETENTION_USAGE}` },
      { exitCode: 2 },
    )
  const preview = rest.includes('--preview')
  return withCity(async (app) => {
    for (const { rule, before, rows } of await applyRetention(app, { request: oldWords }, { preview }))
      process.stdout.write(
        `${String(rows).padStart(8)}  ${rule.what.zh} · ${rule.what.en}  (${rule.how}, < ${before.toISOString()})\n`,
      )
    if (preview) process.stdout.write('（预览，未删除）\n(preview; nothing was erased)\n')
    return 0
  })
}
