-- Who was invented for the demonstration, so that all of it can be removed by one command.

CREATE TABLE demo_subject (
  subject BIGINT PRIMARY KEY
);
