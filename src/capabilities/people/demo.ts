import { hash } from '@node-rs/argon2'
import { sql } from 'kysely'
import type { App } from '#kernel/app.ts'
import { idFrom, newId } from '#kernel/ids.ts'
import { allPlaces, pinyinName } from '#capabilities/places/index.ts'
import type { Role } from './contract.ts'
import { sealPerson } from './identity.ts'
import { checkCharacter, SIMULATED_AREA } from './rules.ts'

/** Everybody made here is simulated and marked so; no operator gives out numbers that begin with 1990. */
export const DEMO_RESIDENT_PHONE = '19900000001'
export const DEMO_PASSWORD = 'cityloop-demo'

type DemoAccount = { username: string; name: string; role: Role; also?: Role; place: string; unit?: string }

const HUAMU = '310115016'

const ACCOUNTS: DemoAccount[] = [
  { username: 'commander', name: '模拟·总指挥', role: 'commander', place: '31' },
  { username: 'agent', name: '模拟·12345话务员', role: 'agent', place: '31' },
  { username: 'supervisor', name: '模拟·市督办', role: 'supervisor', place: '31' },
  { username: 'pudong', name: '模拟·浦东督办', role: 'supervisor', place: '310115' },
  {
    username: 'health.pudong',
    name: '模拟·浦东卫健',
    role: 'handler',
    place: '310115',
    unit: 'health.310115',
  },
  { username: 'huamu', name: '模拟·花木城运', role: 'handler', place: HUAMU, unit: `street.${HUAMU}` },
  { username: 'huangpu', name: '模拟·黄浦督办', role: 'supervisor', place: '310101' },
  { username: 'juwei', name: '模拟·花木居委', role: 'neighbourhood_worker', place: `${HUAMU}001` },
  {
    username: 'recall.huamu',
    name: '模拟·花木追阳队',
    role: 'neighbourhood_worker',
    also: 'sampler',
    place: HUAMU,
  },
  { username: 'cdc.pudong', name: '模拟·浦东流调', role: 'epidemiologist', place: '310115' },
  { username: 'sampler', name: '模拟·花木采样员', role: 'sampler', place: HUAMU },
  { username: 'lab', name: '模拟·检测实验室', role: 'lab', place: '31', unit: 'lab.simulated' },
  { username: 'auditor', name: '模拟·审计员', role: 'auditor', place: '31' },
  { username: 'admin', name: '模拟·管理员', role: 'administrator', place: '31' },
]

/** City, district and subdistrict offices of every department, as the element dictionary routes to them. */
export async function seedUnits(
  app: App,
  departments: readonly { id: string; zh: string; en: string }[],
): Promise<void> {
  const places = await allPlaces(app.db)
  const units = places.flatMap((p) => {
    if (p.kind === 'subdistrict')
      return [
        {
          id: `street.${p.code}`,
          name: `${p.name}城运中心`,
          en: `${pinyinName(p)} Operations Centre`,
          department: 'street',
          level: 'subdistrict',
          place: p.code,
        },
      ]
    if (p.kind !== 'city' && p.kind !== 'district') return []
    const prefix = p.kind === 'city' ? '市' : p.name
    return departments.map((d) => ({
      id: `${d.id}.${p.code}`,
      name: d.id === 'street' ? `${p.kind === 'city' ? '市' : p.name}城运中心` : `${prefix}${d.zh}`,
      en: `${p.kind === 'city' ? 'Shanghai' : pinyinName(p)} ${d.id === 'street' ? 'Operations Centre' : d.en}`,
      department: d.id,
      level: p.kind,
      place: p.code,
    }))
  })
  const column = <T>(pick: (u: (typeof units)[number]) => T) => units.map(pick)
  await sql`
    insert into unit (id, name, name_en, department, level, place_code)
    select * from unnest(${column((u) => u.id)}::text[], ${column((u) => u.name)}::text[], ${column((u) => u.en)}::text[],
      ${column((u) => u.department)}::text[], ${column((u) => u.level)}::text[], ${column((u) => u.place)}::text[])
    on conflict (id) do update set name = excluded.name, name_en = excluded.name_en`.execute(app.db)
}

