-- Values that were replaced or removed, each with who set it and who ended it (6.1.2). Sealed as those that are held, for this table; empty where only
-- the version is kept, so that none is given twice.

CREATE TABLE subject_past (
  subject BIGINT NOT NULL,
  field BIGINT NOT NULL,
  version BIGINT NOT NULL,
  set_at BIGINT NOT NULL,
  set_kind BIGINT NOT NULL,
  set_by BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  ended_kind BIGINT NOT NULL,
  ended_by BIGINT NOT NULL,
  sealed BYTEA NOT NULL,
  PRIMARY KEY (subject, field, version)
);
