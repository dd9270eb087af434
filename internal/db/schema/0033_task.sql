-- Assignments (4.1.2). task of a lesson is what is handed in and how it is judged, JSON, empty for other kinds.

ALTER TABLE lesson ADD COLUMN task TEXT NOT NULL DEFAULT '';

-- What people hand in, one row a try. sealed is, under their key, what they wrote, under which rules it was handed in, and what was said of it.
-- rev grows with every change. state: 0 being written, 1 handed in, 2 returned, 3 passed. due_at, seen_at (by who judges it) and others are 0 where
-- there is no such moment.

CREATE TABLE submission (
  id BIGINT PRIMARY KEY,
  subject BIGINT NOT NULL,
  course TEXT NOT NULL,
  lesson BIGINT NOT NULL,
  n BIGINT NOT NULL,
  state BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  begun_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  handed_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  sealed BYTEA NOT NULL
);

CREATE UNIQUE INDEX submission_of ON submission (subject, lesson, n);

CREATE INDEX submission_state ON submission (state, handed_at);

-- Files that people hand in, with a submission or as the answer to a question of a test: work is its number, or the attempt's, place the question's.
-- state: 0 arrives, 1 is there, 2 was taken away: its pieces go, and whose it was stands here no more. name and pieces are sealed.

CREATE TABLE attached (
  id BIGINT PRIMARY KEY,
  subject BIGINT NOT NULL,
  course TEXT NOT NULL,
  work BIGINT NOT NULL,
  place BIGINT NOT NULL,
  type TEXT NOT NULL,
  size BIGINT NOT NULL,
  pieces BIGINT NOT NULL,
  state BIGINT NOT NULL,
  at BIGINT NOT NULL,
  name BYTEA NOT NULL
);

CREATE INDEX attached_work ON attached (work, place);

CREATE INDEX attached_subject ON attached (subject, course);

CREATE INDEX attached_state ON attached (state, at);

CREATE TABLE attached_piece (
  file BIGINT NOT NULL,
  n BIGINT NOT NULL,
  sealed BYTEA NOT NULL,
  PRIMARY KEY (file, n)
); -- by key
