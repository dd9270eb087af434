-- Certificates of courses (4.1.2). titles is a JSON object by language, as they were. surname, given_name and code lie sealed under their owner's key,
-- code_hash is keyed; an erasure empties them and sets subject to 0, what else there is stays. One that was made anew is replaced_by another.

CREATE TABLE certificate (
  id BIGINT PRIMARY KEY,
  number TEXT NOT NULL,
  subject BIGINT NOT NULL,
  course TEXT NOT NULL,
  titles TEXT NOT NULL,
  hours BIGINT NOT NULL,
  earned_at BIGINT NOT NULL,
  issued_at BIGINT NOT NULL,
  public_since BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL,
  reason TEXT NOT NULL,
  replaced_by BIGINT NOT NULL,
  surname BYTEA NOT NULL,
  given_name BYTEA NOT NULL,
  code BYTEA NOT NULL,
  code_hash BYTEA NOT NULL
);

CREATE UNIQUE INDEX certificate_number ON certificate (number);

CREATE UNIQUE INDEX certificate_holds ON certificate (subject, course) WHERE subject <> 0 AND revoked_at = 0 AND replaced_by = 0;

CREATE INDEX certificate_subject ON certificate (subject, issued_at);

-- What happened to a certificate, step by step: who made its name public and when that ended (7.2), who revoked it and why.

CREATE TABLE certificate_step (
  certificate BIGINT NOT NULL,
  n BIGINT NOT NULL,
  act BIGINT NOT NULL,
  at BIGINT NOT NULL,
  kind BIGINT NOT NULL,
  made_by BIGINT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (certificate, n)
); -- by key
