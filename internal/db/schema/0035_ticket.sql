-- Tickets: help with the site (4.1.7). What is written and attached lies sealed under the key of the person who asked and goes with them.

CREATE TABLE ticket (
  id BIGINT PRIMARY KEY,
  subject BIGINT NOT NULL,
  lang TEXT NOT NULL,
  topic BIGINT NOT NULL,
  role BIGINT NOT NULL,
  status BIGINT NOT NULL,
  staff BIGINT NOT NULL,
  opened_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  turn_at BIGINT NOT NULL,
  answered_at BIGINT NOT NULL,
  solved_at BIGINT NOT NULL
);

CREATE INDEX ticket_subject ON ticket (subject, id);

CREATE INDEX ticket_queue ON ticket (role, status, turn_at, id);

CREATE INDEX ticket_opened ON ticket (opened_at);

CREATE TABLE ticket_step (
  id BIGINT PRIMARY KEY,
  ticket BIGINT NOT NULL,
  n BIGINT NOT NULL,
  act BIGINT NOT NULL,
  actor BIGINT NOT NULL,
  at BIGINT NOT NULL,
  words BYTEA NOT NULL
);

CREATE UNIQUE INDEX ticket_step_place ON ticket_step (ticket, n);

CREATE TABLE ticket_file (
  id BIGINT PRIMARY KEY,
  ticket BIGINT NOT NULL,
  step BIGINT NOT NULL,
  n BIGINT NOT NULL,
  type TEXT NOT NULL,
  size BIGINT NOT NULL,
  name BYTEA NOT NULL
);

CREATE INDEX ticket_file_ticket ON ticket_file (ticket, n);

CREATE TABLE ticket_chunk (
  id BIGINT PRIMARY KEY,
  file BIGINT NOT NULL,
  n BIGINT NOT NULL,
  sealed BYTEA NOT NULL
);

CREATE UNIQUE INDEX ticket_chunk_file ON ticket_chunk (file, n);

-- What support answers often, in three languages; nothing in it is about anybody.
CREATE TABLE ticket_canned (
  id BIGINT PRIMARY KEY,
  topic BIGINT NOT NULL,
  title TEXT NOT NULL,
  kk TEXT NOT NULL,
  ru TEXT NOT NULL,
  en TEXT NOT NULL,
  rev BIGINT NOT NULL,
  staff BIGINT NOT NULL,
  at BIGINT NOT NULL
);
