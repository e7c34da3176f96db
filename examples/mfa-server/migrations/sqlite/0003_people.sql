-- A user has up to ten confirmed authenticators, and one that waits for its first code. SQLite cannot drop a
-- constraint, so the table is made anew.
CREATE TABLE several (
  id         TEXT   NOT NULL PRIMARY KEY,
  user_id    TEXT   NOT NULL REFERENCES users (id),
  active     BIGINT NOT NULL,
  secret     BLOB   NOT NULL, -- sealed
  state      BLOB   NOT NULL, -- VerifierState::to_bytes
  created_at BIGINT NOT NULL  -- 0 if the enrolment is older than this column
);
INSERT INTO several (id, user_id, active, secret, state, created_at)
  SELECT id, user_id, active, secret, state, 0 FROM otp_authenticators;
DROP TABLE otp_authenticators;
ALTER TABLE several RENAME TO otp_authenticators;
CREATE INDEX otp_authenticators_by_user ON otp_authenticators (user_id);
CREATE UNIQUE INDEX otp_authenticators_pending ON otp_authenticators (user_id) WHERE active = 0;

ALTER TABLE recovery_codes ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0;

-- An operator blocks a user, and makes void what was issued before `valid_from`.
ALTER TABLE users ADD COLUMN blocked BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN valid_from BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN last_login BIGINT NOT NULL DEFAULT 0;
CREATE INDEX mfa_tokens_by_user ON mfa_tokens (user_id);
