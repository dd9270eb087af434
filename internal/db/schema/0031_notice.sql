-- What people are told (4.1.6): their inbox, and what of it is still to be mailed. sealed is a JSON object under its reader's key: which words, with which
-- arguments, and where they lead. mail is how it is mailed (0 not, 1 at once, 2 in the digest), mail_at when, 0 once nothing is left to be mailed; while a
-- letter is being sent its rows are claimed until claimed.

CREATE TABLE notice (
  id BIGINT PRIMARY KEY,
  subject BIGINT NOT NULL,
  kind BIGINT NOT NULL,
  at BIGINT NOT NULL,
  read_at BIGINT NOT NULL,
  dropped_at BIGINT NOT NULL,
  mail BIGINT NOT NULL,
  mail_at BIGINT NOT NULL,
  claimed BIGINT NOT NULL,
  sealed BYTEA NOT NULL
);

CREATE INDEX notice_inbox ON notice (subject, at, id);

CREATE INDEX notice_unread ON notice (subject) WHERE read_at = 0 AND dropped_at = 0;

CREATE INDEX notice_due ON notice (subject, mail, mail_at) WHERE mail_at > 0;

CREATE INDEX notice_read ON notice (read_at) WHERE read_at > 0;

CREATE INDEX notice_dropped ON notice (dropped_at) WHERE dropped_at > 0;

-- How each wants to be told, by kind; no row is as the kind has it by itself.

CREATE TABLE notice_choice (
  subject BIGINT NOT NULL,
  kind BIGINT NOT NULL,
  mail BIGINT NOT NULL,
  PRIMARY KEY (subject, kind)
); -- by key

-- At which minute of the day the digest goes out, and between which nothing is mailed that can wait, by the clocks of Kazakhstan.

CREATE TABLE notice_hours (
  subject BIGINT PRIMARY KEY,
  digest BIGINT NOT NULL,
  quiet_from BIGINT NOT NULL,
  quiet_until BIGINT NOT NULL
); -- by key
