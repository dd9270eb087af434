-- Whom a course is meant for, and its picture: as JSON, empty where its author said neither.

ALTER TABLE course ADD COLUMN front TEXT NOT NULL DEFAULT '';

-- What is suggested to somebody. off: they want none, and nothing is read for it. made_at and basis tell when it was found, and what courses said of themselves
-- then. list are courses with reasons, hidden those that they want to see no more: both under their key.

CREATE TABLE suggestion (
  subject BIGINT PRIMARY KEY,
  off BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  basis TEXT NOT NULL,
  list BYTEA NOT NULL,
  hidden BYTEA NOT NULL
);
