-- How people come to take part in a course: entry is that as JSON, empty where everybody may begin; way and closes_at are what lists of courses ask.

ALTER TABLE course ADD COLUMN entry TEXT NOT NULL DEFAULT '';

ALTER TABLE course ADD COLUMN way TEXT NOT NULL DEFAULT '';

ALTER TABLE course ADD COLUMN closes_at BIGINT NOT NULL DEFAULT 0;

-- The word by which a course on a code is entered, as a keyed hash.

CREATE TABLE course_code (
  course TEXT PRIMARY KEY,
  hash BYTEA NOT NULL,
  made_by BIGINT NOT NULL,
  made_at BIGINT NOT NULL
);

-- Groups of a course, each led by a member of staff. seats 0 stands for no limit, ends_at 0 for no end.

CREATE TABLE course_group (
  id BIGINT PRIMARY KEY,
  course TEXT NOT NULL,
  name TEXT NOT NULL,
  tutor BIGINT NOT NULL,
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  seats BIGINT NOT NULL
);

CREATE INDEX course_group_of ON course_group (course, id);

CREATE INDEX course_group_tutor ON course_group (tutor, id);

-- Where somebody stands towards a course. state: 1 takes part, 2 a seat is kept for them until ends_at, 3 waits for one since since, 4 has applied, 5 was
-- refused. sealed is what they wrote when applying and what of their profile they sent along, reason what they were answered: both under their key.

CREATE TABLE enrolment (
  id BIGINT PRIMARY KEY,
  subject BIGINT NOT NULL,
  course TEXT NOT NULL,
  grp BIGINT NOT NULL,
  state BIGINT NOT NULL,
  since BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  sealed BYTEA NOT NULL,
  reason BYTEA NOT NULL
);

CREATE UNIQUE INDEX enrolment_of ON enrolment (subject, course);

CREATE INDEX enrolment_course ON enrolment (course, state, since, id);

CREATE INDEX enrolment_state ON enrolment (state, ends_at);

CREATE INDEX enrolment_grp ON enrolment (grp, state);

INSERT INTO enrolment (id, subject, course, grp, state, since, ends_at, sealed, reason)
  SELECT id, subject, course, 0, 1, begun_at, 0, CAST('' AS BYTEA), CAST('' AS BYTEA) FROM study;
