-- The door: subjects, their sealed cells, the look-ups, the log, the reading brake, the editions, the jobs.

CREATE TABLE subject (
  id BIGINT PRIMARY KEY,
  consent BIGINT NOT NULL,
  restricted BIGINT NOT NULL,
  erased BIGINT NOT NULL,
  wrapped BYTEA,
  cells BYTEA,
  created_at BIGINT NOT NULL
);

CREATE TABLE blind_index (
  ix BYTEA NOT NULL,
  slot BIGINT NOT NULL,
  subject BIGINT NOT NULL,
  PRIMARY KEY (ix, slot)
); -- by key

CREATE TABLE ledger_head (
  id BIGINT PRIMARY KEY,
  size BIGINT NOT NULL,
  checkpoint TEXT NOT NULL,
  indexed BIGINT NOT NULL
);

CREATE TABLE ledger_segment (
  first BIGINT PRIMARY KEY,
  count BIGINT NOT NULL,
  entries BYTEA NOT NULL
);

CREATE TABLE ledger_tile (
  place BIGINT PRIMARY KEY,
  root BYTEA NOT NULL,
  hashes BYTEA NOT NULL
);

CREATE TABLE ledger_checkpoint (
  size BIGINT PRIMARY KEY,
  note TEXT NOT NULL,
  at BIGINT NOT NULL
);

CREATE TABLE ledger_by_subject (
  subject BIGINT NOT NULL,
  entry BIGINT NOT NULL,
  PRIMARY KEY (subject, entry)
); -- by key

CREATE TABLE ledger_refusal (
  entry BIGINT PRIMARY KEY
);

CREATE TABLE brake (
  actor BIGINT NOT NULL,
  hour BIGINT NOT NULL,
  subject BIGINT NOT NULL,
  PRIMARY KEY (actor, hour, subject)
); -- by key

CREATE TABLE edition (
  seq BIGINT PRIMARY KEY,
  hash TEXT NOT NULL,
  in_force BIGINT NOT NULL,
  published_at BIGINT NOT NULL,
  body BYTEA NOT NULL
);

CREATE TABLE job (
  id BIGINT PRIMARY KEY,
  kind TEXT NOT NULL,
  payload BYTEA NOT NULL,
  run_at BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  reason TEXT NOT NULL,
  failed_at BIGINT NOT NULL
);

CREATE INDEX job_due ON job (failed_at, run_at);

CREATE TABLE limit_bucket (
  key BYTEA PRIMARY KEY,
  tat BIGINT NOT NULL
); -- by key

CREATE TABLE setting (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);
