-- Lessons of a course, in the order of place. words and body are JSON objects by language: {"kk": title}, {"kk": Markdown}.

CREATE TABLE lesson (
  id BIGINT PRIMARY KEY,
  course TEXT NOT NULL,
  place BIGINT NOT NULL,
  minutes BIGINT NOT NULL,
  words TEXT NOT NULL,
  body TEXT NOT NULL
);

CREATE UNIQUE INDEX lesson_place ON lesson (course, place);

-- Who takes part in a course (4.1.2). sealed is what they have done in it, under their key.

CREATE TABLE study (
  id BIGINT PRIMARY KEY,
  subject BIGINT NOT NULL,
  course TEXT NOT NULL,
  begun_at BIGINT NOT NULL,
  finished_at BIGINT NOT NULL,
  sealed BYTEA NOT NULL
);

CREATE UNIQUE INDEX study_part ON study (subject, course);
