import { fork, type ChildProcess } from 'node:child_process'
import { createServer } from 'node:https'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { ensureCertificate } from '#kernel/certificate.ts'
import { readConfig, USAGE, type Config } from '#kernel/config.ts'
import { drainable } from '#kernel/drain.ts'
import { openLog } from '#kernel/log.ts'
import { migrate } from '#kernel/migrate.ts'
import { addPages } from '#kernel/pages.ts'
import { startPostgres, type Postgres } from '#kernel/postgres.ts'
import { StartError } from '#kernel/start-error.ts'
import { makeVarDir } from '#kernel/var-dir.ts'
import { createKey } from '#capabilities/people/index.ts'
import { buildPagesIfChanged } from '#scripts/prepare.ts'
import { openCity, type City } from './city.ts'

const say = (line: string) => process.stdout.write(`${line}\n`)

/** Checks that somebody else's database is there and can be used, in one sentence when not. */
async function checkDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  try {
    await client.connect()
    const { rows } = await client.query<{ n: number }>(
      `select current_setting('server_version_num')::int as n`,
    )
    if (rows[0]!.n < 180_000)
      throw new StartError({
        zh: 'DATABASE_URL 须为 PostgreSQL 18 或更新版本',
        en: 'DATABASE_URL must be PostgreSQL 18 or newer',
      })
  } catch (error) {
    if (error instanceof StartError) throw error
    throw new StartError({
      zh: '连不上 DATABASE_URL 指定的数据库',
      en: `Cannot reach the database of DATABASE_URL: ${(error as Error).message || (error as { code?: string }).code}`,
    })
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function listen(city: City, config: Config): Promise<string[]> {
  const { fastify, door } = city.server
  const addresses: string[] = []
  const taken = (port: number, error: unknown) =>
    (error as { code?: string }).code === 'EADDRINUSE'
      ? new StartError({
          zh: `端口 ${port} 已被占用，请用 PORT 另选`,
          en: `Port ${port} is taken; choose another with PORT`,
        })
      : new StartError({
          zh: `无法在端口 ${port} 上监听`,
          en: `Cannot listen on port ${port}: ${(error as Error).message}`,
        })
  const secure =
    config.httpsPort > 0
      ? createServer(await ensureCertificate(config.varDir), (request, response) => {
          if (!door.turnAway(request, response)) fastify.routing(request, response)
        })
      : undefined
  if (secure) {
    door.stand(secure)
    const drained = drainable(secure)
    fastify.addHook('preClose', async () => {
      secure.close()
      void drained()
    })
  }
  try {
    await fastify.listen({ port: config.port, host: config.host })
  } catch (error) {
    throw taken(config.port, error)
  }
  const bound = fastify.server.address()
  addresses.push(`http://localhost:${typeof bound === 'object' && bound ? bound.port : config.port}`)
  if (secure) {
    await new Promise<void>((done, fail) => {
      secure.once('error', (error) => fail(taken(config.httpsPort, error)))
      secure.listen(config.httpsPort, config.host, done)
    })
    addresses.push(`https://localhost:${config.httpsPort}`)
  }
  return addresses
}

/** The simulated city is a process of its own that speaks the public API like anybody else. */
async function startSimulator(city: City, config: Config, base: string): Promise<ChildProcess> {
  const { secret } = await createKey(city.app, { role: 'simulator', place: '31', days: 30 })
  return fork(join(import.meta.dirname, 'simulator/main.ts'), [], {
    env: {
      ...process.env,
      CITYLOOP_URL: base,
      CITYLOOP_SIM_KEY: secret,
      CITYLOOP_PEOPLE: String(config.people),
      CITYLOOP_SEED: '20220607',
      CITYLOOP_PREVALENCE: String(config.prevalence),
      CITYLOOP_CLUSTERING: String(config.clustering),
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // Ctrl-C reaches the whole group: the simulator ends when its server tells it to, not before.
    detached: true,
  })
}

async function main(): Promise<void> {
  const config = readConfig(process.env, process.argv.slice(2))
  if (config.help) return void say(USAGE)
  config.varDir = resolve(config.varDir)
  const started = performance.now()
  await makeVarDir(config.varDir)
  const log = openLog(config.logLevel, join(config.varDir, 'cityloop.log'))
  let database: Promise<Postgres> | undefined
  let city: City | undefined
  let simulator: ChildProcess | undefined
  let ending: Promise<void> | undefined

  const end = (why: string): Promise<void> =>
    (ending ??= (async () => {
      log.info({ why }, 'stopping')
      if (simulator?.connected) simulator.disconnect()
      await city?.stop().catch((error: unknown) => log.error({ err: String(error) }, 'stop'))
      // A signal may come while the database is still starting: what was started is stopped.
      await database?.then((d) => d.stop()).catch(() => undefined)
      log.info({}, 'stopped')
    })())
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!ending) say(`\n正在停止… / Stopping (${signal}) …`)
      void end(signal).then(() => process.exit(0))
    })
  }
  process.on('unhandledRejection', (error) => log.error({ err: String(error) }, 'unhandled rejection'))

  try {
    const pages = buildPagesIfChanged({ log: say })
    pages.catch(() => undefined)
    if (config.databaseUrl) await checkDatabase(config.databaseUrl)
    else database = startPostgres({ varDir: config.varDir, log })
    const url = config.databaseUrl ?? (await database!).url
    await migrate(url)
    city = await openCity(config, url, log)
    const folder = await pages.then(
      (report) => report.folder,
      (error: unknown) => {
        log.error({ err: String(error) }, 'pages')
        // The API, the clocks and the old pages serve the city; a broken page is no reason to close it.
        process.stderr.write(
          `页面生成失败，沿用旧页面（详见 ${join(config.varDir, 'cityloop.log')}）\nThe pages could not be built; the old ones stay (see the log)\n`,
        )
        return join(import.meta.dirname, '../dist')
      },
    )
    await addPages(city.server.fastify, folder)
    const addresses = await listen(city, config)
    if (ending) return
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    say(`CityLoop ready ${addresses.join('  ')}  (${seconds} s)`)
    say('  /          居民 resident        /console   工作台 console')
    say('  /wall      大屏 wall            /field     现场 field')
    say('  /docs      接口 API')
    if (config.demo)
      say(
        '  演示：页面上点选账号即可进入；居民手机 19900000001；工作人员密码 cityloop-demo\n  Demonstration: pick an account on the page; resident 19900000001; staff password cityloop-demo (agent, supervisor, commander, health.pudong, huamu …)',
      )
    if (config.simulator) simulator = await startSimulator(city, config, addresses[0]!)
  } catch (error) {
    await end('start failed')
    throw error
  }
}

main().catch((error: unknown) => {
  if (error instanceof StartError) process.stderr.write(`${error.zh}\n${error.en}\n`)
  else
    process.stderr.write(
      `CityLoop 无法启动 / CityLoop cannot start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    )
  process.exit(error instanceof StartError ? error.exitCode : 1)
})
