-- Drafts of the policy, and each step by which they became what they are: what a step left of its part stands with it, so that the last one
-- can be taken back.

CREATE TABLE policy_draft (
  id BIGINT PRIMARY KEY,
  base BIGINT NOT NULL,
  state TEXT NOT NULL,
  steps BIGINT NOT NULL,
  edition BIGINT NOT NULL
);

CREATE TABLE policy_draft_step (
  draft BIGINT NOT NULL,
  n BIGINT NOT NULL,
  act TEXT NOT NULL,
  part TEXT NOT NULL,
  place TEXT NOT NULL,
  reason TEXT NOT NULL,
  made_by BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  undone_by BIGINT NOT NULL,
  body BYTEA,
  found BYTEA,
  PRIMARY KEY (draft, n)
); -- by key
