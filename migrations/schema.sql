-- Made by scripts/schema.ts from the migrations; a test compares it. Do not edit.
constraint account account_pkey PRIMARY KEY (id)
constraint account_grant account_grant_pkey PRIMARY KEY (id)
constraint account_identity account_identity_one PRIMARY KEY (issuer, subject)
constraint alarm alarm_kind_check CHECK ((kind = ANY (ARRAY['urgent'::text, 'overdue'::text, 'ownerless'::text, 'glass'::text, 'positive'::text, 'backlog'::text])))
constraint alarm alarm_order_unless_glass CHECK (((order_id IS NOT NULL) OR (kind = ANY (ARRAY['glass'::text, 'positive'::text, 'backlog'::text]))))
constraint alarm alarm_pkey PRIMARY KEY (id)
constraint antigen_count antigen_count_pkey PRIMARY KEY (day, place_code, occupation, nth)
constraint antigen_photo antigen_photo_pkey PRIMARY KEY (person_id, id)
constraint antigen_test antigen_not_ahead CHECK ((at <= received_at))
constraint antigen_test antigen_outcome CHECK ((outcome = ANY (ARRAY['negative'::text, 'positive'::text, 'invalid'::text])))
constraint antigen_test antigen_test_pkey PRIMARY KEY (person_id, id)
constraint antigen_test antigen_valid CHECK (((nth IS NULL) = (outcome = 'invalid'::text)))
constraint appeal appeal_answer_check CHECK ((answer = ANY (ARRAY['changed'::text, 'confirmed'::text])))
constraint appeal appeal_answered CHECK ((((answer IS NULL) = (answered_at IS NULL)) AND ((answer IS NULL) OR ((COALESCE(answer_reasons, ''::text) <> ''::text) AND (answered_by IS NOT NULL))) AND (COALESCE((answer = 'changed'::text), false) = (new_decision_id IS NOT NULL))))
constraint appeal appeal_pkey PRIMARY KEY (id)
constraint audit audit_pkey PRIMARY KEY (id)
constraint audit_chain audit_chain_pkey PRIMARY KEY (seq)
constraint backlog_alarm backlog_alarm_pkey PRIMARY KEY (id)
constraint backlog_mark backlog_mark_one_check CHECK (one)
constraint backlog_mark backlog_mark_pkey PRIMARY KEY (one)
constraint call call_pkey PRIMARY KEY (id)
constraint card card_pkey PRIMARY KEY (id)
constraint card_key card_key_pkey PRIMARY KEY (id)
constraint city_clock city_clock_one_check CHECK (one)
constraint city_clock city_clock_pkey PRIMARY KEY (one)
constraint city_clock city_clock_speed_check CHECK ((speed > (0)::double precision))
constraint coverage_mark coverage_mark_one_check CHECK (one)
constraint coverage_mark coverage_mark_pkey PRIMARY KEY (one)
constraint custody_event custody_event_pkey PRIMARY KEY (id)
constraint custody_event custody_kind CHECK ((kind = ANY (ARRAY['boxed'::text, 'collected'::text, 'redirected'::text, 'received'::text, 'contested'::text, 'released'::text, 'rejected'::text, 'tested'::text, 'destroyed'::text])))
constraint custody_event custody_of_something CHECK ((num_nonnulls(tube, box) = 1))
constraint decision decision_clause_check CHECK ((clause <> ''::text))
constraint decision decision_evidence_there CHECK (((evidence <> '{}'::jsonb) AND (evidence <> 'null'::jsonb)))
constraint decision decision_issuer_check CHECK ((issuer <> ''::text))
constraint decision decision_pkey PRIMARY KEY (id)
constraint decision decision_reasons_check CHECK ((jsonb_array_length(reasons) > 0))
constraint decision decision_restriction_founded CHECK (((NOT restricts) OR COALESCE(((legal_basis <> ''::text) AND (valid_until > decided_at) AND (person_id IS NOT NULL)), false)))
constraint done_pace done_pace_pkey PRIMARY KEY (place_code, occupation, nth, slot)
constraint early_box early_box_pkey PRIMARY KEY (code)
constraint early_result early_outcome CHECK ((outcome = ANY (ARRAY['negative'::text, 'positive'::text, 'inconclusive'::text, 'invalid'::text])))
constraint early_result early_result_pkey PRIMARY KEY (tube)
constraint finding finding_found CHECK ((((outcome IS NULL) = (found_at IS NULL)) AND ((outcome IS NULL) = (found_by IS NULL))))
constraint finding finding_outcome CHECK ((outcome = ANY (ARRAY['confirmed'::text, 'asymptomatic'::text, 'negative'::text])))
constraint finding finding_pkey PRIMARY KEY (id)
constraint finding finding_told CHECK ((((told_at IS NULL) = (told_by IS NULL)) AND ((told_at IS NULL) OR (outcome IS NOT NULL))))
constraint glass_break glass_break_pkey PRIMARY KEY (id)
constraint glass_break glass_ends CHECK ((until_at > opened_at))
constraint half_session half_session_pkey PRIMARY KEY (secret_hash)
constraint history_address history_address_pkey PRIMARY KEY (id)
constraint history_figure history_figure_pkey PRIMARY KEY (source, day, place_code, metric)
constraint hospital hospital_pkey PRIMARY KEY (id)
constraint import_run import_run_pkey PRIMARY KEY (id)
constraint lab_capacity lab_capacity_pkey PRIMARY KEY (id)
constraint lab_capacity lab_closes CHECK (((closes >= 0) AND (closes <= 1439)))
constraint lab_capacity lab_opens CHECK (((opens >= 0) AND (opens <= 1439)))
constraint lab_capacity lab_some CHECK (((tubes_per_hour >= 0) AND (tubes_per_hour <= 100000)))
constraint machine_key machine_key_pkey PRIMARY KEY (id)
constraint migration migration_pkey PRIMARY KEY (name)
constraint oidc_attempt oidc_attempt_pkey PRIMARY KEY (state_hash)
constraint order_attachment order_attachment_pkey PRIMARY KEY (order_id, id)
constraint order_bulk order_bulk_pkey PRIMARY KEY (id)
constraint order_card order_card_kind_check CHECK ((kind = ANY (ARRAY['yellow'::text, 'red'::text])))
constraint order_card order_card_pkey PRIMARY KEY (order_id, kind, clock, run)
constraint order_clock order_clock_pkey PRIMARY KEY (order_id, kind, run)
constraint order_event order_event_pkey PRIMARY KEY (order_id, seq)
constraint order_notice order_notice_pkey PRIMARY KEY (order_id, id)
constraint order_notice order_notice_to_kind_check CHECK ((to_kind = ANY (ARRAY['unit'::text, 'account'::text])))
constraint order_notice_seen order_notice_seen_pkey PRIMARY KEY (account_id)
constraint order_part order_part_has_deadline CHECK (((state <> ALL (ARRAY['sent'::text, 'handling'::text])) OR (due_at IS NOT NULL)))
constraint order_part order_part_pkey PRIMARY KEY (order_id, id)
constraint order_part order_part_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'handling'::text, 'answered'::text, 'waived'::text])))
constraint order_turn order_turn_pkey PRIMARY KEY (order_id, n)
constraint order_watch order_watch_pkey PRIMARY KEY (order_id, account_id)
constraint people_count people_count_pkey PRIMARY KEY (place_code, occupation)
constraint people_mark people_mark_one_check CHECK (one)
constraint people_mark people_mark_pkey PRIMARY KEY (one)
constraint people_step people_step_pkey PRIMARY KEY (id)
constraint person person_birth_month CHECK (((birth_month IS NULL) OR (((birth_month >= 1) AND (birth_month <= 12)) AND (birth_year IS NOT NULL))))
constraint person person_birth_year CHECK (((birth_year >= 1880) AND (birth_year <= 2200)))
constraint person person_id_kind CHECK ((id_kind = ANY (ARRAY['resident_id'::text, 'passport'::text, 'hk_macao_pass'::text, 'taiwan_pass'::text, 'other'::text])))
constraint person person_id_number CHECK (((id_kind IS NULL) = (id_number_hash IS NULL)))
constraint person person_needs CHECK (((needs <@ ARRAY['bedridden'::text, 'night_shift'::text]) AND (cardinality(needs) > 0)))
constraint person person_pkey PRIMARY KEY (id)
constraint person person_sex CHECK ((sex = ANY (ARRAY['male'::text, 'female'::text])))
constraint person_duplicate person_duplicate_pkey PRIMARY KEY (id)
constraint person_duplicate person_duplicate_state CHECK ((state = ANY (ARRAY['open'::text, 'merged'::text, 'different'::text])))
constraint person_duplicate person_duplicate_two CHECK ((person_a <> person_b))
constraint person_duplicate person_duplicate_why CHECK ((why = ANY (ARRAY['phone_name'::text, 'name_birth_residence'::text])))
constraint person_import person_import_pkey PRIMARY KEY (id)
constraint person_import person_import_state CHECK ((state = ANY (ARRAY['reading'::text, 'ready'::text, 'storing'::text, 'done'::text, 'refused'::text, 'dropped'::text])))
constraint person_import_row person_import_row_pkey PRIMARY KEY (run_id, line)
constraint person_merge person_merge_pkey PRIMARY KEY (id)
constraint person_merge person_merge_two CHECK ((keeper_id <> duplicate_id))
constraint person_reveal person_reveal_pkey PRIMARY KEY (id)
constraint person_reveal person_reveal_purpose_check CHECK ((purpose <> ''::text))
constraint place place_kind_check CHECK ((kind = ANY (ARRAY['city'::text, 'district'::text, 'subdistrict'::text, 'neighbourhood'::text, 'compound'::text, 'building'::text, 'entrance'::text, 'floor'::text, 'room'::text])))
constraint place place_kind_fits_code CHECK ((kind = CASE length(code) WHEN 2 THEN 'city'::text WHEN 6 THEN 'district'::text WHEN 9 THEN 'subdistrict'::text WHEN 12 THEN 'neighbourhood'::text WHEN 15 THEN 'compound'::text WHEN 18 THEN 'building'::text WHEN 19 THEN 'entrance'::text WHEN 21 THEN 'floor'::text WHEN 23 THEN 'room'::text ELSE NULL::text END))
constraint place place_pkey PRIMARY KEY (code)
constraint policy_enactment enactment_ends_after CHECK (((until IS NULL) OR (until > in_force_from)))
constraint policy_enactment enactment_retracted CHECK ((((retracted_by IS NULL) = (retracted_at IS NULL)) AND ((retracted_by IS NULL) OR (signed_by IS NOT NULL))))
constraint policy_enactment enactment_signed CHECK (((signed_by IS NULL) = (signed_at IS NULL)))
constraint policy_enactment enactment_two_people CHECK (((signed_by IS NULL) OR (signed_by <> proposed_by)))
constraint policy_enactment enactment_withdrawn_unsigned CHECK (((withdrawn_at IS NULL) OR (signed_by IS NULL)))
constraint policy_enactment policy_enactment_pkey PRIMARY KEY (id)
constraint policy_enactment policy_enactment_reason_check CHECK ((reason <> ''::text))
constraint policy_enactment retraction_two_people CHECK (((retracted_by IS NULL) OR ((retraction_by IS NOT NULL) AND (retracted_by <> retraction_by))))
constraint policy_version policy_version_pkey PRIMARY KEY (hash)
constraint recall recall_pkey PRIMARY KEY (id)
constraint recall recall_source CHECK (((tube IS NULL) <> (antigen IS NULL)))
constraint recall recall_why CHECK ((why = ANY (ARRAY['positive'::text, 'inconclusive'::text, 'invalid'::text, 'antigen'::text])))
constraint recall_count recall_count_pkey PRIMARY KEY (place_code, occupation)
constraint recovery_code recovery_code_pkey PRIMARY KEY (account_id, code_hash)
constraint request request_channel_check CHECK ((channel = ANY (ARRAY['phone'::text, 'web'::text, 'app'::text, 'partner'::text, 'district'::text, 'subdistrict'::text])))
constraint request request_pkey PRIMARY KEY (id)
constraint result result_outcome CHECK ((outcome = ANY (ARRAY['negative'::text, 'positive'::text, 'inconclusive'::text, 'invalid'::text])))
constraint result result_pkey PRIMARY KEY (tube)
constraint result result_source CHECK ((source = ANY (ARRAY['form'::text, 'csv'::text, 'xlsx'::text, 'fhir'::text])))
constraint result_hold hold_decided CHECK (((state = 'open'::text) = (decided_by IS NULL)))
constraint result_hold hold_differs CHECK ((stands <> said))
constraint result_hold hold_proposal CHECK ((proposal = ANY (ARRAY['kept'::text, 'replaced'::text])))
constraint result_hold hold_said CHECK ((said = ANY (ARRAY['negative'::text, 'positive'::text, 'inconclusive'::text, 'invalid'::text])))
constraint result_hold hold_state CHECK ((state = ANY (ARRAY['open'::text, 'kept'::text, 'replaced'::text])))
constraint result_hold hold_two_people CHECK (((decided_by IS NULL) OR ((proposed_by IS NOT NULL) AND (decided_by <> proposed_by))))
constraint result_hold result_hold_pkey PRIMARY KEY (id)
constraint sample sample_pkey PRIMARY KEY (person_id, tube, day)
constraint sample_box box_state CHECK ((state = ANY (ARRAY['packed'::text, 'collected'::text, 'received'::text])))
constraint sample_box sample_box_pkey PRIMARY KEY (code)
constraint sample_rest sample_rest_pkey PRIMARY KEY (person_id, tube, day)
constraint sampling_session sampling_session_pkey PRIMARY KEY (id)
constraint sampling_site sampling_site_pkey PRIMARY KEY (id)
constraint sampling_site site_desks CHECK (((desks >= 0) AND (desks <= 500)))
constraint sampling_site site_kind CHECK ((kind = ANY (ARRAY['fixed'::text, 'convenience'::text, 'mobile'::text])))
constraint sampling_site site_pooling CHECK ((pooling = ANY (ARRAY['pooled'::text, 'single'::text, 'both'::text])))
constraint sampling_site site_setting CHECK ((setting = ANY (ARRAY['community'::text, 'office'::text, 'park'::text, 'building_site'::text, 'school'::text, 'transport'::text, 'other'::text])))
constraint screening_resource resource_kind CHECK ((kind = ANY (ARRAY['tubes'::text, 'boxes'::text, 'couriers'::text, 'samplers'::text])))
constraint screening_resource resource_some CHECK ((n >= 0))
constraint screening_resource screening_resource_pkey PRIMARY KEY (id)
constraint screening_round round_ends_after CHECK ((ends_on >= starts_on))
constraint screening_round round_target_hour CHECK (((target_hour >= 1) AND (target_hour <= 24)))
constraint screening_round round_target_percent CHECK (((target_percent >= 1) AND (target_percent <= 100)))
constraint screening_round screening_round_pkey PRIMARY KEY (id)
constraint second_factor second_factor_pkey PRIMARY KEY (id)
constraint session session_kind_check CHECK ((kind = ANY (ARRAY['staff'::text, 'resident'::text])))
constraint session session_pkey PRIMARY KEY (secret_hash)
constraint sign_in_code sign_in_code_pkey PRIMARY KEY (phone_hash)
constraint site_change site_change_pkey PRIMARY KEY (id)
constraint site_minute site_minute_pkey PRIMARY KEY (site_id, minute)
constraint site_queue queue_desks CHECK (((desks >= 0) AND (desks <= 500)))
constraint site_queue queue_people CHECK (((people >= 0) AND (people <= 20000)))
constraint site_queue site_queue_pkey PRIMARY KEY (id)
constraint site_run run_openings CHECK (((openings >= 0) AND (openings <= 500)))
constraint site_run run_state CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text])))
constraint site_run run_teams CHECK (((teams >= 0) AND (teams <= 500)))
constraint site_run site_run_pkey PRIMARY KEY (id)
constraint site_slot site_slot_pkey PRIMARY KEY (id)
constraint site_slot slot_lasts CHECK ((to_at > from_at))
constraint site_slot slot_people CHECK ((people > 0))
constraint site_suggestion site_suggestion_pkey PRIMARY KEY (id)
constraint site_suggestion suggestion_decided CHECK (((state = 'open'::text) = (decided_at IS NULL)))
constraint site_suggestion suggestion_kind CHECK ((kind = ANY (ARRAY['open'::text, 'extend'::text, 'move'::text, 'desks'::text, 'mobile'::text])))
constraint site_suggestion suggestion_order CHECK (((state = 'accepted'::text) = (order_id IS NOT NULL)))
constraint site_suggestion suggestion_state CHECK ((state = ANY (ARRAY['open'::text, 'accepted'::text, 'dismissed'::text])))
constraint tested_count tested_count_pkey PRIMARY KEY (day, place_code, occupation)
constraint tube tube_kind CHECK ((kind = ANY (ARRAY[1, 5, 10, 20])))
constraint tube tube_members CHECK (((members >= 1) AND (members <= kind)))
constraint tube tube_pkey PRIMARY KEY (code)
constraint tube tube_state CHECK ((state = ANY (ARRAY['sealed'::text, 'boxed'::text, 'collected'::text, 'received'::text, 'rejected'::text, 'tested'::text, 'destroyed'::text])))
constraint tube_claim claim_outcome CHECK ((outcome = ANY (ARRAY['same_people'::text, 'sample_again'::text])))
constraint tube_claim claim_settled CHECK ((num_nonnulls(settlement_id, outcome, reason_sealed, settled_by, settled_by_name, settled_at) = ANY (ARRAY[0, 6])))
constraint tube_claim tube_claim_pkey PRIMARY KEY (id)
constraint tube_passed tube_passed_pkey PRIMARY KEY (at, place_code, lab, before, after, single, sealed_at)
constraint tube_step step_some CHECK ((n > 0))
constraint tube_step tube_step_pkey PRIMARY KEY (id)
constraint tube_waiting tube_waiting_pkey PRIMARY KEY (place_code, lab, stage, single, sealed_at)
constraint tube_waiting waiting_stage CHECK (((stage >= 0) AND (stage <= 2)))
constraint unit unit_level_check CHECK ((level = ANY (ARRAY['city'::text, 'district'::text, 'subdistrict'::text])))
constraint unit unit_pkey PRIMARY KEY (id)
constraint work_order order_open_has_deadline CHECK (((NOT (state <> ALL (ARRAY['closed'::text, 'archived'::text, 'rejected'::text, 'merged'::text]))) OR (due_at IS NOT NULL)))
constraint work_order work_order_card_check CHECK ((card = ANY (ARRAY['yellow'::text, 'red'::text])))
constraint work_order work_order_pkey PRIMARY KEY (id)
constraint work_order work_order_score_check CHECK (((score >= 1) AND (score <= 5)))
constraint work_order work_order_told_level_check CHECK ((told_level = ANY (ARRAY['subdistrict'::text, 'district'::text, 'city'::text])))
function audit_is_append_only()
function cityloop_covers(code text)
function cityloop_drop_sample_days(before date) security definer
function cityloop_follow(task text, payload json) security definer
function cityloop_sample_day(name text, from_day date, to_day date) security definer
function person_counted()
grant account insert, select, update to cityloop_service
grant account_grant insert, select, update to cityloop_service
grant account_identity delete, insert, select to cityloop_service
grant alarm delete, insert, select to cityloop_service
grant alarm select to cityloop_staff
grant antigen_count delete, insert, select, update to cityloop_service
grant antigen_photo delete, insert, select to cityloop_service
grant antigen_test delete, insert, select to cityloop_service
grant antigen_test select to cityloop_staff
grant appeal insert, select, update to cityloop_service
grant appeal select to cityloop_resident
grant appeal select to cityloop_staff
grant audit insert to cityloop_resident
grant audit insert to cityloop_staff
grant audit insert, select to cityloop_service
grant audit_chain insert, select to cityloop_service
grant backlog_alarm insert, select, update to cityloop_service
grant backlog_mark insert, select, update to cityloop_service
grant call delete, insert, select to cityloop_service
grant call select to cityloop_staff
grant card insert, select, update to cityloop_service
grant card_key insert, select, update to cityloop_service
grant city_clock insert, select, update to cityloop_service
grant coverage_mark insert, select, update to cityloop_service
grant custody_event insert, select to cityloop_service
grant decision insert, select to cityloop_service
grant decision select to cityloop_resident
grant decision select to cityloop_staff
grant done_pace delete, insert, select, update to cityloop_service
grant early_box delete, insert, select to cityloop_service
grant early_result delete, insert, select to cityloop_service
grant finding insert, select, update to cityloop_service
grant finding select to cityloop_staff
grant glass_break delete, insert, select to cityloop_service
grant glass_break select to cityloop_staff
grant half_session delete, insert, select, update to cityloop_service
grant history_address delete, insert, select, update to cityloop_service
grant history_address select to cityloop_staff
grant history_figure insert, select, update to cityloop_service
grant history_figure select to cityloop_staff
grant hospital insert, select, update to cityloop_service
grant hospital select to cityloop_resident
grant hospital select to cityloop_staff
grant import_run insert, select, update to cityloop_service
grant import_run select to cityloop_staff
grant lab_capacity insert, select to cityloop_service
grant machine_key delete, insert, select, update to cityloop_service
grant oidc_attempt delete, insert, select to cityloop_service
grant order_attachment delete, insert, select, update to cityloop_service
grant order_attachment select to cityloop_staff
grant order_bulk insert, select, update to cityloop_service
grant order_card delete, insert, select, update to cityloop_service
grant order_card select to cityloop_staff
grant order_clock insert, select, update to cityloop_service
grant order_clock select to cityloop_resident
grant order_clock select to cityloop_staff
grant order_event insert, select, update to cityloop_service
grant order_event select to cityloop_resident
grant order_event select to cityloop_staff
grant order_notice delete, insert, select, update to cityloop_service
grant order_notice select to cityloop_staff
grant order_notice_seen insert, select, update to cityloop_service
grant order_part delete, insert, select, update to cityloop_service
grant order_part select to cityloop_staff
grant order_turn delete, insert, select, update to cityloop_service
grant order_turn select to cityloop_staff
grant order_watch delete, insert, select, update to cityloop_service
grant order_watch select to cityloop_staff
grant people_count delete, insert, select, update to cityloop_service
grant people_mark select, update to cityloop_service
grant people_step delete, insert, select to cityloop_service
grant person insert, select, update to cityloop_service
grant person select to cityloop_resident
grant person select to cityloop_staff
grant person_duplicate delete, insert, select, update to cityloop_service
grant person_duplicate select to cityloop_staff
grant person_import delete, insert, select, update to cityloop_service
grant person_import_row delete, insert, select, update to cityloop_service
grant person_merge delete, insert, select, update to cityloop_service
grant person_merge select to cityloop_staff
grant person_reveal delete, insert, select, update to cityloop_service
grant place insert, select, update to cityloop_service
grant place select to cityloop_resident
grant place select to cityloop_staff
grant policy_enactment insert, select, update to cityloop_service
grant policy_version insert, select to cityloop_service
grant recall insert, select, update to cityloop_service
grant recall select to cityloop_staff
grant recall_count delete, insert, select, update to cityloop_service
grant recovery_code delete, insert, select, update to cityloop_service
grant request insert, select, update to cityloop_service
grant request select to cityloop_resident
grant request select to cityloop_staff
grant result insert, select, update to cityloop_service
grant result select to cityloop_staff
grant result_hold insert, select, update to cityloop_service
grant sample delete, insert, select, update to cityloop_service
grant sample_box insert, select, update to cityloop_service
grant sample_box select to cityloop_staff
grant sampling_session insert, select, update to cityloop_service
grant sampling_session select to cityloop_staff
grant sampling_site insert, select, update to cityloop_service
grant sampling_site select to cityloop_resident
grant sampling_site select to cityloop_staff
grant screening_resource insert, select to cityloop_service
grant screening_round insert, select, update to cityloop_service
grant screening_round select to cityloop_staff
grant second_factor delete, insert, select, update to cityloop_service
grant session delete, insert, select, update to cityloop_service
grant sign_in_code delete, insert, select, update to cityloop_service
grant site_change insert, select to cityloop_service
grant site_change select to cityloop_staff
grant site_minute delete, insert, select, update to cityloop_service
grant site_queue delete, insert, select, update to cityloop_service
grant site_run delete, insert, select, update to cityloop_service
grant site_run select to cityloop_staff
grant site_slot delete, insert, select, update to cityloop_service
grant site_slot select to cityloop_staff
grant site_suggestion delete, insert, select, update to cityloop_service
grant site_suggestion select to cityloop_staff
grant tested_count delete, insert, select, update to cityloop_service
grant tube insert, select, update to cityloop_service
grant tube select to cityloop_staff
grant tube_claim insert, select, update to cityloop_service
grant tube_passed delete, insert, select, update to cityloop_service
grant tube_step delete, insert, select, update to cityloop_service
grant tube_waiting delete, insert, select, update to cityloop_service
grant unit insert, select, update to cityloop_service
grant unit select to cityloop_resident
grant unit select to cityloop_staff
grant work_order insert, select, update to cityloop_service
grant work_order select to cityloop_resident
grant work_order select to cityloop_staff
index CREATE INDEX account_identity_account ON public.account_identity USING btree (account_id)
index CREATE INDEX account_place ON public.account USING btree (place_code)
index CREATE INDEX alarm_at ON public.alarm USING btree (at DESC)
index CREATE INDEX alarm_place ON public.alarm USING btree (place_code, at DESC)
index CREATE INDEX antigen_photo_at ON public.antigen_photo USING btree (at)
index CREATE INDEX antigen_photo_id ON public.antigen_photo USING btree (id)
index CREATE INDEX antigen_test_day ON public.antigen_test USING btree (day)
index CREATE INDEX antigen_test_id ON public.antigen_test USING btree (id)
index CREATE INDEX antigen_test_xact ON public.antigen_test USING btree (xact)
index CREATE INDEX appeal_decision ON public.appeal USING btree (decision_id, answered_at)
index CREATE INDEX appeal_person ON public.appeal USING btree (person_id, filed_at DESC)
index CREATE INDEX appeal_place ON public.appeal USING btree (place_code, filed_at DESC)
index CREATE INDEX audit_actor ON public.audit USING btree (actor_id, id)
index CREATE INDEX audit_person ON public.audit USING btree (((data ->> 'personId'::text)), id) WHERE (data ? 'personId'::text)
index CREATE INDEX audit_subject ON public.audit USING btree (subject, id)
index CREATE INDEX call_at ON public.call USING btree (at)
index CREATE INDEX card_person ON public.card USING btree (person_id)
index CREATE INDEX card_revoked ON public.card USING btree (kid) WHERE (revoked_at IS NOT NULL)
index CREATE INDEX card_tube ON public.card USING btree (tube)
index CREATE INDEX custody_event_box ON public.custody_event USING btree (box, at) WHERE (box IS NOT NULL)
index CREATE INDEX custody_event_tube ON public.custody_event USING btree (tube, at) WHERE (tube IS NOT NULL)
index CREATE INDEX decision_at ON public.decision USING btree (decided_at DESC, id DESC)
index CREATE INDEX decision_kind ON public.decision USING btree (kind, decided_at DESC)
index CREATE INDEX decision_person ON public.decision USING btree (person_id, decided_at DESC, id DESC)
index CREATE INDEX decision_subject ON public.decision USING btree (subject_id, decided_at)
index CREATE INDEX early_box_lab ON public.early_box USING btree (lab, at)
index CREATE INDEX early_result_lab ON public.early_result USING btree (lab, at)
index CREATE INDEX finding_found ON public.finding USING btree (found_at) WHERE (found_at IS NOT NULL)
index CREATE INDEX finding_person ON public.finding USING btree (person_id)
index CREATE INDEX finding_tube ON public.finding USING btree (tube)
index CREATE INDEX glass_break_account ON public.glass_break USING btree (account_id, until_at)
index CREATE INDEX glass_break_opened ON public.glass_break USING btree (opened_at DESC, id DESC)
index CREATE INDEX glass_break_place ON public.glass_break USING btree (place_code, opened_at DESC)
index CREATE INDEX half_session_account ON public.half_session USING btree (account_id)
index CREATE INDEX history_address_day ON public.history_address USING btree (day, district_code)
index CREATE INDEX history_figure_day ON public.history_figure USING btree (day, place_code)
index CREATE INDEX hospital_place ON public.hospital USING btree (place_code)
index CREATE INDEX lab_capacity_lab ON public.lab_capacity USING btree (lab, valid_from DESC, at DESC)
index CREATE INDEX machine_key_secret ON public.machine_key USING btree (secret_hash)
index CREATE INDEX oidc_attempt_expiry ON public.oidc_attempt USING btree (expires_at)
index CREATE INDEX order_attachment_id ON public.order_attachment USING btree (id)
index CREATE INDEX order_bulk_by ON public.order_bulk USING btree (by_id, at DESC)
index CREATE INDEX order_card_at ON public.order_card USING btree (at)
index CREATE INDEX order_card_unit ON public.order_card USING btree (unit_id, at)
index CREATE INDEX order_clock_running ON public.order_clock USING btree (due_at) WHERE ((stopped_at IS NULL) AND (fired_at IS NULL))
index CREATE INDEX order_clock_warning ON public.order_clock USING btree (warn_at) WHERE ((stopped_at IS NULL) AND (warned_at IS NULL) AND (warn_at IS NOT NULL))
index CREATE INDEX order_event_at ON public.order_event USING btree (at)
index CREATE INDEX order_notice_to ON public.order_notice USING btree (to_kind, to_id, at DESC)
index CREATE INDEX order_part_running ON public.order_part USING btree (due_at) WHERE ((state = ANY (ARRAY['sent'::text, 'handling'::text])) AND (late_at IS NULL))
index CREATE INDEX order_part_unit ON public.order_part USING btree (unit_id, due_at) WHERE (state = ANY (ARRAY['sent'::text, 'handling'::text]))
index CREATE INDEX order_turn_place ON public.order_turn USING btree (place_code, sent_at)
index CREATE INDEX order_turn_sent ON public.order_turn USING btree (sent_at)
index CREATE INDEX order_turn_unit ON public.order_turn USING btree (unit_id, sent_at)
index CREATE INDEX order_watch_account ON public.order_watch USING btree (account_id, since DESC)
index CREATE INDEX person_alike ON public.person USING btree (alike_hash) WHERE (alike_hash IS NOT NULL)
index CREATE INDEX person_created ON public.person USING btree (created_at) WHERE (erased_at IS NULL)
index CREATE INDEX person_duplicate_a ON public.person_duplicate USING btree (person_a)
index CREATE INDEX person_duplicate_b ON public.person_duplicate USING btree (person_b)
index CREATE INDEX person_duplicate_open ON public.person_duplicate USING btree (place_code, id) WHERE (state = 'open'::text)
index CREATE INDEX person_id_number ON public.person USING btree (id_number_hash) WHERE (id_number_hash IS NOT NULL)
index CREATE INDEX person_import_newest ON public.person_import USING btree (created_at DESC, id DESC)
index CREATE INDEX person_merge_duplicate ON public.person_merge USING btree (duplicate_id)
index CREATE INDEX person_merge_keeper ON public.person_merge USING btree (keeper_id)
index CREATE INDEX person_merge_newest ON public.person_merge USING btree (at DESC, id DESC)
index CREATE INDEX person_merge_place ON public.person_merge USING btree (place_code, at DESC)
index CREATE INDEX person_merged ON public.person USING btree (merged_into) WHERE (merged_into IS NOT NULL)
index CREATE INDEX person_met ON public.person USING btree (place_code) WHERE (met_at IS NOT NULL)
index CREATE INDEX person_moved_id ON public.person USING btree (id) INCLUDE (merged_into, erased_at) WHERE ((merged_into IS NOT NULL) OR (erased_at IS NOT NULL))
index CREATE INDEX person_phone ON public.person USING btree (phone_hash)
index CREATE INDEX person_place_id ON public.person USING btree (place_code, id) WHERE (erased_at IS NULL)
index CREATE INDEX person_residence ON public.person USING btree (residence_hash) WHERE (residence_hash IS NOT NULL)
index CREATE INDEX person_reveal_at ON public.person_reveal USING btree (at)
index CREATE INDEX person_reveal_person ON public.person_reveal USING btree (person_id)
index CREATE INDEX place_parent ON public.place USING btree (parent_code, code)
index CREATE INDEX policy_enactment_from ON public.policy_enactment USING btree (place_code, in_force_from)
index CREATE INDEX policy_version_id ON public.policy_version USING btree (pack_id, kept_at)
index CREATE INDEX recall_open ON public.recall USING btree (opened_at) WHERE (answered_at IS NULL)
index CREATE INDEX recall_person ON public.recall USING btree (person_id)
index CREATE INDEX recall_place ON public.recall USING btree (place_code) WHERE (answered_at IS NULL)
index CREATE INDEX recall_tube ON public.recall USING btree (tube)
index CREATE INDEX request_kept ON public.request USING btree (received_at) WHERE (content_hash <> 'erased'::text)
index CREATE INDEX request_person ON public.request USING btree (person_id, received_at DESC)
index CREATE INDEX request_place ON public.request USING btree (place_code, received_at DESC)
index CREATE INDEX request_received ON public.request USING btree (received_at DESC)
index CREATE INDEX result_hold_open ON public.result_hold USING btree (lab, at) WHERE (state = 'open'::text)
index CREATE INDEX result_hold_tube ON public.result_hold USING btree (tube)
index CREATE INDEX result_lab ON public.result USING btree (lab, received_at DESC)
index CREATE INDEX result_positive ON public.result USING btree (received_at) WHERE (outcome = 'positive'::text)
index CREATE INDEX result_received ON public.result USING btree (received_at DESC)
index CREATE INDEX sample_box_lab ON public.sample_box USING btree (lab, state) WHERE (lab IS NOT NULL)
index CREATE INDEX sample_box_lab_packed ON public.sample_box USING btree (lab, packed_at DESC) WHERE (lab IS NOT NULL)
index CREATE INDEX sample_box_place ON public.sample_box USING btree (place_code, packed_at DESC)
index CREATE INDEX sample_box_under_way ON public.sample_box USING btree (packed_at) WHERE (state <> 'received'::text)
index CREATE INDEX sample_rest_tube_idx ON public.sample_rest USING btree (tube)
index CREATE INDEX sample_tube ON ONLY public.sample USING btree (tube)
index CREATE INDEX sampling_session_place ON public.sampling_session USING btree (place_code, opened_at DESC)
index CREATE INDEX sampling_site_place ON public.sampling_site USING btree (place_code)
index CREATE INDEX screening_resource_place ON public.screening_resource USING btree (place_code, kind, at DESC)
index CREATE INDEX screening_round_days ON public.screening_round USING btree (starts_on, ends_on)
index CREATE INDEX session_subject ON public.session USING btree (subject_id)
index CREATE INDEX site_minute_at ON public.site_minute USING btree (minute)
index CREATE INDEX site_queue_at ON public.site_queue USING btree (at)
index CREATE INDEX site_queue_newest ON public.site_queue USING btree (site_id, at DESC)
index CREATE INDEX site_run_newest ON public.site_run USING btree (place_code, made_at DESC)
index CREATE INDEX site_slot_place ON public.site_slot USING btree (place_code, from_at)
index CREATE INDEX site_slot_plan ON public.site_slot USING btree (plan_id)
index CREATE INDEX site_slot_site ON public.site_slot USING btree (site_id, from_at)
index CREATE INDEX site_suggestion_newest ON public.site_suggestion USING btree (place_code, made_at DESC)
index CREATE INDEX site_suggestion_run ON public.site_suggestion USING btree (run_id)
index CREATE INDEX tube_box ON public.tube USING btree (box) WHERE (box IS NOT NULL)
index CREATE INDEX tube_claim_tube ON public.tube_claim USING btree (tube)
index CREATE INDEX tube_session ON public.tube USING btree (session_id)
index CREATE INDEX tube_xact ON public.tube USING btree (xact)
index CREATE INDEX unit_place ON public.unit USING btree (place_code, department)
index CREATE INDEX work_order_card ON public.work_order USING btree (due_at, id) WHERE (open AND (card IS NOT NULL))
index CREATE INDEX work_order_desk_city ON public.work_order USING btree (state, due_at, id) WHERE open
index CREATE INDEX work_order_due_city ON public.work_order USING btree (due_at, id) WHERE open
index CREATE INDEX work_order_due_district ON public.work_order USING btree (district, due_at, id) WHERE open
index CREATE INDEX work_order_due_subdistrict ON public.work_order USING btree (subdistrict, due_at, id) WHERE open
index CREATE INDEX work_order_due_unit ON public.work_order USING btree (unit_id, due_at, id) WHERE open
index CREATE INDEX work_order_element ON public.work_order USING btree (element, opened_at DESC, id DESC)
index CREATE INDEX work_order_element_subdistrict ON public.work_order USING btree (subdistrict, element, due_at, id) WHERE open
index CREATE INDEX work_order_merged ON public.work_order USING btree (merged_into) WHERE (merged_into IS NOT NULL)
index CREATE INDEX work_order_number ON public.work_order USING btree (number)
index CREATE INDEX work_order_opened_city ON public.work_order USING btree (opened_at DESC, id DESC)
index CREATE INDEX work_order_opened_district ON public.work_order USING btree (district, opened_at DESC, id DESC)
index CREATE INDEX work_order_opened_subdistrict ON public.work_order USING btree (subdistrict, opened_at DESC, id DESC)
index CREATE INDEX work_order_opened_unit ON public.work_order USING btree (unit_id, opened_at DESC, id DESC)
index CREATE INDEX work_order_overdue_city ON public.work_order USING btree (due_at, id) WHERE (open AND overdue)
index CREATE INDEX work_order_overdue_district ON public.work_order USING btree (district, due_at, id) WHERE (open AND overdue)
index CREATE INDEX work_order_place ON public.work_order USING btree (place_code, opened_at DESC)
index CREATE INDEX work_order_recall ON public.work_order USING btree (due_at, id) WHERE (open AND (kind = 'recall'::text))
index CREATE INDEX work_order_redone ON public.work_order USING btree (opened_at DESC, id DESC) WHERE (redos > 0)
index CREATE INDEX work_order_reporter ON public.work_order USING btree (reporter_id, opened_at DESC)
index CREATE INDEX work_order_returned ON public.work_order USING btree (due_at, id) WHERE (open AND (returns > 0))
index CREATE INDEX work_order_review ON public.work_order USING btree (due_at, id) WHERE (open AND (state = ANY (ARRAY['return_review'::text, 'extension_review'::text, 'answer_review'::text, 'arbitration'::text, 'incomplete'::text, 'accepted'::text])))
index CREATE INDEX work_order_state ON public.work_order USING btree (district, state, opened_at DESC, id DESC)
index CREATE INDEX work_order_state_subdistrict ON public.work_order USING btree (subdistrict, state, due_at, id) WHERE open
index CREATE INDEX work_order_supervised ON public.work_order USING btree (due_at, id) WHERE (open AND (supervised_by IS NOT NULL))
index CREATE INDEX work_order_urgent_city ON public.work_order USING btree (due_at, id) WHERE (open AND urgent)
index CREATE INDEX work_order_urgent_district ON public.work_order USING btree (district, due_at, id) WHERE (open AND urgent)
index CREATE INDEX work_order_waiting_city ON public.work_order USING btree (due_at, id) WHERE (open AND (state = ANY (ARRAY['received'::text, 'accepted'::text])))
index CREATE INDEX work_order_waiting_district ON public.work_order USING btree (district, due_at, id) WHERE (open AND (state = ANY (ARRAY['received'::text, 'accepted'::text])))
index CREATE INDEX work_order_waiting_subdistrict ON public.work_order USING btree (subdistrict, due_at, id) WHERE (open AND (state = ANY (ARRAY['received'::text, 'accepted'::text])))
index CREATE UNIQUE INDEX account_grant_one ON public.account_grant USING btree (account_id, role, place_code, unit_id) NULLS NOT DISTINCT
index CREATE UNIQUE INDEX account_grant_pkey ON public.account_grant USING btree (id)
index CREATE UNIQUE INDEX account_identity_one ON public.account_identity USING btree (issuer, subject)
index CREATE UNIQUE INDEX account_pkey ON public.account USING btree (id)
index CREATE UNIQUE INDEX account_username ON public.account USING btree (username)
index CREATE UNIQUE INDEX alarm_pkey ON public.alarm USING btree (id)
index CREATE UNIQUE INDEX antigen_count_pkey ON public.antigen_count USING btree (day, place_code, occupation, nth)
index CREATE UNIQUE INDEX antigen_photo_pkey ON public.antigen_photo USING btree (person_id, id)
index CREATE UNIQUE INDEX antigen_test_pkey ON public.antigen_test USING btree (person_id, id)
index CREATE UNIQUE INDEX appeal_pkey ON public.appeal USING btree (id)
index CREATE UNIQUE INDEX audit_chain_line ON public.audit_chain USING btree (audit_id, seq)
index CREATE UNIQUE INDEX audit_chain_pkey ON public.audit_chain USING btree (seq)
index CREATE UNIQUE INDEX audit_pkey ON public.audit USING btree (id)
index CREATE UNIQUE INDEX backlog_alarm_open ON public.backlog_alarm USING btree (about) WHERE (ended_at IS NULL)
index CREATE UNIQUE INDEX backlog_alarm_pkey ON public.backlog_alarm USING btree (id)
index CREATE UNIQUE INDEX backlog_mark_pkey ON public.backlog_mark USING btree (one)
index CREATE UNIQUE INDEX call_pkey ON public.call USING btree (id)
index CREATE UNIQUE INDEX card_key_pkey ON public.card_key USING btree (id)
index CREATE UNIQUE INDEX card_pkey ON public.card USING btree (id)
index CREATE UNIQUE INDEX city_clock_pkey ON public.city_clock USING btree (one)
index CREATE UNIQUE INDEX coverage_mark_pkey ON public.coverage_mark USING btree (one)
index CREATE UNIQUE INDEX custody_event_pkey ON public.custody_event USING btree (id)
index CREATE UNIQUE INDEX decision_pkey ON public.decision USING btree (id)
index CREATE UNIQUE INDEX done_pace_pkey ON public.done_pace USING btree (place_code, occupation, nth, slot)
index CREATE UNIQUE INDEX early_box_pkey ON public.early_box USING btree (code)
index CREATE UNIQUE INDEX early_result_pkey ON public.early_result USING btree (tube)
index CREATE UNIQUE INDEX finding_pkey ON public.finding USING btree (id)
index CREATE UNIQUE INDEX glass_break_pkey ON public.glass_break USING btree (id)
index CREATE UNIQUE INDEX half_session_pkey ON public.half_session USING btree (secret_hash)
index CREATE UNIQUE INDEX history_address_pkey ON public.history_address USING btree (id)
index CREATE UNIQUE INDEX history_figure_pkey ON public.history_figure USING btree (source, day, place_code, metric)
index CREATE UNIQUE INDEX hospital_pkey ON public.hospital USING btree (id)
index CREATE UNIQUE INDEX import_run_pkey ON public.import_run USING btree (id)
index CREATE UNIQUE INDEX lab_capacity_pkey ON public.lab_capacity USING btree (id)
index CREATE UNIQUE INDEX machine_key_pkey ON public.machine_key USING btree (id)
index CREATE UNIQUE INDEX migration_pkey ON public.migration USING btree (name)
index CREATE UNIQUE INDEX oidc_attempt_pkey ON public.oidc_attempt USING btree (state_hash)
index CREATE UNIQUE INDEX order_attachment_pkey ON public.order_attachment USING btree (order_id, id)
index CREATE UNIQUE INDEX order_bulk_pkey ON public.order_bulk USING btree (id)
index CREATE UNIQUE INDEX order_card_pkey ON public.order_card USING btree (order_id, kind, clock, run)
index CREATE UNIQUE INDEX order_clock_pkey ON public.order_clock USING btree (order_id, kind, run)
index CREATE UNIQUE INDEX order_event_id ON public.order_event USING btree (order_id, id)
index CREATE UNIQUE INDEX order_event_pkey ON public.order_event USING btree (order_id, seq)
index CREATE UNIQUE INDEX order_notice_pkey ON public.order_notice USING btree (order_id, id)
index CREATE UNIQUE INDEX order_notice_seen_pkey ON public.order_notice_seen USING btree (account_id)
index CREATE UNIQUE INDEX order_part_pkey ON public.order_part USING btree (order_id, id)
index CREATE UNIQUE INDEX order_turn_pkey ON public.order_turn USING btree (order_id, n)
index CREATE UNIQUE INDEX order_watch_pkey ON public.order_watch USING btree (order_id, account_id)
index CREATE UNIQUE INDEX people_count_pkey ON public.people_count USING btree (place_code, occupation)
index CREATE UNIQUE INDEX people_mark_pkey ON public.people_mark USING btree (one)
index CREATE UNIQUE INDEX people_step_pkey ON public.people_step USING btree (id)
index CREATE UNIQUE INDEX person_duplicate_pkey ON public.person_duplicate USING btree (id)
index CREATE UNIQUE INDEX person_import_pkey ON public.person_import USING btree (id)
index CREATE UNIQUE INDEX person_import_row_pkey ON public.person_import_row USING btree (run_id, line)
index CREATE UNIQUE INDEX person_merge_pkey ON public.person_merge USING btree (id)
index CREATE UNIQUE INDEX person_pkey ON public.person USING btree (id)
index CREATE UNIQUE INDEX person_reveal_pkey ON public.person_reveal USING btree (id)
index CREATE UNIQUE INDEX place_pkey ON public.place USING btree (code)
index CREATE UNIQUE INDEX policy_enactment_pkey ON public.policy_enactment USING btree (id)
index CREATE UNIQUE INDEX policy_version_pkey ON public.policy_version USING btree (hash)
index CREATE UNIQUE INDEX recall_count_pkey ON public.recall_count USING btree (place_code, occupation)
index CREATE UNIQUE INDEX recall_pkey ON public.recall USING btree (id)
index CREATE UNIQUE INDEX recovery_code_pkey ON public.recovery_code USING btree (account_id, code_hash)
index CREATE UNIQUE INDEX request_pkey ON public.request USING btree (id)
index CREATE UNIQUE INDEX result_hold_pkey ON public.result_hold USING btree (id)
index CREATE UNIQUE INDEX result_pkey ON public.result USING btree (tube)
index CREATE UNIQUE INDEX sample_box_pkey ON public.sample_box USING btree (code)
index CREATE UNIQUE INDEX sample_pkey ON ONLY public.sample USING btree (person_id, tube, day)
index CREATE UNIQUE INDEX sample_rest_pkey ON public.sample_rest USING btree (person_id, tube, day)
index CREATE UNIQUE INDEX sampling_session_pkey ON public.sampling_session USING btree (id)
index CREATE UNIQUE INDEX sampling_site_pkey ON public.sampling_site USING btree (id)
index CREATE UNIQUE INDEX screening_resource_pkey ON public.screening_resource USING btree (id)
index CREATE UNIQUE INDEX screening_round_pkey ON public.screening_round USING btree (id)
index CREATE UNIQUE INDEX second_factor_pkey ON public.second_factor USING btree (id)
index CREATE UNIQUE INDEX session_pkey ON public.session USING btree (secret_hash)
index CREATE UNIQUE INDEX sign_in_code_pkey ON public.sign_in_code USING btree (phone_hash)
index CREATE UNIQUE INDEX site_change_pkey ON public.site_change USING btree (id)
index CREATE UNIQUE INDEX site_change_version ON public.site_change USING btree (site_id, version)
index CREATE UNIQUE INDEX site_minute_pkey ON public.site_minute USING btree (site_id, minute)
index CREATE UNIQUE INDEX site_queue_pkey ON public.site_queue USING btree (id)
index CREATE UNIQUE INDEX site_run_pkey ON public.site_run USING btree (id)
index CREATE UNIQUE INDEX site_slot_pkey ON public.site_slot USING btree (id)
index CREATE UNIQUE INDEX site_suggestion_pkey ON public.site_suggestion USING btree (id)
index CREATE UNIQUE INDEX tested_count_pkey ON public.tested_count USING btree (day, place_code, occupation)
index CREATE UNIQUE INDEX tube_claim_pkey ON public.tube_claim USING btree (id)
index CREATE UNIQUE INDEX tube_passed_pkey ON public.tube_passed USING btree (at, place_code, lab, before, after, single, sealed_at)
index CREATE UNIQUE INDEX tube_pkey ON public.tube USING btree (code)
index CREATE UNIQUE INDEX tube_step_pkey ON public.tube_step USING btree (id)
index CREATE UNIQUE INDEX tube_waiting_pkey ON public.tube_waiting USING btree (place_code, lab, stage, single, sealed_at)
index CREATE UNIQUE INDEX unit_pkey ON public.unit USING btree (id)
index CREATE UNIQUE INDEX work_order_pkey ON public.work_order USING btree (id)
policy account service ALL to cityloop_service using true check true
policy account staff SELECT to cityloop_staff using ((place_code >= current_setting('cityloop.lo'::text)) AND (place_code < current_setting('cityloop.hi'::text)) AND cityloop_covers(place_code))
policy alarm service ALL to cityloop_service using true check true
policy alarm staff SELECT to cityloop_staff using ((place_code >= current_setting('cityloop.lo'::text)) AND (place_code < current_setting('cityloop.hi'::text)) AND cityloop_covers(place_code))
policy antigen_photo service ALL to cityloop_service using true check true
policy antigen_test service ALL to cityloop_service using true check true
policy antigen_test staff SELECT to cityloop_staff using ((place_code >= current_setting('cityloop.lo'::text)) AND (place_code < current_setting('cityloop.hi'::text)) AND cityloop_covers(place_code))
policy appeal resident SELECT to cityloop_resident using (person_id = (current_setting('cityloop.person'::text))::uuid)
policy appeal service ALL to cityloop_service using true check true
policy appeal staff SELECT to cityloop_staff using ((place_code >= current_setting('cityloop.lo'::text)) AND (place_code < current_setting('cityloop.hi'::text)) AND cityloop_covers(place_code))
policy call service ALL to cityloop_service using true check true
policy call staff SELECT to cityloop_staff using ((place_code >= current_setting('cityloop.lo'::text)) AND (place_code < current_setting('cityloop.hi'::text)) AND cityloop_covers(place_code))
policy decision resident SELECT to cityloop_resident using (person_id = (current_setting('cityloop.person'::text))::uuid)
policy decision service ALL to cityloop_service using true check true
policy decision staff SELECT to cityloop_staff using ((place_code >= current_setting('cityloop.lo'::text)) AND (place_code < current_setting('cityloop.hi'::text)) AND cityloop_covers(place_code))
policy finding service ALL to cityloop_service using true check true
policy finding staff SELECT to cityloop_staff using ((place_code >= current_setting('cityloop.lo'::text)) AND (place_code < current_setting('cityloop.hi'::text)) AND cityloop_covers(place_code))
policy glass_break service ALL to cityloop_service using true check true
policy glass_break staff SELECT to cityloop_staff using ((place_code >= current_setting('cityloop.lo'::text)) AND (place_code < current_setting('cityloop.hi'::text)) AND cityloop_covers(place_code))
policy order_attachment service ALL to cityloop_service using true check true
policy order_attachment staff SELECT to cityloop_staff using (EXISTS ( SELECT FROM work_order o WHERE (o.id = order_attachment.order_id)))
policy order_bulk service ALL to cityloop_service using true check true
policy order_card service ALL to cityloop_service using true check true
policy order_card staff SELECT to cityloop_staff using (EXISTS ( SELECT FROM work_order o WHERE (o.id = order_card.order_id)))
policy order_event resident ALL to cityloop_resident using ((reporter_id = (current_setting('cityloop.person'::text))::uuid) AND public)
policy order_event service ALL to cityloop_service using true check true
policy order_event staff ALL to cityloop_staff using ((place_code >= current_setting('cityloop.lo'::text)) AND (place_code < current_setting('cityloop.hi'::text)) AND cityloop_covers(place_code))
policy order_notice service ALL to cityloop_service using true check true
policy order_notice staff SELECT to cityloop_staff using (EXISTS ( SELECT FROM work_order o WHERE (o.id = order_notice.order_id)))
policy order_notice_seen service ALL to cityloop_service using true check true
policy order_part service ALL to cityloop_service using true check true
policy order_part staff SELECT to cityloop_staff using (EXISTS ( SELECT FROM work_order o WHERE (o.id = order_part.order_id)))
policy order_turn service ALL to cityloop_service using true check true
policy order_turn staff SELECT to cityloop_staff using (EXISTS ( SELECT FROM work_order o WHERE (o.id = order_turn.order_id)))
policy order_watch service ALL to cityloop_service using true check true
policy order_watch staff SELECT to cityloop_staff using (EXISTS ( SELECT FROM work_order o WHERE (o.id = order_watch.order_id)))
policy person resident SELECT to cityloop_resident using (id = (current_setting('cityloop.person'::text))::uuid)
policy person service ALL to cityloop_service using true check true
policy person staff SELECT to cityloop_staff using ((place_code >= current_setting('cityloop.lo'::text)) AND (place_code < current_setting('cityloop.hi'::text)) AND cityloop_covers(place_code))
policy person_duplicate service ALL to cityloop_service using true check true
policy person_duplicate staff SELECT to cityloop_staff using ((place_code >= current_setting('cityloop.lo'::text)) AND (place_code < current_setting('cityloop.hi'::text)) AND cityloop_covers(place_code))
policy person_merge service ALL to cityloop_service using true check true
policy person_merge staff SELECT to cityloop_staff using ((place_code >= current_setting('cityloop.lo'::text)) AND (place_code < current_setting('cityloop.hi'::text)) AND cityloop_covers(place_code))
policy recall service ALL to cityloop_service using true check true
policy recall staff SELECT to cityloop_staff using ((place_code >= current_setting('cityloop.lo'::text)) AND (place_code < current_setting('cityloop.hi'::text)) AND cityloop_covers(place_code))
policy request resident SELECT to cityloop_resident using (person_id = (current_setting('cityloop.person'::text))::uuid)
policy request service ALL to cityloop_service using true check true
policy request staff SELECT to cityloop_staff using ((place_code >= current_setting('cityloop.lo'::text)) AND (place_code < current_setting('cityloop.hi'::text)) AND cityloop_covers(place_code))
policy result service ALL to cityloop_service using true check true
policy result staff SELECT to cityloop_staff using ((place_code >= current_setting('cityloop.lo'::text)) AND (place_code < current_setting('cityloop.hi'::text)) AND cityloop_covers(place_code))
policy sample_box service ALL to cityloop_service using true check true
policy sample_box staff SELECT to cityloop_staff using ((place_code >= current_setting('cityloop.lo'::text)) AND (place_code < current_setting('cityloop.hi'::text)) AND cityloop_covers(place_code))
policy sampling_session service ALL to cityloop_service using true check true
policy sampling_session staff SELECT to cityloop_staff using ((place_code >= current_setting('cityloop.lo'::text)) AND (place_code < current_setting('cityloop.hi'::text)) AND cityloop_covers(place_code))
policy screening_round service ALL to cityloop_service using true check true
policy screening_round staff SELECT to cityloop_staff using true
policy site_change service ALL to cityloop_service using true check true
policy site_change staff SELECT to cityloop_staff using ((place_code >= current_setting('cityloop.lo'::text)) AND (place_code < current_setting('cityloop.hi'::text)) AND cityloop_covers(place_code))
policy site_run service ALL to cityloop_service using true check true
policy site_run staff SELECT to cityloop_staff using ((place_code >= current_setting('cityloop.lo'::text)) AND (place_code < current_setting('cityloop.hi'::text)) AND cityloop_covers(place_code))
policy site_slot service ALL to cityloop_service using true check true
policy site_slot staff SELECT to cityloop_staff using ((place_code >= current_setting('cityloop.lo'::text)) AND (place_code < current_setting('cityloop.hi'::text)) AND cityloop_covers(place_code))
policy site_suggestion service ALL to cityloop_service using true check true
policy site_suggestion staff SELECT to cityloop_staff using ((place_code >= current_setting('cityloop.lo'::text)) AND (place_code < current_setting('cityloop.hi'::text)) AND cityloop_covers(place_code))
policy tube service ALL to cityloop_service using true check true
policy tube staff SELECT to cityloop_staff using ((place_code >= current_setting('cityloop.lo'::text)) AND (place_code < current_setting('cityloop.hi'::text)) AND cityloop_covers(place_code))
policy work_order resident ALL to cityloop_resident using (reporter_id = (current_setting('cityloop.person'::text))::uuid)
policy work_order service ALL to cityloop_service using true check true
policy work_order staff ALL to cityloop_staff using (COALESCE(((place_code >= current_setting('cityloop.lo'::text)) AND (place_code < current_setting('cityloop.hi'::text))), false) AND cityloop_covers(place_code))
row security account
row security alarm
row security antigen_photo
row security antigen_test
row security appeal
row security call
row security decision
row security finding
row security glass_break
row security order_attachment
row security order_bulk
row security order_card
row security order_event
row security order_notice
row security order_notice_seen
row security order_part
row security order_turn
row security order_watch
row security person
row security person_duplicate
row security person_merge
row security recall
row security request
row security result
row security sample_box
row security sampling_session
row security screening_round
row security site_change
row security site_run
row security site_slot
row security site_suggestion
row security tube
row security work_order
sequence audit_id_seq
sequence order_number
sequence people_step_id_seq
sequence tube_step_id_seq
table account created_at timestamp with time zone not null default now()
table account disabled_at timestamp with time zone
table account failed integer not null default 0
table account id uuid not null
table account locked_until timestamp with time zone
table account name text not null
table account oidc_allowed boolean not null default false
table account password_hash text not null
table account password_once boolean not null default false
table account place_code text collate "C" not null
table account simulated boolean not null default false
table account username text not null
table account_grant account_id uuid not null
table account_grant id uuid not null default gen_random_uuid()
table account_grant place_code text collate "C" not null
table account_grant role text not null
table account_grant unit_id text
table account_grant valid_from timestamp with time zone not null
table account_grant valid_to timestamp with time zone
table account_identity account_id uuid not null
table account_identity issuer text not null
table account_identity linked_at timestamp with time zone not null default now()
table account_identity subject text not null
table alarm at timestamp with time zone not null
table alarm id uuid not null
table alarm kind text not null
table alarm order_id uuid
table alarm place_code text collate "C" not null
table alarm title text not null
table antigen_count day date not null
table antigen_count n integer not null
table antigen_count nth smallint not null
table antigen_count occupation text not null
table antigen_count place_code text collate "C" not null
table antigen_photo at timestamp with time zone not null
table antigen_photo body bytea not null
table antigen_photo id uuid not null
table antigen_photo key_sealed text not null
table antigen_photo person_id uuid not null
table antigen_photo type text not null
table antigen_test at timestamp with time zone not null
table antigen_test day date not null
table antigen_test id uuid not null
table antigen_test nth smallint
table antigen_test outcome text not null
table antigen_test person_id uuid not null
table antigen_test photo_hash text not null
table antigen_test place_code text collate "C" not null
table antigen_test received_at timestamp with time zone not null
table antigen_test staff_id text
table antigen_test xact xid8 not null default pg_current_xact_id()
table appeal answer text
table appeal answer_reasons text
table appeal answered_at timestamp with time zone
table appeal answered_by text
table appeal answered_name text
table appeal decision_id uuid not null
table appeal filed_at timestamp with time zone not null
table appeal id uuid not null
table appeal new_decision_id uuid
table appeal person_id uuid not null
table appeal place_code text collate "C" not null
table appeal text_sealed text not null
table audit action text not null
table audit actor_id text not null
table audit actor_kind text not null
table audit at timestamp with time zone not null default clock_timestamp()
table audit data jsonb not null default '{}'::jsonb
table audit id bigint not null identity
table audit place_code text collate "C"
table audit subject text not null
table audit_chain audit_id bigint not null
table audit_chain hash text not null
table audit_chain seq bigint not null
table backlog_alarm about text collate "C" not null
table backlog_alarm calm_since timestamp with time zone
table backlog_alarm due_at timestamp with time zone not null
table backlog_alarm ended_at timestamp with time zone
table backlog_alarm help_lab text collate "C"
table backlog_alarm help_spare integer
table backlog_alarm id uuid not null
table backlog_alarm lab text collate "C"
table backlog_alarm place_code text collate "C" not null
table backlog_alarm raised_at timestamp with time zone not null
table backlog_alarm since timestamp with time zone not null
table backlog_alarm tubes integer not null
table backlog_mark counted_at timestamp with time zone not null
table backlog_mark one boolean not null default true
table backlog_mark xact xid8 not null
table call agent_id text not null
table call answered boolean not null
table call at timestamp with time zone not null
table call id uuid not null
table call line text not null
table call place_code text collate "C" not null
table card id uuid not null
table card issued_at timestamp with time zone not null
table card kid text not null
table card person_id uuid not null
table card revoked_at timestamp with time zone
table card rid text not null
table card tube text collate "C" not null
table card_key created_at timestamp with time zone not null
table card_key crl_version integer not null default 0
table card_key id uuid not null
table card_key kid text not null
table card_key private_sealed text not null
table card_key public_jwk jsonb not null
table city_clock city_at timestamp with time zone not null
table city_clock one boolean not null default true
table city_clock speed double precision not null
table city_clock wall_at timestamp with time zone not null
table coverage_mark antigen_xact xid8 not null default '0'::xid8
table coverage_mark counted_at timestamp with time zone not null
table coverage_mark one boolean not null default true
table coverage_mark xact xid8 not null
table custody_event actor_id text not null
table custody_event actor_name text not null
table custody_event at timestamp with time zone not null
table custody_event box text collate "C"
table custody_event id uuid not null
table custody_event kind text not null
table custody_event lab text
table custody_event note text
table custody_event tube text collate "C"
table decision clause text not null
table decision decided_at timestamp with time zone not null
table decision evidence jsonb not null
table decision evidence_sealed text
table decision id uuid not null
table decision instead_of uuid
table decision issuer text not null
table decision kind text not null
table decision legal_basis text
table decision outcome jsonb not null
table decision overlay_hashes text[] not null default '{}'::text[]
table decision pack_hash text not null
table decision pack_id text not null
table decision pack_version text not null
table decision person_id uuid
table decision place_code text collate "C" not null
table decision reasons jsonb not null
table decision restricts boolean not null default false
table decision subject_id uuid not null
table decision valid_until timestamp with time zone
table done_pace n integer not null
table done_pace nth smallint not null
table done_pace occupation text not null
table done_pace place_code text collate "C" not null
table done_pace slot timestamp with time zone not null
table early_box actor_id text not null
table early_box actor_name text not null
table early_box at timestamp with time zone not null
table early_box code text collate "C" not null
table early_box id uuid not null
table early_box lab text not null
table early_box note text
table early_box places text[] collate "C" not null
table early_result actor_id text not null
table early_result actor_kind text not null
table early_result at timestamp with time zone not null
table early_result id uuid not null
table early_result lab text not null
table early_result outcome text not null
table early_result places text[] collate "C" not null
table early_result source text not null
table early_result tested_at timestamp with time zone not null
table early_result tube text collate "C" not null
table finding found_at timestamp with time zone
table finding found_by text
table finding id uuid not null
table finding note_sealed text
table finding opened_at timestamp with time zone not null
table finding outcome text
table finding person_id uuid not null
table finding place_code text collate "C" not null
table finding told_at timestamp with time zone
table finding told_by text
table finding tube text collate "C" not null
table glass_break account_id uuid not null
table glass_break id uuid not null
table glass_break opened_at timestamp with time zone not null
table glass_break place_code text collate "C" not null
table glass_break reason_sealed text not null
table glass_break role text not null
table glass_break unit_id text
table glass_break until_at timestamp with time zone not null
table half_session account_id uuid not null
table half_session expires_at timestamp with time zone not null
table half_session secret_hash text not null
table half_session tries integer not null default 0
table history_address address text not null
table history_address day date not null
table history_address district_code text collate "C" not null
table history_address id uuid not null
table history_address place_code text collate "C" not null
table history_address source text not null
table history_figure count integer not null
table history_figure day date not null
table history_figure metric text not null
table history_figure place_code text collate "C" not null
table history_figure source text not null
table hospital address text not null
table hospital detail jsonb not null
table hospital emergency text not null
table hospital id uuid not null
table hospital imported_at timestamp with time zone not null
table hospital lat double precision not null
table hospital lng double precision not null
table hospital name text not null
table hospital place_code text collate "C" not null
table hospital source text not null
table import_run actor_id text not null
table import_run at timestamp with time zone not null
table import_run content_hash text not null
table import_run counts jsonb not null
table import_run file text not null
table import_run id uuid not null
table import_run inconsistencies jsonb not null
table import_run kind text not null
table lab_capacity actor_id text not null
table lab_capacity actor_name text not null
table lab_capacity at timestamp with time zone not null
table lab_capacity closes smallint not null
table lab_capacity id uuid not null
table lab_capacity lab text collate "C" not null
table lab_capacity name text not null
table lab_capacity opens smallint not null
table lab_capacity place_code text collate "C" not null
table lab_capacity pools smallint[] not null
table lab_capacity tubes_per_hour integer not null
table lab_capacity valid_from timestamp with time zone not null
table machine_key expires_at timestamp with time zone not null
table machine_key id uuid not null
table machine_key place_code text collate "C" not null
table machine_key revoked_at timestamp with time zone
table machine_key role text not null
table machine_key secret_hash text not null
table machine_key unit_id text
table migration at timestamp with time zone not null default now()
table migration hash text not null
table migration name text not null
table oidc_attempt expires_at timestamp with time zone not null
table oidc_attempt nonce text not null
table oidc_attempt state_hash text not null
table oidc_attempt verifier text not null
table order_attachment at timestamp with time zone not null
table order_attachment body bytea not null
table order_attachment by_id text not null
table order_attachment by_kind text not null
table order_attachment by_name text not null
table order_attachment bytes integer not null
table order_attachment hash text not null
table order_attachment id uuid not null
table order_attachment key_sealed text not null
table order_attachment name_sealed text not null
table order_attachment order_id uuid not null
table order_attachment removed_at timestamp with time zone
table order_attachment type text not null
table order_bulk action text not null
table order_bulk at timestamp with time zone not null
table order_bulk by_id text not null
table order_bulk id uuid not null
table order_bulk order_ids uuid[] not null
table order_bulk undone_at timestamp with time zone
table order_card at timestamp with time zone not null
table order_card clause text not null
table order_card clock text not null
table order_card due_at timestamp with time zone not null
table order_card kind text not null
table order_card order_id uuid not null
table order_card pack_id text not null
table order_card place_code text collate "C" not null
table order_card reason_en text not null
table order_card reason_zh text not null
table order_card run integer not null
table order_card unit_id text
table order_clock clause text
table order_clock due_at timestamp with time zone not null
table order_clock fired_at timestamp with time zone
table order_clock kind text not null
table order_clock order_id uuid not null
table order_clock pack_id text
table order_clock run integer not null
table order_clock started_at timestamp with time zone not null
table order_clock stopped_at timestamp with time zone
table order_clock warn_at timestamp with time zone
table order_clock warned_at timestamp with time zone
table order_clock working boolean not null default false
table order_event action text not null
table order_event actor_id text not null
table order_event actor_kind text not null
table order_event actor_name text not null
table order_event at timestamp with time zone not null
table order_event data jsonb not null default '{}'::jsonb
table order_event from_state text
table order_event id uuid not null
table order_event note text
table order_event order_id uuid not null
table order_event place_code text collate "C" not null
table order_event public boolean not null default true
table order_event reporter_id uuid
table order_event seq integer not null
table order_event to_state text not null
table order_event unit_id text
table order_notice at timestamp with time zone not null
table order_notice by_name text not null
table order_notice id uuid not null
table order_notice kind text not null
table order_notice order_id uuid not null
table order_notice to_id text not null
table order_notice to_kind text not null
table order_notice_seen account_id text not null
table order_notice_seen at timestamp with time zone not null
table order_part answer text
table order_part due_at timestamp with time zone
table order_part ended_at timestamp with time zone
table order_part id uuid not null
table order_part late_at timestamp with time zone
table order_part minutes integer
table order_part n integer not null
table order_part order_id uuid not null
table order_part signed_at timestamp with time zone
table order_part started_at timestamp with time zone
table order_part state text not null
table order_part step integer not null
table order_part task_en text not null
table order_part task_zh text not null
table order_part unit_id text not null
table order_part waived_reason text
table order_part working_days integer
table order_turn ended_at timestamp with time zone
table order_turn handle_due timestamp with time zone
table order_turn n integer not null
table order_turn order_id uuid not null
table order_turn place_code text collate "C" not null
table order_turn redone_at timestamp with time zone
table order_turn resolved_at timestamp with time zone
table order_turn returned_at timestamp with time zone
table order_turn sent_at timestamp with time zone not null
table order_turn sign_due timestamp with time zone
table order_turn signed_at timestamp with time zone
table order_turn unit_id text not null
table order_watch account_id text not null
table order_watch order_id uuid not null
table order_watch since timestamp with time zone not null
table people_count n integer not null
table people_count occupation text not null default ''::text
table people_count place_code text collate "C" not null
table people_mark occupations text[]
table people_mark one boolean not null default true
table people_step id bigint not null identity
table people_step n integer not null
table people_step occupation text not null
table people_step place_code text collate "C" not null
table person alike_hash text
table person birth_month smallint
table person birth_year smallint
table person created_at timestamp with time zone not null
table person erased_at timestamp with time zone
table person id uuid not null
table person id_kind text
table person id_number_hash text
table person id_number_sealed text
table person merged_into uuid
table person met_at timestamp with time zone
table person name_sealed text not null
table person needs text[]
table person occupation text
table person phone_hash text
table person phone_sealed text
table person place_code text collate "C" not null
table person residence_hash text
table person residence_sealed text
table person sex text
table person simulated boolean not null default false
table person_duplicate decided_at timestamp with time zone
table person_duplicate decided_by text
table person_duplicate found_at timestamp with time zone not null
table person_duplicate id uuid not null
table person_duplicate person_a uuid not null
table person_duplicate person_b uuid not null
table person_duplicate place_code text collate "C" not null
table person_duplicate state text not null default 'open'::text
table person_duplicate why text not null
table person_import actor_id text not null
table person_import beat_at timestamp with time zone not null default now()
table person_import bytes bigint not null
table person_import content_hash text not null
table person_import counts jsonb not null default '{}'::jsonb
table person_import created_at timestamp with time zone not null default now()
table person_import file text not null
table person_import id uuid not null
table person_import place_code text collate "C" not null
table person_import problem text
table person_import state text not null
table person_import_row alike_hash text
table person_import_row alike_id uuid
table person_import_row alike_why text
table person_import_row at timestamp with time zone not null default now()
table person_import_row birth_month smallint
table person_import_row birth_year smallint
table person_import_row id uuid
table person_import_row id_kind text
table person_import_row id_number_hash text
table person_import_row id_number_sealed text
table person_import_row known_id uuid
table person_import_row line integer not null
table person_import_row name_sealed text
table person_import_row needs text[]
table person_import_row notes text[] not null
table person_import_row occupation text
table person_import_row phone_hash text
table person_import_row phone_sealed text
table person_import_row place_code text collate "C"
table person_import_row residence_hash text
table person_import_row residence_sealed text
table person_import_row run_id uuid not null
table person_import_row sex text
table person_import_row simulated boolean not null default false
table person_import_row status text not null
table person_merge actor_id text not null
table person_merge at timestamp with time zone not null
table person_merge duplicate_id uuid not null
table person_merge filled jsonb not null
table person_merge id uuid not null
table person_merge keeper_id uuid not null
table person_merge moved jsonb not null
table person_merge place_code text collate "C" not null
table person_merge reason_sealed text not null
table person_merge undone_at timestamp with time zone
table person_merge undone_by text
table person_reveal actor_id text not null
table person_reveal at timestamp with time zone not null
table person_reveal id uuid not null
table person_reveal note_sealed text
table person_reveal person_id uuid not null
table person_reveal place_code text collate "C" not null
table person_reveal purpose text not null
table place area_km2 double precision
table place code text collate "C" not null
table place kind text not null
table place lat double precision
table place lng double precision
table place name text not null
table place parent_code text collate "C"
table place population integer
table place radius_m integer
table place simulated boolean not null default false
table policy_enactment hash text not null
table policy_enactment id uuid not null
table policy_enactment in_force_from timestamp with time zone not null
table policy_enactment over_id text
table policy_enactment pack_id text not null
table policy_enactment place_code text collate "C" not null
table policy_enactment proposed_at timestamp with time zone not null
table policy_enactment proposed_by text not null
table policy_enactment proposed_name text not null
table policy_enactment reason text not null
table policy_enactment retracted_at timestamp with time zone
table policy_enactment retracted_by text
table policy_enactment retracted_name text
table policy_enactment retraction_at timestamp with time zone
table policy_enactment retraction_by text
table policy_enactment retraction_name text
table policy_enactment retraction_reason text
table policy_enactment signed_at timestamp with time zone
table policy_enactment signed_by text
table policy_enactment signed_name text
table policy_enactment until timestamp with time zone
table policy_enactment withdrawn_at timestamp with time zone
table policy_version body jsonb not null
table policy_version hash text not null
table policy_version kept_at timestamp with time zone not null
table policy_version over_id text
table policy_version pack_id text not null
table policy_version place_code text collate "C" not null
table policy_version title jsonb not null
table policy_version version text not null
table recall answered_at timestamp with time zone
table recall answered_by text collate "C"
table recall antigen uuid
table recall household uuid[] not null
table recall id uuid not null
table recall opened_at timestamp with time zone not null
table recall person_id uuid not null
table recall place_code text collate "C" not null
table recall tube text collate "C"
table recall why text not null
table recall_count n integer not null
table recall_count occupation text not null
table recall_count place_code text collate "C" not null
table recall_count tested integer not null
table recovery_code account_id uuid not null
table recovery_code code_hash text not null
table recovery_code used_at timestamp with time zone
table request address_sealed text
table request call_id uuid
table request channel text not null
table request content_hash text not null
table request id uuid not null
table request person_id uuid
table request place_code text collate "C" not null
table request received_at timestamp with time zone not null
table request simulated boolean not null default false
table request text_sealed text not null
table request understanding jsonb not null
table result actor_id text not null
table result corrected_at timestamp with time zone
table result id uuid not null
table result lab text not null
table result outcome text not null
table result place_code text collate "C" not null
table result received_at timestamp with time zone not null
table result source text not null
table result tested_at timestamp with time zone not null
table result tube text collate "C" not null
table result_hold actor_id text not null
table result_hold at timestamp with time zone not null
table result_hold decided_at timestamp with time zone
table result_hold decided_by text
table result_hold id uuid not null
table result_hold lab text not null
table result_hold place_code text collate "C" not null
table result_hold proposal text
table result_hold proposal_reason text
table result_hold proposed_at timestamp with time zone
table result_hold proposed_by text
table result_hold said text not null
table result_hold source text not null
table result_hold stands text not null
table result_hold state text not null default 'open'::text
table result_hold tested_at timestamp with time zone not null
table result_hold tube text collate "C" not null
table sample day date not null
table sample n smallint not null
table sample person_id uuid not null
table sample tube text collate "C" not null
table sample_box actor_id text not null
table sample_box bound_for text collate "C"
table sample_box client_id uuid not null
table sample_box code text collate "C" not null
table sample_box content_hash text not null
table sample_box lab text
table sample_box packed_at timestamp with time zone not null
table sample_box place_code text collate "C" not null
table sample_box session_id uuid not null
table sample_box state text not null default 'packed'::text
table sample_rest day date not null
table sample_rest n smallint not null
table sample_rest person_id uuid not null
table sample_rest tube text collate "C" not null
table sampling_session actor_id text not null
table sampling_session address text not null
table sampling_session closed_at timestamp with time zone
table sampling_session id uuid not null
table sampling_session opened_at timestamp with time zone not null
table sampling_session place_code text collate "C" not null
table sampling_session site_id uuid
table sampling_site address text not null
table sampling_site desks smallint not null default 1
table sampling_site edited_at timestamp with time zone
table sampling_site ended_at timestamp with time zone
table sampling_site hours_text text not null
table sampling_site id uuid not null
table sampling_site imported_at timestamp with time zone not null
table sampling_site kind text not null default 'fixed'::text
table sampling_site lat double precision not null
table sampling_site lng double precision not null
table sampling_site name text not null
table sampling_site place_code text collate "C" not null
table sampling_site pooling text not null default 'pooled'::text
table sampling_site rules jsonb
table sampling_site setting text
table sampling_site source text not null
table sampling_site version integer not null default 1
table screening_resource actor_id text not null
table screening_resource actor_name text not null
table screening_resource at timestamp with time zone not null
table screening_resource id uuid not null
table screening_resource kind text not null
table screening_resource n integer not null
table screening_resource place_code text collate "C" not null
table screening_round actor_id text not null
table screening_round ended_at timestamp with time zone
table screening_round ends_on date not null
table screening_round id uuid not null
table screening_round opened_as text
table screening_round opened_at timestamp with time zone not null
table screening_round opened_at_place text collate "C"
table screening_round place_code text collate "C" not null
table screening_round plan_id text not null
table screening_round starts_on date not null
table screening_round target_hour smallint
table screening_round target_percent smallint
table screening_round title text not null
table second_factor confirmed_at timestamp with time zone
table second_factor id uuid not null
table second_factor last_step bigint not null default 0
table second_factor secret_sealed text not null
table session address text not null default ''::text
table session created_at timestamp with time zone not null default now()
table session device text not null default ''::text
table session expires_at timestamp with time zone not null
table session id uuid not null default gen_random_uuid()
table session kind text not null
table session revoked_at timestamp with time zone
table session secret_hash text not null
table session seen_at timestamp with time zone not null default now()
table session subject_id uuid not null
table sign_in_code code_hash text not null
table sign_in_code expires_at timestamp with time zone not null
table sign_in_code phone_hash text not null
table sign_in_code sent integer not null default 1
table sign_in_code sent_since timestamp with time zone not null default now()
table sign_in_code tries integer not null default 0
table site_change actor_id text not null
table site_change actor_name text not null
table site_change after jsonb not null
table site_change at timestamp with time zone not null
table site_change before jsonb
table site_change id uuid not null
table site_change place_code text collate "C" not null
table site_change reason text not null
table site_change site_id uuid not null
table site_change version integer not null
table site_minute minute timestamp with time zone not null
table site_minute people integer not null
table site_minute site_id uuid not null
table site_queue actor_id text not null
table site_queue at timestamp with time zone not null
table site_queue desks smallint
table site_queue id uuid not null
table site_queue people integer not null
table site_queue site_id uuid not null
table site_run actor_id text not null
table site_run beat_at timestamp with time zone not null default now()
table site_run bound bigint not null default 0
table site_run covered bigint not null default 0
table site_run districts integer not null
table site_run done integer not null default 0
table site_run greedy integer not null default 0
table site_run hour timestamp with time zone not null
table site_run id uuid not null
table site_run made_at timestamp with time zone not null
table site_run openings integer not null
table site_run people bigint not null default 0
table site_run place_code text collate "C" not null
table site_run state text not null default 'running'::text
table site_run teams integer not null
table site_run would_cover bigint not null default 0
table site_slot actor_id text not null
table site_slot building text
table site_slot from_at timestamp with time zone not null
table site_slot id uuid not null
table site_slot made_at timestamp with time zone not null
table site_slot people integer not null
table site_slot place_code text collate "C" not null
table site_slot plan_id uuid not null
table site_slot site_id uuid not null
table site_slot to_at timestamp with time zone not null
table site_suggestion decided_at timestamp with time zone
table site_suggestion decided_by text
table site_suggestion effect jsonb not null
table site_suggestion hour timestamp with time zone not null
table site_suggestion id uuid not null
table site_suggestion kind text not null
table site_suggestion lat double precision not null
table site_suggestion lng double precision not null
table site_suggestion made_at timestamp with time zone not null
table site_suggestion order_id uuid
table site_suggestion place_code text collate "C" not null
table site_suggestion run_id uuid not null
table site_suggestion site_id uuid
table site_suggestion state text not null default 'open'::text
table tested_count day date not null
table tested_count n integer not null
table tested_count occupation text not null default ''::text
table tested_count place_code text collate "C" not null
table tube actor_id text not null
table tube box text collate "C"
table tube client_id uuid not null
table tube clock_doubted boolean not null default false
table tube code text collate "C" not null
table tube content_hash text not null
table tube kind smallint not null
table tube members smallint not null
table tube place_code text collate "C" not null
table tube received_at timestamp with time zone not null
table tube sealed_at timestamp with time zone not null
table tube session_id uuid not null
table tube state text not null default 'sealed'::text
table tube xact xid8 not null default pg_current_xact_id()
table tube_claim actor_id text not null
table tube_claim at timestamp with time zone not null
table tube_claim claim jsonb not null
table tube_claim id uuid not null
table tube_claim order_id uuid
table tube_claim outcome text
table tube_claim place_code text collate "C" not null
table tube_claim reason_sealed text
table tube_claim settled_at timestamp with time zone
table tube_claim settled_by text
table tube_claim settled_by_name text
table tube_claim settlement_id uuid
table tube_claim tube text collate "C" not null
table tube_passed after smallint not null
table tube_passed at timestamp with time zone not null
table tube_passed before smallint not null
table tube_passed lab text collate "C" not null
table tube_passed n integer not null
table tube_passed place_code text collate "C" not null
table tube_passed sealed_at timestamp with time zone not null
table tube_passed single boolean not null
table tube_step after smallint not null
table tube_step at timestamp with time zone not null
table tube_step before smallint not null
table tube_step id bigint not null identity
table tube_step lab_after text collate "C" not null
table tube_step lab_before text collate "C" not null
table tube_step n integer not null
table tube_step place_code text collate "C" not null
table tube_step sealed_at timestamp with time zone not null
table tube_step single boolean not null
table tube_waiting lab text collate "C" not null
table tube_waiting n integer not null
table tube_waiting place_code text collate "C" not null
table tube_waiting sealed_at timestamp with time zone not null
table tube_waiting single boolean not null
table tube_waiting stage smallint not null
table unit department text not null
table unit id text not null
table unit level text not null
table unit name text not null
table unit name_en text not null
table unit place_code text collate "C" not null
table work_order address text
table work_order arbitrated boolean not null default false
table work_order asked_until timestamp with time zone
table work_order card text
table work_order closed_at timestamp with time zone
table work_order direct boolean not null default false
table work_order district text collate "C" generated "left"(place_code, 6)
table work_order due_at timestamp with time zone
table work_order due_kind text
table work_order element text
table work_order extensions integer not null default 0
table work_order held_by text
table work_order held_kind text
table work_order held_left bigint
table work_order held_overdue boolean
table work_order held_state text
table work_order held_working boolean
table work_order id uuid not null
table work_order kind text not null
table work_order lat double precision
table work_order lng double precision
table work_order merged_at timestamp with time zone
table work_order merged_into uuid
table work_order nudged_at timestamp with time zone
table work_order nudges integer not null default 0
table work_order number text not null
table work_order open boolean not null generated (state <> ALL (ARRAY['closed'::text, 'archived'::text, 'rejected'::text, 'merged'::text]))
table work_order opened_at timestamp with time zone not null
table work_order overdue boolean not null default false
table work_order place_code text collate "C" not null
table work_order process text
table work_order redos integer not null default 0
table work_order reporter_id uuid
table work_order resolved_at timestamp with time zone
table work_order returns integer not null default 0
table work_order score integer
table work_order simulated boolean not null default false
table work_order solved boolean
table work_order source text not null
table work_order state text not null
table work_order subdistrict text collate "C" generated "left"(place_code, 9)
table work_order supervised_by text
table work_order supervised_since timestamp with time zone
table work_order supervised_until timestamp with time zone
table work_order title text not null
table work_order told_level text
table work_order unit_id text
table work_order urgency_kind text
table work_order urgent boolean not null
table work_order version integer not null default 1
trigger CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()
trigger CREATE TRIGGER audit_chain_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_chain FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()
trigger CREATE TRIGGER person_came AFTER INSERT ON public.person REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION person_counted()
trigger CREATE TRIGGER person_changed AFTER UPDATE ON public.person REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION person_counted()
trigger CREATE TRIGGER person_went AFTER DELETE ON public.person REFERENCING OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION person_counted()
