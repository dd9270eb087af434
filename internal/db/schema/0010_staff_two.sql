-- Roles are given by two people; links of invitations can be listed and taken back; a code of the second factor is asked for anew before
-- acts that change power; how the officer's readings of the whole log ended is kept.

-- Whether somebody ever managed staff: while only one ever did, there is no second person to ask.
ALTER TABLE staff ADD COLUMN managed BIGINT NOT NULL DEFAULT 0;

UPDATE staff SET managed = 1 WHERE roles LIKE '%admin%';

-- Links made before have no number by which they could be taken back, so they are void: whoever waits asks for another.
DROP TABLE staff_invite;

CREATE TABLE staff_invite (
  hash BYTEA PRIMARY KEY,
  id BIGINT NOT NULL,
  roles TEXT NOT NULL,
  made_by BIGINT NOT NULL,
  first BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_by BIGINT NOT NULL
); -- by key

CREATE TABLE staff_grant (
  id BIGINT PRIMARY KEY,
  subject BIGINT NOT NULL,
  initials TEXT NOT NULL,
  roles TEXT NOT NULL,
  made_by BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX staff_grant_subject ON staff_grant (subject);

ALTER TABLE session ADD COLUMN code_at BIGINT NOT NULL DEFAULT 0;

-- Sessions that were opened with a code just now need none again.
UPDATE session SET code_at = proved_at WHERE level = 2;

CREATE TABLE ledger_check (
  started_at BIGINT PRIMARY KEY,
  ended_at BIGINT NOT NULL,
  made_by BIGINT NOT NULL,
  entries BIGINT NOT NULL,
  tiles BIGINT NOT NULL,
  root TEXT NOT NULL,
  anchor BIGINT NOT NULL,
  faults TEXT NOT NULL,
  failure TEXT NOT NULL
);
