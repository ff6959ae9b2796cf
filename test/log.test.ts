import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readConfig } from '#kernel/config.ts'
import { openLog } from '#kernel/log.ts'
import { openCity } from '#src/city.ts'
import { freshDatabase } from '#test/harness/database.ts'
import { caller, newId, residentWith, signedIn } from '#test/harness/city.ts'

test("the log of a busy and faulty day holds nobody's name, number, address or words", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cityloop-log-'))
  const database = await freshDatabase()
  const config = {
    ...readConfig({ VAR_DIR: folder, PORT: '0', LOG_LEVEL: 'trace' }, ['--no-simulator', '--people', '3']),
    host: '127.0.0.1',
  }
  const file = join(folder, 'log')
  const log = openLog('trace', file)
  const city = await openCity(config, database.url, log)
  const base = await city.server.fastify.listen({ port: 0, host: '127.0.0.1' })
  const resident = await residentWith(base, '19900000002')
  const id = newId()
  const text = '秘密的血透地址在模拟路77弄，我叫模拟甲'
  await resident.post('/api/my/requests', { id, text })
  await resident.post('/api/my/requests', { id, text: `${text}!` })
  const agent = await signedIn(base, 'agent')
  await agent.post('/api/requests', { id: newId(), text, caller: { name: '模拟乙', phone: '19900077777' } })
  await agent.get(`/api/requests/${id}`)
  await caller(base).post('/api/session', { username: 'agent', password: 'geheim-geheim' })
  // Faults of the database are logged with what it says: here it refuses everything.
  await city.app.db.schema
    .alterTable('decision')
    .renameTo('decision_gone')
    .execute()
    .catch(() => undefined)
  log.info(
    {
      text,
      name: '模拟甲',
      phone: '19900077777',
      nested: { address: '模拟路77弄', password: 'geheim-geheim' },
    },
    'somebody passed too much',
  )
  await city.stop()
  log.flush()
  const said = readFileSync(file, 'utf8')
  expect(said).toContain('somebody passed too much')
  expect(said).not.toMatch(/秘密|血透|模拟路|模拟甲|模拟乙|1990007|19900000002|geheim/)
  await database.drop()
  rmSync(folder, { recursive: true, force: true })
})
