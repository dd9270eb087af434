-- What people made public themselves (7.2), what they permitted in writing (6.2.2), how long categories are kept and what fell due (5.1), and the
-- register of paper carriers (1.1.2). The text of a permission lies sealed under its giver's key.

CREATE TABLE publication (
  id BIGINT PRIMARY KEY,
  subject BIGINT NOT NULL,
  slug TEXT NOT NULL,
  fields BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  ended_by BIGINT NOT NULL
);

CREATE INDEX publication_started ON publication (started_at);

CREATE INDEX publication_subject ON publication (subject, started_at);

CREATE UNIQUE INDEX publication_slug ON publication (slug) WHERE ended_at = 0;

CREATE TABLE permission (
  id BIGINT PRIMARY KEY,
  subject BIGINT NOT NULL,
  receiver TEXT NOT NULL,
  fields BIGINT NOT NULL,
  signed BIGINT NOT NULL,
  text BYTEA NOT NULL,
  given_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL
);

CREATE INDEX permission_given ON permission (given_at);

CREATE INDEX permission_subject ON permission (subject, given_at);

CREATE TABLE retention (
  category TEXT PRIMARY KEY,
  months BIGINT NOT NULL,
  basis TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  changed_by BIGINT NOT NULL
);

CREATE TABLE retention_act (
  id BIGINT PRIMARY KEY,
  category TEXT NOT NULL,
  months BIGINT NOT NULL,
  at BIGINT NOT NULL,
  people BIGINT NOT NULL
);

CREATE TABLE carrier (
  id BIGINT PRIMARY KEY,
  what TEXT NOT NULL,
  place TEXT NOT NULL,
  sheets BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  made_by BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  ended_how TEXT NOT NULL
);
