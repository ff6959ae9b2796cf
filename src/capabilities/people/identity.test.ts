import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId, startCity, type TestCity } from '#test/harness/city.ts'
import { simulatedIdNumber } from './demo.ts'
import { findPersonByIdNumber, findPersonByPhone, householdOf, registerPerson } from './index.ts'
import { checkCharacter, isIdNumber, maskIdNumber, readResidentId, SIMULATED_AREA } from './rules.ts'

let city: TestCity
beforeAll(async () => {
  city = await startCity({ people: 0 })
})
afterAll(() => city?.stop())

const register = (given: Parameters<typeof registerPerson>[2]) =>
  city.app.db.transaction().execute((trx) => registerPerson(city.app, trx, given))

const digits = fc.integer({ min: 1, max: 5_000_000 })

test('the check character is that of the standard’s own worked examples (GB 11643-1999, appendix A)', () => {
  expect(checkCharacter('11010519491231002')).toBe('X')
  expect(checkCharacter('44052418800101001')).toBe('4')
  expect(readResidentId('11010519491231002X')).toEqual({
    birthDate: '1949-12-31',
    sex: 'female',
    simulated: false,
  })
})

test('one wrong digit, or two neighbours exchanged, is never a valid number', () => {
  fc.assert(
    fc.property(digits, fc.integer({ min: 0, max: 16 }), fc.integer({ min: 1, max: 9 }), (i, at, by) => {
      const number = simulatedIdNumber(i)
      const wrong = number.slice(0, at) + ((Number(number[at]) + by) % 10) + number.slice(at + 1)
      expect(readResidentId(wrong)).toBeUndefined()
      if (number[at] === number[at + 1] || number[at + 1] === 'X') return
      const swapped = number.slice(0, at) + number[at + 1]! + number[at]! + number.slice(at + 2)
      expect(readResidentId(swapped)).toBeUndefined()
    }),
  )
})

test('simulated numbers are valid in shape, lie in no area, and are all different', () => {
  const seen = new Set<string>()
  for (let i = 1; i <= 200_000; i++) seen.add(simulatedIdNumber(i))
  expect(seen.size).toBe(200_000)
  fc.assert(
    fc.property(digits, (i) => {
      const number = simulatedIdNumber(i)
      expect(readResidentId(number)?.simulated).toBe(true)
      expect(number.startsWith(SIMULATED_AREA)).toBe(true)
      expect(maskIdNumber(number)).toMatch(/^000\*{11}.{4}$/)
    }),
  )
})

test('a date that the calendar does not have is no identity number', () => {
  for (const first17 of ['00000019900230001', '00000020211301001', '00000018000101001'])
    expect(readResidentId(first17 + checkCharacter(first17)), first17).toBeUndefined()
  expect(isIdNumber('passport', 'E12345678')).toBe(true)
  expect(isIdNumber('passport', 'E-1')).toBe(false)
})

test('somebody is registered once: by the same id, by the same identity number, by two offices at once', async () => {
  const person = {
    name: '模拟甲',
    placeCode: '310115016001001',
    phone: '19900800001',
    idKind: 'resident_id' as const,
    idNumber: simulatedIdNumber(70_001),
    residence: '模拟 9 号 101 室',
  }
  const id = newId()
  expect(await register({ id, ...person })).toEqual({ id, isNew: true })
  expect(await register({ id, ...person })).toEqual({ id, isNew: false })
  expect(await register({ id: newId(), ...person, name: '模拟乙' })).toEqual({ id, isNew: false })
  const other = { ...person, phone: '19900800002', idNumber: simulatedIdNumber(70_002) }
  const both = await Promise.all([newId(), newId()].map((each) => register({ id: each, ...other })))
  expect(both.filter((b) => b.isNew)).toHaveLength(1)
  expect(both[0]!.id).toBe(both[1]!.id)
  expect((await findPersonByPhone(city.app, '19900800001'))?.id).toBe(id)
  // The id of one is not the id of another, and a refusal leaves nobody behind.
  const taken = { id, name: '模拟丙', placeCode: person.placeCode }
  for (const who of [{ phone: '19900800003' }, { idKind: 'passport' as const, idNumber: 'E87654321' }, {}])
    await expect(register({ ...taken, ...who })).rejects.toMatchObject({ code: 'same_id_other_content' })
  expect(await findPersonByPhone(city.app, '19900800003')).toBeUndefined()
  const found = await findPersonByIdNumber(city.app, {
    idKind: 'resident_id',
    idNumber: ` ${person.idNumber}`,
  })
  expect(found?.id).toBe(id)
  const household = await householdOf(city.app.db, id)
  expect(household.map((p) => p.id).toSorted()).toEqual([id, both[0]!.id].toSorted())
})

test('a number that is none is refused, and nobody is registered', async () => {
  const id = newId()
  await expect(
    register({
      id,
      name: '模拟丙',
      placeCode: '310115',
      idKind: 'resident_id',
      idNumber: '000000199001010010',
    }),
  ).rejects.toThrow(/identity number/)
  expect(await city.app.db.selectFrom('person').where('id', '=', id).select('id').execute()).toEqual([])
})

test('the same telephone and name, or name, birth date and address, are noted for review and never made one', async () => {
  const base = { placeCode: '310101002001001', name: '模拟丁' }
  const ids = [newId(), newId(), newId()] as const
  await register({
    id: ids[0],
    ...base,
    phone: '19900800003',
    birthDate: '1950-03-04',
    residence: '模拟1号202室',
  })
  await register({ id: ids[1], ...base, phone: '19900800003' })
  await register({
    id: ids[2],
    ...base,
    name: '模拟 丁',
    birthDate: '1950-03-04',
    residence: '模拟1号 202室',
  })
  // A family shares a telephone: another name at the same number is no duplicate.
  await register({ id: newId(), ...base, name: '模拟戊', phone: '19900800003' })
  const pairs = await city.app.db
    .selectFrom('person_duplicate')
    .select(['person_a', 'person_b', 'why', 'state'])
    .where('person_a', 'in', ids)
    .orderBy('why')
    .execute()
  expect(pairs).toEqual([
    { person_a: ids[0], person_b: ids[2], why: 'name_birth_residence', state: 'open' },
    { person_a: ids[0], person_b: ids[1], why: 'phone_name', state: 'open' },
  ])
})
