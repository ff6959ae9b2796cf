import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { caller, signedIn, startCity, type TestCity } from '#test/harness/city.ts'

const ROOT = join(import.meta.dirname, '..')
const EXAMPLES = join(ROOT, 'data/examples')
const REAL = join(ROOT, '../shared/data/real')

let city: TestCity
let sql: pg.Client
let folder: string
beforeAll(async () => {
  city = await startCity()
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  folder = mkdtempSync(join(tmpdir(), 'cityloop-import-'))
})
afterAll(async () => {
  await sql.end()
  await city.stop()
  rmSync(folder, { recursive: true, force: true })
})

function cityloop(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      ['src/cli/main.ts', ...args],
      { cwd: ROOT, env: { ...process.env, DATABASE_URL: city.url, VAR_DIR: folder } },
      (error, out, err) => done({ code: error ? Number(error.code) : 0, out, err }),
    )
  })
}

const rows = async (table: string) =>
  (await sql.query<{ n: number }>(`select count(*)::int as n from ${table}`)).rows[0]!.n
const example = (start: string) =>
  readdirSync(EXAMPLES)
    .filter((f) => f.startsWith(start))
    .map((f) => join(EXAMPLES, f))

test.each([
  ['sites', 'sites.', 'sampling_site'],
  ['hospitals', 'hospitals.', 'hospital'],
  ['addresses', 'addresses.', 'history_address'],
  ['daily', 'daily.', 'history_figure'],
  ['series', 'series.', 'history_figure'],
] as const)(
  'the shipped example of %s is previewed without a trace, imported, and twice is once',
  async (kind, start, table) => {
    const files = example(start)
    expect(files.length).toBeGreaterThan(0)
    const before = await rows(table)
    const preview = await cityloop('import', kind, ...files, '--preview')
    expect([preview.code, preview.out.includes('预览')]).toEqual([0, true])
    expect(await rows(table)).toBe(before)
    const first = await cityloop('import', kind, ...files)
    expect([first.code, first.err]).toEqual([0, ''])
    expect(first.out).toMatch(/看懂 \d+/)
    const after = await rows(table)
    expect(after).toBeGreaterThan(before)
    expect((await cityloop('import', kind, ...files)).code).toBe(0)
    expect(await rows(table)).toBe(after)
  },
  60_000,
)

test('an imported site stands in the list with its hours and a hospital with its emergency room', async () => {
  const someone = caller(city.base)
  const { body } = await someone.get('/api/sites?limit=500')
  expect(body.items.length).toBeGreaterThan(0)
  expect(
    body.items.some(
      (s: { open: boolean | null; nextOpening: string | null }) => s.open === true || s.nextOpening !== null,
    ),
  ).toBe(true)
  expect((await someone.get('/api/hospitals')).body.items[0]).toHaveProperty('emergencyName.zh')
})

test('the imported days can be played', async () => {
  const commander = await signedIn(city.base, 'commander')
  const { days } = (await commander.get('/api/history')).body
  expect(days.length).toBeGreaterThan(0)
  const day = (await commander.get(`/api/history/${days[0].day}`)).body
  expect(day.figures.length + day.addresses.length).toBeGreaterThan(0)
})

test('a wrong call, a missing file, a binary file and a file of another kind each get one clear answer', async () => {
  expect((await cityloop('import')).code).toBe(2)
  expect((await cityloop('import', 'nonsense', 'x')).err).toMatch(/Usage/)
  expect((await cityloop('nonsense')).err).toMatch(/no command/)
  expect((await cityloop('import', 'sites', join(folder, 'none.geojson'))).err).toMatch(/There is no file/)
  writeFileSync(join(folder, 'bytes.geojson'), Buffer.from([0xff, 0xfe, 0x00, 0x81, 0xff]))
  const bytes = await cityloop('import', 'sites', join(folder, 'bytes.geojson'))
  expect(bytes.code + Number(/refused|不收/.test(bytes.out))).toBeGreaterThan(0)
  writeFileSync(join(folder, 'a.txt'), '浦东新区\n模拟路1弄\n')
  const dateless = await cityloop('import', 'addresses', join(folder, 'a.txt'), '--lang', 'en')
  expect(dateless.out).toMatch(/no day/)
  const before = await rows('sampling_site')
  await cityloop('import', 'sites', example('daily.')[0]!)
  expect(await rows('sampling_site')).toBe(before)
}, 60_000)

