-- The rights desk: applications to block, requests, claims, questions; their steps, words and files; erasures and their certificates. What is
-- written and attached lies sealed under the key of whoever may read it. Numbers of days, articles and orders are no personal values.

CREATE TABLE desk_count (
  year BIGINT PRIMARY KEY,
  n BIGINT NOT NULL
);

CREATE TABLE desk_case (
  id BIGINT PRIMARY KEY,
  kind BIGINT NOT NULL,
  number TEXT NOT NULL,
  concerned BIGINT NOT NULL,
  applicant BIGINT NOT NULL,
  source BIGINT NOT NULL,
  lang TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  clock TEXT NOT NULL,
  term_n BIGINT NOT NULL,
  term_unit TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  doubted BIGINT NOT NULL,
  blocks BIGINT NOT NULL,
  proof_due BIGINT NOT NULL,
  proved_at BIGINT NOT NULL,
  erase_at BIGINT NOT NULL,
  status BIGINT NOT NULL,
  outcome BIGINT NOT NULL,
  article TEXT NOT NULL,
  closed_at BIGINT NOT NULL,
  order_of TEXT NOT NULL,
  order_number TEXT NOT NULL,
  order_date TEXT NOT NULL,
  warned BIGINT NOT NULL
);

CREATE UNIQUE INDEX desk_case_number ON desk_case (number);

CREATE INDEX desk_case_due ON desk_case (status, due_at, id);

CREATE INDEX desk_case_closed ON desk_case (status, closed_at);

CREATE INDEX desk_case_blocks ON desk_case (concerned, blocks) WHERE blocks = 1;

CREATE TABLE desk_party (
  subject BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  PRIMARY KEY (subject, case_id)
); -- by key

CREATE TABLE desk_step (
  case_id BIGINT NOT NULL,
  n BIGINT NOT NULL,
  act BIGINT NOT NULL,
  actor_kind BIGINT NOT NULL,
  actor BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (case_id, n)
); -- by key

CREATE TABLE desk_words (
  reader BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  n BIGINT NOT NULL,
  sealed BYTEA NOT NULL,
  PRIMARY KEY (reader, case_id, n)
); -- by key

CREATE INDEX desk_words_case ON desk_words (case_id);

CREATE TABLE desk_file (
  id BIGINT PRIMARY KEY,
  case_id BIGINT NOT NULL,
  owner BIGINT NOT NULL,
  n BIGINT NOT NULL,
  type TEXT NOT NULL,
  size BIGINT NOT NULL,
  chunks BIGINT NOT NULL,
  name BYTEA NOT NULL,
  at BIGINT NOT NULL
);

CREATE INDEX desk_file_case ON desk_file (case_id);

CREATE INDEX desk_file_owner ON desk_file (owner);

CREATE TABLE desk_chunk (
  file BIGINT NOT NULL,
  n BIGINT NOT NULL,
  sealed BYTEA NOT NULL,
  PRIMARY KEY (file, n)
); -- by key

CREATE TABLE desk_link (
  hash BYTEA PRIMARY KEY,
  subject BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
); -- by key

CREATE INDEX desk_link_subject ON desk_link (subject);

CREATE INDEX desk_link_expires ON desk_link (expires_at);

CREATE TABLE desk_erasure (
  hash BYTEA PRIMARY KEY,
  number TEXT NOT NULL,
  subject BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  at BIGINT NOT NULL
); -- by key

CREATE INDEX desk_erasure_at ON desk_erasure (at);
