import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DIALYSIS, newId, residentWith, startCity, type TestCity } from '#test/harness/city.ts'

const ROOT = join(import.meta.dirname, '..')
let city: TestCity
let folder: string

beforeAll(async () => {
  city = await startCity()
  folder = mkdtempSync(join(tmpdir(), 'cityloop-policy-'))
  const who = await residentWith(city.base, '19900000061')
  await who.post('/api/my/requests', { id: newId(), text: DIALYSIS })
})
afterAll(async () => {
  await city.stop()
  rmSync(folder, { recursive: true, force: true })
})

function cityloop(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; out: string; err: string }> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      ['src/cli/main.ts', 'policy', ...args],
      {
        cwd: ROOT,
        env: {
          ...process.env,
          DATABASE_URL: city.url,
          VAR_DIR: folder,
          CITYLOOP_KEY_FILE: city.app.config.keyFile,
          ...env,
        },
      },
      (error, out, err) => done({ code: error ? Number(error.code) : 0, out, err }),
    )
  })
}

function packFile(
  name: string,
  change: (pack: { version: string; parameters: { id: string; value: unknown }[] }) => void,
): string {
  const pack = parse(readFileSync(join(ROOT, 'policies/shanghai-2022-06-07.yaml'), 'utf8'))
  change(pack)
  const path = join(folder, name)
  writeFileSync(path, JSON.stringify(pack))
  return path
}

test('a pack is checked: faults end with 1, a good one says its cases, its changes and what it would decide otherwise', async () => {
  const bad = packFile('bad.json', (p) => {
    p.parameters.find((x) => x.id === 'public.pcrHours')!.value = 24
  })
  const refused = await cityloop(['check', bad])
  expect([refused.code, refused.out]).toEqual([
    1,
    expect.stringContaining('case "71 hours": failed instead of passed'),
  ])
  const good = packFile('good.json', (p) => {
    p.version = '1.0.1'
    p.parameters.find((x) => x.id === 'gate.pcrHours')!.value = 48
  })
  const checked = await cityloop(['check', good])
  expect([checked.code, checked.err]).toEqual([0, ''])
  expect(checked.out).toContain('parameters › gate.pcrHours › value: 72 → 48')
  expect(checked.out).toMatch(/回看 1 项决定/)
})

test('two versions are compared, and a rule is tried on a payload as of an instant', async () => {
  const diff = await cityloop(['diff', 'shanghai-2022-04-22', 'shanghai-2022-06-07@1.0.0'])
  expect(diff.out).toContain('parameters › gate.pcrHours › value: 24 → 72')
  expect((await cityloop(['diff', 'shanghai-2022-06-07', 'shanghai-2022-06-07'])).code).toBe(0)
  const payload = join(folder, 'payload.json')
  writeFileSync(
    payload,
    JSON.stringify({ code: 'green', pcr: { result: 'negative', at: '2022-06-08T06:00:00+08:00' } }),
  )
  const given = ['--set', 'gate.compound', '--payload', payload, '--at', '2022-06-10T00:00:00+08:00']
  const june = await cityloop(['try', 'shanghai-2022-06-07', ...given])
  expect([june.code, june.out.trim().split('\n').at(-1)]).toEqual([0, 'passed'])
  const april = await cityloop(['try', 'shanghai-2022-04-22', ...given])
  expect([april.code, april.out.trim().split('\n').at(-1)]).toEqual([1, 'failed'])
  expect(april.out).toContain('须有24小时内核酸阴性证明')
})

test('a pack is enacted from the command line by two people with their own passwords, and by one never', async () => {
  const file = packFile('enact.json', (p) => {
    p.version = '1.0.2'
    p.parameters.find((x) => x.id === 'gate.pcrHours')!.value = 36
  })
  const as = (user: string, args: string[], password = 'cityloop-demo') =>
    cityloop(['enact', ...args, '--as', user, '--server', city.base], { CITYLOOP_PASSWORD: password })
  expect((await as('supervisor', [file, '--reason', '收紧'], 'wrong')).code).toBe(1)
  const proposed = await as('supervisor', [file, '--reason', '收紧'])
  const id = proposed.out.trim().split('\n').at(-1)!
  expect([proposed.code, id]).toEqual([0, expect.stringMatching(/^[0-9a-f-]{36}$/)])
  const alone = await as('supervisor', ['--sign', id])
  expect([alone.code, alone.err]).toEqual([1, expect.stringContaining('Another person must sign')])
  const signed = await as('commander', ['--sign', id])
  expect([signed.code, signed.out]).toEqual([0, expect.stringContaining('in_force')])
  expect(signed.out).toContain('gate.pcrHours › value: 72 → 36')
})

test('a wrong call says how it goes', async () => {
  for (const args of [
    [],
    ['check'],
    ['try', 'x', '--rule', 'a'],
    ['enact', 'x.yaml'],
    ['check', 'missing.yaml'],
  ])
    expect((await cityloop(args)).code).toBe(2)
})
