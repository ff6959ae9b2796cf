import { sql } from 'kysely'
import type { Db, Trx } from '#kernel/db.ts'
import type { Place } from './rules.ts'

declare module '#kernel/db.ts' {
  interface DB {
    place: {
      code: string
      kind: Place['kind']
      name: string
      parent_code: string | null
      lng: number | null
      lat: number | null
      radius_m: number | null
      population: number | null
      area_km2: number | null
      simulated: boolean
    }
  }
}

export type PlaceFacts = Place & {
  radiusM?: number | undefined
  population?: number | undefined
  areaKm2?: number | undefined
}

/** Puts places in or brings them up to date, all columns at once; safe to run twice. */
export async function putPlaces(db: Db | Trx, places: readonly PlaceFacts[]): Promise<void> {
  const column = <T>(pick: (p: PlaceFacts) => T) => places.map(pick)
  await sql`
    insert into place (code, kind, name, parent_code, lng, lat, radius_m, population, area_km2, simulated)
    select * from unnest(
      ${column((p) => p.code)}::text[], ${column((p) => p.kind)}::text[], ${column((p) => p.name)}::text[], ${column((p) => p.parentCode ?? null)}::text[],
      ${column((p) => p.lng ?? null)}::float8[], ${column((p) => p.lat ?? null)}::float8[], ${column((p) => p.radiusM ?? null)}::int[],
      ${column((p) => p.population ?? null)}::int[], ${column((p) => p.areaKm2 ?? null)}::float8[], ${column((p) => p.simulated)}::bool[])
    on conflict (code) do update set name = excluded.name, lng = excluded.lng, lat = excluded.lat, radius_m = excluded.radius_m,
      population = excluded.population, area_km2 = excluded.area_km2`.execute(db)
}

export async function allPlaces(db: Db | Trx): Promise<PlaceFacts[]> {
  const rows = await db.selectFrom('place').selectAll().orderBy('code').execute()
  return rows.map((r) => ({
    code: r.code,
    kind: r.kind,
    name: r.name,
    parentCode: r.parent_code ?? undefined,
    lng: r.lng ?? undefined,
    lat: r.lat ?? undefined,
    radiusM: r.radius_m ?? undefined,
    population: r.population ?? undefined,
    areaKm2: r.area_km2 ?? undefined,
    simulated: r.simulated,
  }))
}

export const countPlaces = async (db: Db | Trx): Promise<number> =>
  (
    await db
      .selectFrom('place')
      .select(sql<number>`count(*)`.as('n'))
      .executeTakeFirstOrThrow()
  ).n
