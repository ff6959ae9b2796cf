import fc from 'fast-check'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { clockOf, dayOf, startOfDay } from './clock.ts'
import { readConfig } from './config.ts'
import { typed } from './contract.ts'
import { openVault } from './crypto.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { ERRORS, problem, CityError } from './errors.ts'
import { idFrom, newId } from './ids.ts'
import { openGate, SHED_AT } from './overload.ts'
import { keptFor, type App } from './app.ts'
import { LOAD_CLASSES } from './contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'cityloop-kernel-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('city time runs at its speed and a deadline converts to wall time', () => {
  let wall = 1_000_000
  const clock = clockOf({ wall, city: 5_000_000, speed: 60 }, () => wall)
  wall += 1_000
  expect(clock.now().getTime()).toBe(5_060_000)
  expect(clock.wallUntil(new Date(5_120_000))).toBe(1_000)
})

test('a city day begins at midnight in Shanghai', () => {
  expect(dayOf(new Date('2022-03-28T15:59:59Z'))).toBe('2022-03-28')
  expect(dayOf(new Date('2022-03-28T16:00:00Z'))).toBe('2022-03-29')
  expect(startOfDay('2022-03-28').toISOString()).toBe('2022-03-27T16:00:00.000Z')
})

test('what is sealed opens again, with the right purpose and untouched only', () => {
  const vault = openVault({ keyFile: join(folder, 'key') })
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(vault.open(vault.seal(text, 'a'), 'a')).toBe(text)
    }),
  )
  const sealed = vault.seal('模拟', 'person.name')
  expect(sealed).not.toContain('模拟')
  expect(vault.seal('模拟', 'person.name')).not.toBe(sealed)
  expect(() => vault.open(sealed, 'person.phone')).toThrow()
  expect(() =>
    vault.open(sealed.slice(0, -2) + (sealed.endsWith('AA') ? 'BB' : 'AA'), 'person.name'),
  ).toThrow()
  expect(vault.fingerprint('1', 'phone')).toBe(
    openVault({ keyFile: join(folder, 'key') }).fingerprint('1', 'phone'),
  )
  expect(vault.fingerprint('1', 'phone')).not.toBe(
    openVault({ key: 'ab'.repeat(32), keyFile: '' }).fingerprint('1', 'phone'),
  )
  expect(statSync(join(folder, 'key')).mode & 0o077).toBe(0)
})

test('ids made later sort later, and derived ids are the same for the same words only', () => {
  expect(newId(1_700_000_000_000) < newId(1_700_000_000_001)).toBe(true)
  expect(idFrom('a', 'b')).toBe(idFrom('a', 'b'))
  expect(idFrom('a', 'b')).not.toBe(idFrom('ab'))
})

test('a page mark comes back as it was, and anything else is refused', () => {
  const at = new Date('2022-04-22T08:00:00.123Z')
  const id = newId()
  expect(decodeCursor(encodeCursor(at, id))).toEqual({ at, id })
  fc.assert(
    fc.property(fc.string(), (s) => {
      expect(() => decodeCursor(s)).toThrow(/page mark/)
    }),
  )
})

test('every error says in both languages what to do, and has a status of its kind', () => {
  for (const [code, [status, zh, en]] of Object.entries(ERRORS)) {
    expect(status, code).toBeGreaterThanOrEqual(400)
    expect(zh.length * en.length, code).toBeGreaterThan(0)
  }
  expect(problem(new CityError('overloaded'))).toMatchObject({
    status: 429,
    code: 'overloaded',
    type: 'urn:cityloop:error:overloaded',
  })
})

test('a wrong setting is one sentence that names it', () => {
  const say = (env: NodeJS.ProcessEnv, args: string[] = []) => {
    try {
      readConfig(env, args)
      return ''
    } catch (error) {
      return (error as Error).message
    }
  }
  expect(say({})).toBe('')
  expect(say({ PORT: 'x' })).toContain('PORT')
  expect(say({ DATABASE_URL: 'mysql://a' })).toContain('DATABASE_URL')
  expect(say({}, ['--speed', '0'])).toContain('--speed')
  expect(say({}, ['--people', '-1'])).toContain('--people')
  expect(say({}, ['--wings'])).toContain('--help')
  expect(readConfig({ CITYLOOP_DEMO: 'false' }, []).simulator).toBe(false)
  expect(readConfig({}, ['--no-simulator', '--speed', '60', '--people', '5'])).toMatchObject({
    simulator: false,
    speed: 60,
    people: 5,
  })
})

test('typed text takes what people write and no control characters, halves of characters or blanks', () => {
  const text = typed(2, 40)
  for (const good of ['断粮了', 'a\nb', '𠮷野家', "'; drop table person; --", '<b>x</b>'])
    expect(text.safeParse(good).success, good).toBe(true)
  for (const bad of ['', ' ', '   ', 'a\u0000b', 'ab\u0007', '\ud800ab', 'x'.repeat(41)])
    expect(text.safeParse(bad).success, JSON.stringify(bad)).toBe(false)
})

test('under load decoration is given up first and emergencies last', () => {
  const gate = openGate(10)
  const letIn = Object.fromEntries(LOAD_CLASSES.map((c) => [c, 0]))
  for (let full = 0; full < 10; full++) {
    for (const c of LOAD_CLASSES) {
      if (!gate.enter(c)) continue
      letIn[c]!++
      gate.leave()
    }
    gate.enter('emergency')
  }
  expect(LOAD_CLASSES.map((c) => letIn[c])).toEqual(LOAD_CLASSES.map((c) => letIn[c]!).sort((a, b) => a - b))
  expect(letIn.emergency).toBe(10)
  expect(letIn.decoration).toBe(4)
  expect(gate.enter('emergency')).toBe(false)
  expect(gate.turnedAway.emergency).toBe(1)
  expect(Object.keys(SHED_AT).sort()).toEqual([...LOAD_CLASSES].sort())
  gate.stop()
})

test('what many ask for at once is made once, forgotten in time, and a failure is not kept', async () => {
  const app = {} as App
  let made = 0
  const kept = keptFor<number>(50, 2)
  const slow = async () => {
    await new Promise((done) => setTimeout(done, 5))
    return ++made
  }
  expect(await Promise.all(Array.from({ length: 100 }, () => kept.get(app, 'a', slow)))).toEqual(
    Array.from({ length: 100 }, () => 1),
  )
  expect(await kept.get({} as App, 'a', slow)).toBe(2)
  await expect(kept.get(app, 'b', () => Promise.reject(new Error('away')))).rejects.toThrow('away')
  expect(await kept.get(app, 'b', slow)).toBe(3)
  // A third is too many: all are forgotten rather than grown without end.
  expect(await kept.get(app, 'c', slow)).toBe(4)
  expect(await kept.get(app, 'a', slow)).toBe(5)
  await new Promise((done) => setTimeout(done, 60))
  expect(await kept.get(app, 'a', slow)).toBe(6)
})
