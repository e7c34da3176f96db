-- What /readyz counts in, to know that the database takes what is written.
CREATE TABLE readiness (
  id      BIGINT NOT NULL PRIMARY KEY,
  written BIGINT NOT NULL
);
INSERT INTO readiness (id, written) VALUES (1, 0);
