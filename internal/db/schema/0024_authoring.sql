-- Courses are written in the console. langs are the languages that a course is written in, with a space before and after each. A hidden course is offered
-- to nobody new; version counts how often it was published, 0 for one put by the program. A lesson keeps its id wherever it stands, test is how a test is
-- taken, JSON, empty for other kinds.

ALTER TABLE course ADD COLUMN hidden BIGINT NOT NULL DEFAULT 0;

ALTER TABLE course ADD COLUMN version BIGINT NOT NULL DEFAULT 0;

ALTER TABLE course ADD COLUMN subject TEXT NOT NULL DEFAULT '';

ALTER TABLE course ADD COLUMN level TEXT NOT NULL DEFAULT '';

ALTER TABLE course ADD COLUMN langs TEXT NOT NULL DEFAULT ' kk ';

ALTER TABLE lesson ADD COLUMN kind TEXT NOT NULL DEFAULT 'text';

ALTER TABLE lesson ADD COLUMN test TEXT NOT NULL DEFAULT '';

DROP INDEX lesson_place;

CREATE INDEX lesson_in ON lesson (course, place);

-- Questions of a course's bank. What was published once stays under its rev, for those who were given it. body is a JSON object by language. live
-- tells whether it can be drawn now.

CREATE TABLE question (
  id BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  course TEXT NOT NULL,
  live BIGINT NOT NULL,
  topic TEXT NOT NULL,
  points BIGINT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (id, rev)
); -- by key

CREATE INDEX question_live ON question (course, live);

-- Courses being written: a draft is parts (what it is about, the order of its lessons, each lesson, each question), a part is the step that holds
-- now among those that were. rev grows with every change, so that nobody writes over what they have not seen.

CREATE TABLE course_draft (
  course TEXT PRIMARY KEY,
  demo BIGINT NOT NULL,
  begun_by BIGINT NOT NULL,
  begun_at BIGINT NOT NULL,
  changed_by BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  changes BIGINT NOT NULL,
  published BIGINT NOT NULL
);

CREATE INDEX course_draft_changed ON course_draft (changed_at, course);

CREATE TABLE course_part (
  course TEXT NOT NULL,
  part TEXT NOT NULL,
  rev BIGINT NOT NULL,
  step BIGINT NOT NULL,
  last BIGINT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (course, part)
); -- by key

CREATE TABLE course_step (
  course TEXT NOT NULL,
  part TEXT NOT NULL,
  n BIGINT NOT NULL,
  auto BIGINT NOT NULL,
  made_by BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (course, part, n)
); -- by key

CREATE TABLE course_version (
  course TEXT NOT NULL,
  seq BIGINT NOT NULL,
  made_by BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  note TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (course, seq)
); -- by key

-- What courses are found by: words and stems of their texts, as package words makes them, with how often they stand in a field (1 title, 2 summary,
-- 3 lesson's title, 4 text). They are compared by bytes.

CREATE TABLE course_term (
  course TEXT NOT NULL,
  term TEXT COLLATE "C" NOT NULL,
  field BIGINT NOT NULL,
  count BIGINT NOT NULL,
  PRIMARY KEY (term, course, field)
); -- by key

CREATE INDEX course_term_of ON course_term (course);
