-- Consents; accounts with what proves that it is them: password, second factor, links, sessions; wishes to be deleted.
-- Nothing here is a personal value in the clear: sealed columns stand under the subject's key, hashes are keyed or of random texts.

CREATE TABLE consent (
  subject BIGINT NOT NULL,
  n BIGINT NOT NULL,
  edition BIGINT NOT NULL,
  hash TEXT NOT NULL,
  lang TEXT NOT NULL,
  channel BIGINT NOT NULL,
  act BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (subject, n)
); -- by key

CREATE TABLE account (
  subject BIGINT PRIMARY KEY,
  status BIGINT NOT NULL,
  staff BIGINT NOT NULL,
  lang TEXT NOT NULL,
  phc TEXT NOT NULL,
  factor BIGINT NOT NULL,
  step BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  confirmed_at BIGINT NOT NULL,
  recovered_at BIGINT NOT NULL
);

CREATE INDEX account_pending ON account (created_at, subject) WHERE status = 1;

CREATE TABLE account_attempt (
  key BYTEA PRIMARY KEY,
  kind BIGINT NOT NULL,
  subject BIGINT NOT NULL,
  failures BIGINT NOT NULL,
  wait_until BIGINT NOT NULL,
  at BIGINT NOT NULL
); -- by key

CREATE INDEX account_attempt_subject ON account_attempt (subject, at);

CREATE TABLE account_link (
  hash BYTEA PRIMARY KEY,
  subject BIGINT NOT NULL,
  about BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL
); -- by key

CREATE INDEX account_link_subject ON account_link (subject);

CREATE INDEX account_link_expires ON account_link (expires_at);

CREATE TABLE account_recovery_code (
  subject BIGINT NOT NULL,
  hash BYTEA NOT NULL,
  used_at BIGINT NOT NULL,
  PRIMARY KEY (subject, hash)
); -- by key

CREATE TABLE account_new_email (
  subject BIGINT PRIMARY KEY,
  serial BIGINT NOT NULL,
  email BYTEA NOT NULL,
  asked_at BIGINT NOT NULL
); -- by key

CREATE INDEX account_new_email_asked ON account_new_email (asked_at);

CREATE TABLE account_old_email (
  subject BIGINT NOT NULL,
  serial BIGINT NOT NULL,
  email BYTEA NOT NULL,
  PRIMARY KEY (subject, serial)
); -- by key

CREATE TABLE session (
  hash BYTEA PRIMARY KEY,
  id BIGINT NOT NULL,
  subject BIGINT NOT NULL,
  level BIGINT NOT NULL,
  remembered BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  proved_at BIGINT NOT NULL,
  device BYTEA NOT NULL,
  address BYTEA NOT NULL
); -- by key

CREATE INDEX session_subject ON session (subject);

CREATE INDEX session_age ON session (remembered, level, created_at);

CREATE TABLE deletion_request (
  subject BIGINT NOT NULL,
  asked_at BIGINT NOT NULL,
  reason BIGINT NOT NULL,
  closed_at BIGINT NOT NULL,
  PRIMARY KEY (subject, asked_at)
); -- by key

CREATE INDEX deletion_request_open ON deletion_request (asked_at, subject) WHERE closed_at = 0;
