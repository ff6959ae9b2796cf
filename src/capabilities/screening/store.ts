import { sql } from 'kysely'
import type { Db, Trx } from '#kernel/db.ts'
import type { OpeningRules } from './hours.ts'

declare module '#kernel/db.ts' {
  interface DB {
    sampling_site: {
      id: string
      place_code: string
      name: string
      address: string
      lng: number
      lat: number
      rules: unknown
      hours_text: string
      source: string
      imported_at: Date
    }
  }
}

export type SiteRecord = {
  id: string
  placeCode: string
  name: string
  address: string
  lng: number
  lat: number
  rules: OpeningRules | null
  hoursText: string
  source: string
}

/** Puts sites in; the same site of the same source again replaces itself. */
export async function putSites(db: Db | Trx, sites: readonly SiteRecord[], at: Date): Promise<void> {
  const column = <T>(pick: (s: SiteRecord) => T) => sites.map(pick)
  await sql`
    insert into sampling_site (id, place_code, name, address, lng, lat, rules, hours_text, source, imported_at)
    select *, ${at} from unnest(${column((s) => s.id)}::uuid[], ${column((s) => s.placeCode)}::text[], ${column((s) => s.name)}::text[], ${column((s) => s.address)}::text[],
      ${column((s) => s.lng)}::float8[], ${column((s) => s.lat)}::float8[], ${column((s) => s.rules && JSON.stringify(s.rules))}::jsonb[], ${column((s) => s.hoursText)}::text[], ${column((s) => s.source)}::text[])
    on conflict (id) do update set place_code = excluded.place_code, lng = excluded.lng, lat = excluded.lat, rules = excluded.rules, hours_text = excluded.hours_text, imported_at = excluded.imported_at`.execute(
    db,
  )
}

export async function allSites(db: Db | Trx): Promise<SiteRecord[]> {
  const rows = await db.selectFrom('sampling_site').selectAll().orderBy('id').execute()
  return rows.map((r) => ({
    id: r.id,
    placeCode: r.place_code,
    name: r.name,
    address: r.address,
    lng: r.lng,
    lat: r.lat,
    rules: r.rules as OpeningRules | null,
    hoursText: r.hours_text,
    source: r.source,
  }))
}
