-- A courier is faster than a telephone without network: what a laboratory holds in its hands before the city has heard of it.
create table early_box (
  code text collate "C" primary key,
  id uuid not null,
  lab text not null,
  -- Where whoever received it may; a box of another place is not theirs.
  places text[] collate "C" not null,
  note text,
  actor_id text not null,
  actor_name text not null,
  at timestamptz not null
);
create index early_box_lab on early_box (lab, at);

create table early_result (
  tube text collate "C" primary key,
  id uuid not null,
  outcome text not null constraint early_outcome check (outcome in ('negative', 'positive', 'inconclusive', 'invalid')),
  lab text not null,
  places text[] collate "C" not null,
  tested_at timestamptz not null,
  source text not null,
  actor_kind text not null,
  actor_id text not null,
  at timestamptz not null
);
create index early_result_lab on early_result (lab, at);

grant select, insert, delete on early_box, early_result to cityloop_service;
