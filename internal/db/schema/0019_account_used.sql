-- When somebody last signed in: an account that nobody has used for long can fall due (5.1).

ALTER TABLE account ADD COLUMN used_at BIGINT NOT NULL DEFAULT 0;

UPDATE account SET used_at = confirmed_at;

CREATE INDEX account_used ON account (used_at);
