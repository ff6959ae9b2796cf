import { sql } from 'kysely'
import type { Db, Trx } from '#kernel/db.ts'

declare module '#kernel/db.ts' {
  interface DB {
    hospital: {
      id: string
      place_code: string
      name: string
      address: string
      lng: number
      lat: number
      emergency: string
      detail: unknown
      source: string
      imported_at: Date
    }
  }
}

export type HospitalDetail = {
  suspended: string[]
  open: string[]
  phones: { kind: string; number: string }[]
}
export type HospitalRecord = {
  id: string
  placeCode: string
  name: string
  address: string
  lng: number
  lat: number
  emergency: 'open' | 'suspended' | 'green_channel'
  detail: HospitalDetail
  source: string
}

export async function putHospitals(db: Db | Trx, list: readonly HospitalRecord[], at: Date): Promise<void> {
  const column = <T>(pick: (h: HospitalRecord) => T) => list.map(pick)
  await sql`
    insert into hospital (id, place_code, name, address, lng, lat, emergency, detail, source, imported_at)
    select *, ${at} from unnest(${column((h) => h.id)}::uuid[], ${column((h) => h.placeCode)}::text[], ${column((h) => h.name)}::text[], ${column((h) => h.address)}::text[],
      ${column((h) => h.lng)}::float8[], ${column((h) => h.lat)}::float8[], ${column((h) => h.emergency)}::text[], ${column((h) => JSON.stringify(h.detail))}::jsonb[], ${column((h) => h.source)}::text[])
    on conflict (id) do update set place_code = excluded.place_code, lng = excluded.lng, lat = excluded.lat, emergency = excluded.emergency, detail = excluded.detail, imported_at = excluded.imported_at`.execute(
    db,
  )
}

export async function allHospitals(db: Db | Trx): Promise<HospitalRecord[]> {
  const rows = await db.selectFrom('hospital').selectAll().orderBy('id').execute()
  return rows.map((r) => ({
    id: r.id,
    placeCode: r.place_code,
    name: r.name,
    address: r.address,
    lng: r.lng,
    lat: r.lat,
    emergency: r.emergency as HospitalRecord['emergency'],
    detail: r.detail as HospitalDetail,
    source: r.source,
  }))
}
