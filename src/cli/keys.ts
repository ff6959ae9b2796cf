import { service } from '#kernel/auth.ts'
import { audit } from '#kernel/audit.ts'
import { addKeyToFile, KEY_FILE_MS } from '#kernel/crypto.ts'
import { countStale, reseal } from '#kernel/sealed.ts'
import { StartError } from '#kernel/start-error.ts'
import { withCity } from './tools.ts'

export const KEYS_USAGE = `keys rotate
      adds a new key to the key file and seals every name, number and text anew, while the city runs; safe to repeat`

/** `cityloop keys rotate`: adds the key, waits until running servers seal with it, seals the rest anew. */
export async function keysCommand(args: string[]): Promise<number> {
  if (args[0] !== 'rotate')
    throw new StartError(
      { zh: `用法：cityloop ${KEYS_USAGE}`, en: `Usage: cityloop ${KEYS_USAGE}` },
      { exitCode: 2 },
    )
  return withCity(async (app) => {
    if (app.config.key)
      throw new StartError({
        zh: '密钥来自环境变量，请改用密钥文件后再轮换',
        en: 'The key comes from the environment; use a key file to rotate',
      })
    // A rotation that was interrupted goes on with the key it added.
    const id =
      (await countStale(app.db, app.vault)) > 0 ? app.vault.keyId() : addKeyToFile(app.config.keyFile)
    await new Promise((done) => setTimeout(done, 2 * KEY_FILE_MS))
    const say = (column: string, done: number) => process.stderr.write(`\r${column} ${done}   `)
    // Writes that were under way with the old key are caught by the next pass.
    let rows = 0
    while ((await countStale(app.db, app.vault)) > 0) rows += await reseal(app.db, app.vault, say)
    await audit(app.db, service('cityloop keys'), 'keys.rotate', id, { data: { rows } })
    process.stdout.write(
      `\n新密钥 ${id}，重新加密 ${rows} 项\nNew key ${id}; ${rows} values sealed anew. Back up the key file.\n`,
    )
    return 0
  })
}
