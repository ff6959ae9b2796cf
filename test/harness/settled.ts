import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'

/**
 * Waits until whatever was committed by now lies below every running transaction of the cluster. Counters read only what
 * lies there (`pg_snapshot_xmin`), and a long transaction in the database of another test holds them back.
 */
export async function settled(sql: pg.Client): Promise<void> {
  const { rows } = await sql.query<{ now: string }>('select pg_current_xact_id()::text as now')
  for (;;) {
    const passed = await sql.query(
      'select from pg_current_snapshot() s where pg_snapshot_xmin(s) > $1::xid8',
      [rows[0]!.now],
    )
    if (passed.rowCount) return
    await delay(5)
  }
}
