-- Keys that sign the cards residents carry (SMART Health Cards, ES256), and the cards, so that they can be revoked.
create table card_key (
  id uuid primary key,
  -- RFC 7638 thumbprint: how a verifier names the key.
  kid text not null,
  public_jwk jsonb not null,
  private_sealed text not null,
  created_at timestamptz not null,
  crl_version integer not null default 0
);
create table card (
  id uuid primary key,
  kid text not null,
  rid text not null,
  tube text collate "C" not null,
  person_id uuid not null,
  issued_at timestamptz not null,
  revoked_at timestamptz
);
create index card_tube on card (tube);
create index card_person on card (person_id);
create index card_revoked on card (kid) where revoked_at is not null;
grant select, insert, update on card_key, card to cityloop_service;
