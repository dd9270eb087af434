-- How far the letters about an edition are queued: to all accounts up to the subject reached. done_at is 0 until they all are.

CREATE TABLE edition_letter (
  edition BIGINT PRIMARY KEY,
  reached BIGINT NOT NULL,
  done_at BIGINT NOT NULL
); -- by edition
