-- Courses. Nothing here is about a person. words and body are JSON objects by language: {"kk": {"title": …, "summary": …}}, {"kk": Markdown}.

CREATE TABLE course (
  slug TEXT PRIMARY KEY,
  demo BIGINT NOT NULL,
  hours BIGINT NOT NULL,
  words TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE INDEX course_created ON course (created_at, slug);
