/**
 * Every column that names a person. Two records made one move what is listed here, and undoing moves it back; a test
 * reads the catalogue and fails on a uuid column that stands neither here nor among those that are nobody's.
 * `key`: what finds the row again (its primary key, the indexed column first). `among`: which rows can be the person's at
 * all, where the column itself has no index ($person and $keeper stand for the ids).
 */
export const PERSON_REFERENCES: readonly {
  table: string
  column: string
  key: readonly string[]
  among?: string
}[] = [
  // Events of orders lie with their order and are found through it: so before the orders themselves.
  {
    table: 'order_event',
    column: 'reporter_id',
    key: ['order_id', 'seq'],
    among: 'order_id in (select id from work_order where reporter_id = $person)',
  },
  {
    table: 'order_event',
    column: 'actor_id',
    key: ['order_id', 'seq'],
    among: 'order_id in (select id from work_order where reporter_id = $person)',
  },
  // Who attached a picture: an account, or the resident who asked.
  {
    table: 'order_attachment',
    column: 'by_id',
    key: ['order_id', 'id'],
    among: 'order_id in (select id from work_order where reporter_id = $person)',
  },
  { table: 'work_order', column: 'reporter_id', key: ['id'] },
  { table: 'request', column: 'person_id', key: ['id'] },
  // Sessions of residents; an account's id is never a person's.
  { table: 'session', column: 'subject_id', key: ['secret_hash'] },
  { table: 'person_reveal', column: 'person_id', key: ['id'] },
  // What a decision is about: a request, a place's measure, or a person.
  { table: 'decision', column: 'subject_id', key: ['id'] },
  { table: 'decision', column: 'person_id', key: ['id'] },
  { table: 'appeal', column: 'person_id', key: ['id'] },
  { table: 'recall', column: 'person_id', key: ['id'] },
  { table: 'card', column: 'person_id', key: ['id'] },
  { table: 'antigen_test', column: 'person_id', key: ['person_id', 'id'] },
  { table: 'antigen_photo', column: 'person_id', key: ['person_id', 'id'] },
  { table: 'finding', column: 'person_id', key: ['id'] },
  // Both in one tube: the row stays with the merged record, which leads to the keeper.
  {
    table: 'sample',
    column: 'person_id',
    key: ['person_id', 'tube', 'day'],
    among:
      'not exists (select from sample o where o.person_id = $keeper and o.tube = sample.tube and o.day = sample.day)',
  },
  // Somebody into whom others were merged before.
  { table: 'person', column: 'merged_into', key: ['id'] },
]

/** uuid columns that name no person, with what they name. `id` of a table is its own. */
export const NOT_PEOPLE: readonly string[] = [
  'account_grant.account_id',
  'account_identity.account_id',
  'alarm.order_id',
  'appeal.decision_id',
  'appeal.new_decision_id',
  'decision.instead_of',
  'glass_break.account_id',
  'half_session.account_id',
  'order_attachment.order_id',
  'order_bulk.order_ids',
  'order_card.order_id',
  'order_clock.order_id',
  'order_event.order_id',
  'order_notice.order_id',
  'order_part.order_id',
  'order_turn.order_id',
  'order_watch.order_id',
  'recovery_code.account_id',
  'request.call_id',
  // Whom they lived with when they were called back, as it was then.
  'recall.household',
  'recall.antigen',
  'sample_box.client_id',
  'sample_box.session_id',
  'sampling_session.site_id',
  'site_change.site_id',
  'site_minute.site_id',
  'site_queue.site_id',
  'site_slot.plan_id',
  'site_slot.site_id',
  'site_suggestion.order_id',
  'site_suggestion.run_id',
  'site_suggestion.site_id',
  'tube.client_id',
  'tube_claim.order_id',
  'tube_claim.settlement_id',
  'tube.session_id',
  'work_order.merged_into',
  // The import a line belongs to, and whom it may be: gone within a day, and read again before anything is stored.
  'person_import_row.run_id',
  'person_import_row.known_id',
  'person_import_row.alike_id',
  // Pairs and merges speak of the records as they were; they are what undoing is made of.
  'person_duplicate.person_a',
  'person_duplicate.person_b',
  'person_merge.keeper_id',
  'person_merge.duplicate_id',
]

/** Columns of text that end like a name of somebody (_id, _by) and hold accounts, keys, units or packs: never a resident. */
export const TEXT_NOT_PEOPLE: readonly string[] = [
  'appeal.answered_by',
  'antigen_test.staff_id',
  // Append-only: what was read of a merged record is found through it (people/looks.ts).
  'audit.actor_id',
  'custody_event.actor_id',
  'import_run.actor_id',
  'lab_capacity.actor_id',
  'order_bulk.by_id',
  'order_notice.to_id',
  'person_duplicate.decided_by',
  'person_import.actor_id',
  'person_merge.actor_id',
  'person_merge.undone_by',
  'person_reveal.actor_id',
  'policy_enactment.over_id',
  'policy_enactment.proposed_by',
  'policy_enactment.retracted_by',
  'policy_enactment.retraction_by',
  'policy_enactment.signed_by',
  'policy_version.over_id',
  'finding.found_by',
  'early_box.actor_id',
  'early_result.actor_id',
  'finding.told_by',
  'recall.answered_by',
  'result.actor_id',
  'result_hold.actor_id',
  'result_hold.decided_by',
  'result_hold.proposed_by',
  'sample_box.actor_id',
  'sampling_session.actor_id',
  'screening_resource.actor_id',
  'screening_round.actor_id',
  'screening_round.plan_id',
  'site_change.actor_id',
  'site_queue.actor_id',
  'site_run.actor_id',
  'site_slot.actor_id',
  'site_suggestion.decided_by',
  'tube.actor_id',
  'tube_claim.actor_id',
  'tube_claim.settled_by',
  'work_order.held_by',
  'work_order.supervised_by',
]
/** Names that say themselves what they hold. */
export const NEVER_PEOPLE: readonly string[] = ['unit_id', 'pack_id', 'account_id', 'agent_id']
