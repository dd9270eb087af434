-- What became of a package that a course was last taken over from. kind is what the package was; body is JSON, a line for each thing in it.

CREATE TABLE course_report (
  course TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  made_by BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  body TEXT NOT NULL
);
