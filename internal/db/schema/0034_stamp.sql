-- How often something was changed that is read often and changes seldom: "courses" for courses and their files. Whoever remembers what they read asks
-- for it first.

CREATE TABLE stamp (
  name TEXT PRIMARY KEY,
  n BIGINT NOT NULL
); -- by key
