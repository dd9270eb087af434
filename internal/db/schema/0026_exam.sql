-- Attempts at tests (4.1.2). sealed is, under the person's key, which questions they were given in which order, and once it is over what came of it.
-- After ends_at no answer is taken, 0 stands for no limit. state: 0 runs, 1 is over, 2 waits for a person's grade.

CREATE TABLE attempt (
  id BIGINT PRIMARY KEY,
  subject BIGINT NOT NULL,
  course TEXT NOT NULL,
  lesson BIGINT NOT NULL,
  n BIGINT NOT NULL,
  begun_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  state BIGINT NOT NULL,
  sealed BYTEA NOT NULL
);

CREATE UNIQUE INDEX attempt_of ON attempt (subject, lesson, n);

CREATE INDEX attempt_state ON attempt (state, ended_at);

-- Answers, one row a question of an attempt, made when it begins and written as they are given. saved_at is 0 before.

CREATE TABLE attempt_answer (
  attempt BIGINT NOT NULL,
  place BIGINT NOT NULL,
  saved_at BIGINT NOT NULL,
  sealed BYTEA NOT NULL,
  PRIMARY KEY (attempt, place)
); -- by key

-- What the author sees of how a question went (4.1.2): sums over attempts, in thousandths, of which none can be told apart.

CREATE TABLE question_stat (
  question BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  n BIGINT NOT NULL,
  sum BIGINT NOT NULL,
  squares BIGINT NOT NULL,
  rest BIGINT NOT NULL,
  rest_squares BIGINT NOT NULL,
  products BIGINT NOT NULL,
  PRIMARY KEY (question, rev)
); -- by key
