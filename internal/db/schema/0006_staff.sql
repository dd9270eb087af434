-- Members of staff: named people with roles (1.1.1). Initials are what subjects are shown of them.

CREATE TABLE staff (
  subject BIGINT PRIMARY KEY,
  roles TEXT NOT NULL,
  initials TEXT NOT NULL,
  disabled BIGINT NOT NULL,
  since BIGINT NOT NULL
);

CREATE TABLE staff_invite (
  hash BYTEA PRIMARY KEY,
  roles TEXT NOT NULL,
  made_by BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_by BIGINT NOT NULL
); -- by key
