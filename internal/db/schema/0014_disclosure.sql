-- What goes to state bodies (5.2, 5.3): recipients, disclosures, their letters, who is in them, and their packages, which only the recipient
-- can open; and statistics.

CREATE TABLE recipient (
  id BIGINT PRIMARY KEY,
  kind BIGINT NOT NULL,
  name_kk TEXT NOT NULL,
  name_ru TEXT NOT NULL,
  bin TEXT NOT NULL,
  email TEXT NOT NULL,
  age_key TEXT NOT NULL,
  made_by BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  ended_by BIGINT NOT NULL,
  ended_at BIGINT NOT NULL
);

CREATE TABLE disclosure (
  id BIGINT PRIMARY KEY,
  recipient BIGINT NOT NULL,
  purpose BIGINT NOT NULL,
  act TEXT NOT NULL,
  article TEXT NOT NULL,
  letter_number TEXT NOT NULL,
  letter_date TEXT NOT NULL,
  letter_name TEXT NOT NULL,
  letter_type TEXT NOT NULL,
  letter_size BIGINT NOT NULL,
  letter_sha256 TEXT NOT NULL,
  choice TEXT NOT NULL,
  fields BIGINT NOT NULL,
  keep_days BIGINT NOT NULL,
  silent TEXT NOT NULL,
  unknown BIGINT NOT NULL,
  state BIGINT NOT NULL,
  made_by BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  sent_at BIGINT NOT NULL,
  decided_by BIGINT NOT NULL,
  decided_at BIGINT NOT NULL,
  reason TEXT NOT NULL,
  looked BIGINT NOT NULL,
  looked_to BIGINT NOT NULL,
  look_total BIGINT NOT NULL,
  unseen_blocked BIGINT NOT NULL,
  unseen_consent BIGINT NOT NULL,
  unseen_other BIGINT NOT NULL,
  chosen BIGINT NOT NULL,
  parts BIGINT NOT NULL,
  parts_done BIGINT NOT NULL,
  ready_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  token BYTEA,
  fetched_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  told_to BIGINT NOT NULL,
  told_at BIGINT NOT NULL
);

CREATE INDEX disclosure_expiry ON disclosure (state, expires_at);

CREATE UNIQUE INDEX disclosure_token ON disclosure (token) WHERE token IS NOT NULL;

CREATE TABLE disclosure_letter (
  disclosure BIGINT NOT NULL,
  n BIGINT NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (disclosure, n)
);

CREATE TABLE disclosure_ticket (
  disclosure BIGINT NOT NULL,
  ticket BYTEA NOT NULL,
  PRIMARY KEY (disclosure, ticket)
); -- by key

CREATE TABLE disclosure_subject (
  disclosure BIGINT NOT NULL,
  subject BIGINT NOT NULL,
  part BIGINT NOT NULL,
  outcome BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (disclosure, subject)
); -- by key

CREATE INDEX disclosure_subject_of ON disclosure_subject (subject, disclosure);

CREATE INDEX disclosure_subject_part ON disclosure_subject (disclosure, part, subject);

CREATE TABLE disclosure_part (
  disclosure BIGINT NOT NULL,
  part BIGINT NOT NULL,
  people BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (disclosure, part)
);

CREATE TABLE statistics_release (
  id BIGINT PRIMARY KEY,
  made_by BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  looked BIGINT NOT NULL,
  looked_to BIGINT NOT NULL,
  look_total BIGINT NOT NULL,
  work TEXT NOT NULL,
  done_at BIGINT NOT NULL,
  body TEXT NOT NULL
);

CREATE TABLE statistics_base (
  block TEXT PRIMARY KEY,
  counts TEXT NOT NULL
);
