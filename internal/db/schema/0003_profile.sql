-- The profile: when its owner declared it true (2.4, 4.1.5), and the classifier of places (3.2.5).

CREATE TABLE declaration (
  subject BIGINT PRIMARY KEY,
  declared_at BIGINT NOT NULL
);

CREATE TABLE classifier (
  id BIGINT PRIMARY KEY,
  imported_at BIGINT NOT NULL,
  places BIGINT NOT NULL,
  body BYTEA NOT NULL
);
