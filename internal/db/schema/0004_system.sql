-- Outside systems with their tokens, and which of their requests were carried out already.

CREATE TABLE outside_system (
  id BIGINT PRIMARY KEY,
  name TEXT NOT NULL,
  roles BIGINT NOT NULL,
  purposes BIGINT NOT NULL,
  token BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  last_used BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX outside_system_token ON outside_system (token);

CREATE UNIQUE INDEX outside_system_name ON outside_system (name) WHERE revoked_at = 0;

CREATE TABLE api_done (
  system BIGINT NOT NULL,
  key BYTEA NOT NULL,
  request BYTEA NOT NULL,
  status BIGINT NOT NULL,
  subject BIGINT NOT NULL,
  operation BIGINT NOT NULL,
  at BIGINT NOT NULL,
  nth BIGINT NOT NULL,
  PRIMARY KEY (system, key)
); -- by key

CREATE INDEX api_done_at ON api_done (system, at);
