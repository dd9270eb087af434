-- The register of breaches (5.5, 7.1), and whom each concerns. about and measures are the officer's words about what happened, not about people.

CREATE TABLE breach (
  id BIGINT PRIMARY KEY,
  number TEXT NOT NULL,
  drill BIGINT NOT NULL,
  kind BIGINT NOT NULL,
  detected_at BIGINT NOT NULL,
  made_by BIGINT NOT NULL,
  about TEXT NOT NULL,
  measures TEXT NOT NULL,
  actor_kind BIGINT NOT NULL,
  actor BIGINT NOT NULL,
  from_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  counted_at BIGINT NOT NULL,
  authority_at BIGINT NOT NULL,
  notice_at BIGINT NOT NULL,
  closed_at BIGINT NOT NULL
);

CREATE INDEX breach_open ON breach (closed_at, due_at);

CREATE TABLE breach_subject (
  breach BIGINT NOT NULL,
  subject BIGINT NOT NULL,
  fields BIGINT NOT NULL,
  told_at BIGINT NOT NULL,
  PRIMARY KEY (breach, subject)
); -- by key
