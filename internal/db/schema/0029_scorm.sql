-- Lessons that are packages of SCORM. package is which bundle of files it is and how it begins, JSON, empty for other kinds.

ALTER TABLE lesson ADD COLUMN package TEXT NOT NULL DEFAULT '';

-- Bundles of files: what a package came with, by path, under one address that can't be guessed. What is in a file lies in media_piece, under the
-- number of its bundle_file. state is that of media. path is folded: packages do not keep to the case of letters.

CREATE TABLE bundle (
  id BIGINT PRIMARY KEY,
  token TEXT NOT NULL,
  course TEXT NOT NULL,
  title TEXT NOT NULL,
  files BIGINT NOT NULL,
  size BIGINT NOT NULL,
  made_by BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  state BIGINT NOT NULL
);

CREATE UNIQUE INDEX bundle_token ON bundle (token);

CREATE INDEX bundle_course ON bundle (course, state);

CREATE INDEX bundle_state ON bundle (state, made_at);

CREATE TABLE bundle_file (
  id BIGINT PRIMARY KEY,
  bundle BIGINT NOT NULL,
  path TEXT NOT NULL,
  type TEXT NOT NULL,
  size BIGINT NOT NULL,
  sha256 TEXT NOT NULL
);

CREATE UNIQUE INDEX bundle_path ON bundle_file (bundle, path);

-- Attempts at packages (4.1.2). sealed is, under the person's key, what the package told: where they stand, its own notes, score and time. state:
-- 0 open, 1 done. n counts anew with each beginning from the start; only the last one is written to.

CREATE TABLE scorm_attempt (
  id BIGINT PRIMARY KEY,
  subject BIGINT NOT NULL,
  course TEXT NOT NULL,
  lesson BIGINT NOT NULL,
  n BIGINT NOT NULL,
  begun_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  state BIGINT NOT NULL,
  sealed BYTEA NOT NULL
);

CREATE UNIQUE INDEX scorm_attempt_of ON scorm_attempt (subject, lesson, n);