test('the first administrator of a city without a demonstration comes from the command line', async () => {
  const made = await cityloop('account', 'create', '--username', 'first.admin', '--name', '模拟管理员')
  expect([made.code, made.out.trim().length > 10]).toEqual([0, true])
  const someone = caller(city.base)
  const entered = await someone.post('/api/session', { username: 'first.admin', password: made.out.trim() })
  // The one-time password opens nothing but the change of itself.
  expect([entered.status, entered.body.must, entered.body.may]).toEqual([200, 'password', {}])
  expect((await someone.get('/api/accounts')).status).toBe(403)
  expect((await cityloop('account', 'create', '--username', 'first.admin', '--name', '模拟')).code).not.toBe(
    0,
  )
  for (const args of [
    ['--username', 'x y', '--name', 'a'],
    ['--username', 'ok.name'],
    ['--username', 'ok.name', '--name', 'a', '--role', 'resident'],
    ['--username', 'ok.name', '--name', 'a', '--place', '999999'],
  ])
    expect((await cityloop('account', 'create', ...args)).code, args.join(' ')).toBe(2)
}, 60_000)

test('a key is printed once, works for its role and place, and bad ones are refused', async () => {
  const made = await cityloop('key', 'create', '--role', 'supervisor', '--place', '310115', '--days', '2')
  expect(made.code).toBe(0)
  const secret = made.out.trim()
  const machine = caller(city.base, { authorization: `Bearer ${secret}` })
  expect((await machine.get('/api/me')).body).toMatchObject({
    kind: 'machine',
    roles: ['supervisor'],
    place: { code: '310115' },
  })
  expect((await machine.get('/api/orders')).status).toBe(200)
  expect((await machine.get('/api/my/requests')).status).toBe(403)
  expect(
    (await caller(city.base, { authorization: `Bearer ${secret.slice(0, -2)}xx` }).get('/api/orders')).status,
  ).toBe(401)
  for (const args of [
    ['--role', 'resident', '--place', '31'],
    ['--role', 'agent'],
    ['--role', 'agent', '--place', '999999'],
    ['--role', 'agent', '--place', '31', '--days', '0'],
  ]) {
    const refused = await cityloop('key', 'create', ...args)
    expect([refused.code, refused.out], args.join(' ')).toEqual([2, ''])
  }
  await sql.query(`update machine_key set expires_at = now() - interval '1 minute'`)
  await new Promise((done) => setTimeout(done, 3_200))
  expect((await machine.get('/api/orders')).status).toBe(401)
}, 60_000)

test.skipIf(!existsSync(REAL))(
  'the published lists of spring 2022 import whole, and March can be played day by day',
  async () => {
    const lists = readdirSync(join(REAL, 'address-lists')).map((f) => join(REAL, 'address-lists', f))
    expect((await cityloop('import', 'sites', join(REAL, 'sampling-sites.geojson'))).out).toMatch(
      /共 267 行：|共 267 行/,
    )
    expect((await cityloop('import', 'hospitals', join(REAL, 'hospitals.geojson'))).out).toContain('148')
    expect((await cityloop('import', 'addresses', ...lists)).code).toBe(0)
    expect(
      (
        await cityloop(
          'import',
          'daily',
          ...readdirSync(join(REAL, 'daily-reports')).map((f) => join(REAL, 'daily-reports', f)),
        )
      ).code,
    ).toBe(0)
    expect(
      (
        await cityloop(
          'import',
          'series',
          join(REAL, 'city-daily.csv'),
          join(REAL, 'district-source-daily.csv'),
        )
      ).code,
    ).toBe(0)
    const commander = await signedIn(city.base, 'commander')
    const { days } = (await commander.get('/api/history')).body
    for (let d = 18; d <= 31; d++) {
      const day = days.find((x: { day: string }) => x.day === `2022-03-${d}`)
      expect(day?.addresses, `2022-03-${d}`).toBeGreaterThan(200)
    }
    const day = (await commander.get('/api/history/2022-03-30')).body
    const total = day.figures
      .filter(
        (f: { placeCode: string; metric: string }) => f.placeCode === '31' && f.metric === 'asymptomatic',
      )
      .map((f: { count: number }) => f.count)
    expect(total).toContain(5298)
    expect(day.addresses.every((a: { lng: number | null }) => a.lng !== null)).toBe(true)
  },
  120_000,
)
