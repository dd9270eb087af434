-- The tables of terms and of days as the responsible person edited them; where a line was never edited the product's own stands.

CREATE TABLE clock_term (
  code TEXT PRIMARY KEY,
  n BIGINT NOT NULL,
  unit TEXT NOT NULL,
  basis TEXT NOT NULL,
  edition TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  changed_by BIGINT NOT NULL
);

CREATE TABLE clock_day (
  day TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  changed_by BIGINT NOT NULL
);