async function seedAccounts(app: App): Promise<void> {
  const password = await hash(DEMO_PASSWORD)
  const districts = (await allPlaces(app.db)).filter((p) => p.kind === 'district')
  const drivers: DemoAccount[] = districts.map((d) => ({
    username: `sim.${d.code}`,
    name: `模拟·${d.name}承办`,
    role: 'handler',
    place: d.code,
  }))
  const city: DemoAccount[] = [
    { username: 'sim.agent', name: '模拟·话务员', role: 'agent', place: '31' },
    { username: 'sim.31', name: '模拟·市级承办', role: 'handler', place: '31' },
    { username: 'sim.rounds', name: '模拟·市筛查组', role: 'supervisor', place: '31' },
    {
      username: 'sim.table',
      name: '模拟·采样队',
      role: 'neighbourhood_worker',
      also: 'sampler',
      place: '31',
    },
    { username: 'sim.lab', name: '模拟·第二检测实验室', role: 'lab', place: '31', unit: 'lab.simulated2' },
    { username: 'sim.centre', name: '模拟·市疾控', role: 'epidemiologist', place: '31' },
  ]
  const now = new Date()
  for (const a of [...ACCOUNTS, ...city, ...drivers]) {
    const id = idFrom('demo account', a.username)
    await app.db
      .insertInto('account')
      .values({
        id,
        username: a.username,
        name: a.name,
        password_hash: password,
        locked_until: null,
        disabled_at: null,
        simulated: true,
        place_code: a.place,
      })
      .onConflict((c) => c.doNothing())
      .execute()
    for (const role of a.also ? [a.role, a.also] : [a.role])
      await app.db
        .insertInto('account_grant')
        .values({
          account_id: id,
          role,
          place_code: a.place,
          unit_id: a.unit ?? null,
          valid_from: now,
          valid_to: null,
        })
        .onConflict((c) => c.doNothing())
        .execute()
  }
}

/** One telephone number per simulated resident, so that the simulator can sign in as any of them. */
export const simulatedPhone = (i: number) => `1990${String(i).padStart(7, '0')}`

/** A number of the one shape, in an area that no place has, checked like any other: nobody's, and seen to be. */
export function simulatedIdNumber(i: number): string {
  const year = 1930 + ((i * 37 + Math.floor(i / 84_000)) % 90)
  const month = String(1 + (i % 12)).padStart(2, '0')
  const day = String(1 + (i % 28)).padStart(2, '0')
  // Day and month repeat after 84, the three digits after 84,000, then every year comes once: 7,560,000 numbers.
  const first17 = `${SIMULATED_AREA}${year}${month}${day}${String(Math.floor(i / 84) % 1000).padStart(3, '0')}`
  return first17 + checkCharacter(first17)
}

/** Three to a room. */
const HOUSEHOLD = 3
/** Numbers 2 to 11 live in ten homes of one compound, each with two of the next twenty: whom the readme's morning samples. */
const HOMES = 10
const LAST_AT_HOME = 1 + HOMES * HOUSEHOLD

/** Makes the simulated residents at the first start. */
export async function seedPeople(app: App, count: number): Promise<void> {
  await seedAccounts(app)
  const known = await app.db
    .selectFrom('person')
    .select('id')
    .where('simulated', '=', true)
    .limit(1)
    .executeTakeFirst()
  if (known || count === 0) return
  const compounds = (await allPlaces(app.db)).filter((p) => p.kind === 'compound')
  const now = app.clock.now()
  const BATCH = 5_000
  for (let from = 1; from <= count; from += BATCH) {
    const people = Array.from({ length: Math.min(BATCH, count - from + 1) }, (_, k) => {
      const i = from + k
      const phone = simulatedPhone(i)
      // 7919 is prime to the number of compounds, so neighbours in number live all over the city.
      const isNeighbour = i > 1 && i <= LAST_AT_HOME
      const placeCode =
        i === 1
          ? `${HUAMU}001001`
          : isNeighbour
            ? `${HUAMU}002001`
            : compounds[(i * 7919) % compounds.length]!.code
      return {
        id: newId(),
        ...sealPerson(app.vault, {
          name: `模拟居民${String(i).padStart(5, '0')}`,
          phone,
          placeCode,
          idKind: 'resident_id',
          idNumber: simulatedIdNumber(i),
          residence: isNeighbour
            ? `模拟${1 + ((i - 2) % HOMES)}号楼101室`
            : `模拟${1 + Math.floor(i / compounds.length / HOUSEHOLD)}号101室`,
        }),
      }
    })
    const column = (pick: (p: (typeof people)[number]) => string | number | null) => people.map(pick)
    await sql`
      insert into person (id, place_code, name_sealed, phone_sealed, phone_hash, id_kind, id_number_sealed, id_number_hash, birth_year, birth_month, sex,
        residence_sealed, residence_hash, alike_hash, simulated, created_at)
      select *, true, ${now} from unnest(${column((p) => p.id)}::uuid[], ${column((p) => p.place_code)}::text[], ${column((p) => p.name_sealed)}::text[],
        ${column((p) => p.phone_sealed)}::text[], ${column((p) => p.phone_hash)}::text[], ${column((p) => p.id_kind)}::text[],
        ${column((p) => p.id_number_sealed)}::text[], ${column((p) => p.id_number_hash)}::text[], ${column((p) => p.birth_year)}::smallint[], ${column((p) => p.birth_month)}::smallint[],
        ${column((p) => p.sex)}::text[], ${column((p) => p.residence_sealed)}::text[], ${column((p) => p.residence_hash)}::text[],
        ${column((p) => p.alike_hash)}::text[])`.execute(app.db)
  }
}
