/**
 * How each table would lie on a cluster (Citus): by a column, or whole on every node (`reference`). Person-keyed
 * tables by person, order-keyed ones by order, so that what is asked together lies together. A test reads the
 * catalogue and refuses a table that is missing here or whose keys do not hold its column.
 */
export const DISTRIBUTION: Record<string, { by: string } | 'reference'> = {
  migration: 'reference',
  city_clock: 'reference',
  place: 'reference',
  unit: 'reference',
  policy_pack: 'reference',
  account: 'reference',
  account_grant: 'reference',
  second_factor: 'reference',
  recovery_code: 'reference',
  account_identity: 'reference',
  machine_key: 'reference',
  sampling_site: 'reference',
  hospital: 'reference',
  history_figure: 'reference',
  history_address: 'reference',
  import_run: 'reference',
  audit: { by: 'id' },
  // One chain is one order; it stays on one node.
  audit_chain: { by: 'seq' },
  person: { by: 'id' },
  session: { by: 'secret_hash' },
  half_session: { by: 'secret_hash' },
  oidc_attempt: { by: 'state_hash' },
  sign_in_code: { by: 'phone_hash' },
  request: { by: 'id' },
  call: { by: 'id' },
  decision: { by: 'id' },
  work_order: { by: 'id' },
  order_event: { by: 'order_id' },
  order_clock: { by: 'order_id' },
  alarm: { by: 'id' },
  person_reveal: { by: 'id' },
  glass_break: { by: 'id' },
  person_import: { by: 'id' },
  person_import_row: { by: 'run_id' },
  person_duplicate: { by: 'id' },
  person_merge: { by: 'id' },
}
