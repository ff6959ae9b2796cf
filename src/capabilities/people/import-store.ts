import type { Generated } from 'kysely'

declare module '#kernel/db.ts' {
  interface DB {
    person_import: {
      id: string
      actor_id: string
      place_code: string
      file: string
      content_hash: string
      bytes: number
      state: 'reading' | 'ready' | 'storing' | 'done' | 'refused' | 'dropped'
      problem: string | null
      counts: unknown
      created_at: Generated<Date>
      beat_at: Generated<Date>
    }
    person_import_row: {
      run_id: string
      line: number
      at: Generated<Date>
      status: string
      notes: string[]
      id: string | null
      name_sealed: string | null
      known_id: string | null
      alike_id: string | null
      alike_why: string | null
    }
    person_duplicate: {
      id: string
      person_a: string
      person_b: string
      place_code: string
      why: string
      found_at: Date
      state: Generated<'open' | 'merged' | 'different'>
      decided_by: Generated<string | null>
      decided_at: Generated<Date | null>
    }
  }
}
