-- Wrong passwords. A row stands for an account, for an account at an address that its owner came from, for an address,
-- or for the sign-ups of an address. The key is a keyed hash, so that the table does not list who was tried.
CREATE TABLE guesses (
  key       BYTEA  NOT NULL PRIMARY KEY,
  state     BYTEA  NOT NULL, -- verifier::State::to_bytes, for the throttle
  forget_at BIGINT NOT NULL
);
CREATE INDEX guesses_by_end ON guesses (forget_at);
