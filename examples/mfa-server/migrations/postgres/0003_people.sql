-- A user has up to ten confirmed authenticators, and one that waits for its first code.
ALTER TABLE otp_authenticators DROP CONSTRAINT otp_authenticators_user_id_active_key;
ALTER TABLE otp_authenticators ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0; -- 0 if the enrolment is older
CREATE INDEX otp_authenticators_by_user ON otp_authenticators (user_id);
CREATE UNIQUE INDEX otp_authenticators_pending ON otp_authenticators (user_id) WHERE active = 0;

ALTER TABLE recovery_codes ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0;

-- An operator blocks a user, and makes void what was issued before `valid_from`.
ALTER TABLE users ADD COLUMN blocked BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN valid_from BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN last_login BIGINT NOT NULL DEFAULT 0;
CREATE INDEX mfa_tokens_by_user ON mfa_tokens (user_id);

-- A login may begin while its user is deleted. SQLite has one writer at a time, and needs none of this.
ALTER TABLE otp_authenticators DROP CONSTRAINT otp_authenticators_user_id_fkey,
  ADD FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
ALTER TABLE recovery_codes DROP CONSTRAINT recovery_codes_user_id_fkey,
  ADD FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
ALTER TABLE mfa_tokens DROP CONSTRAINT mfa_tokens_user_id_fkey,
  ADD FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
