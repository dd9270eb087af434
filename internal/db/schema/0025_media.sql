-- Files of courses: pictures, video, sound, captions, documents. state: 0 it arrives, 1 it is there, 2 it was taken away, and its pieces go.
-- made_at is when the last piece came. Pieces are 256 KB, the last one less; nothing here is about a person but who brought a file.

CREATE TABLE media (
  id BIGINT PRIMARY KEY,
  token TEXT NOT NULL,
  course TEXT NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  size BIGINT NOT NULL,
  width BIGINT NOT NULL,
  height BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  made_by BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  state BIGINT NOT NULL
);

CREATE UNIQUE INDEX media_token ON media (token);

CREATE UNIQUE INDEX media_name ON media (course, name) WHERE state = 1;

CREATE INDEX media_course ON media (course, state);

CREATE INDEX media_state ON media (state, made_at);

CREATE TABLE media_piece (
  media BIGINT NOT NULL,
  n BIGINT NOT NULL,
  bytes BYTEA NOT NULL,
  PRIMARY KEY (media, n)
);
