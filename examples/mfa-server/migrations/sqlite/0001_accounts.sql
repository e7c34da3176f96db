CREATE TABLE users (
  id            TEXT   NOT NULL PRIMARY KEY,
  email         TEXT   NOT NULL UNIQUE,
  password_hash TEXT   NOT NULL,
  created_at    BIGINT NOT NULL
);

-- One that is confirmed (active = 1) and one that is about to be, for each user.
CREATE TABLE otp_authenticators (
  id      TEXT   NOT NULL PRIMARY KEY,
  user_id TEXT   NOT NULL REFERENCES users (id),
  active  BIGINT NOT NULL,
  secret  BLOB   NOT NULL, -- sealed
  state   BLOB   NOT NULL, -- VerifierState::to_bytes
  UNIQUE (user_id, active)
);

CREATE TABLE recovery_codes (
  id      TEXT   NOT NULL PRIMARY KEY,
  user_id TEXT   NOT NULL REFERENCES users (id),
  active  BIGINT NOT NULL,
  codes   BLOB   NOT NULL, -- RecoverySet::write_bytes
  state   BLOB   NOT NULL, -- VerifierState::to_bytes, for the throttle
  UNIQUE (user_id, active)
);

CREATE TABLE mfa_tokens (
  hash       BLOB   NOT NULL PRIMARY KEY, -- SHA-256
  user_id    TEXT   NOT NULL REFERENCES users (id),
  client_id  TEXT   NOT NULL,
  audience   TEXT   NOT NULL,
  scope      TEXT   NOT NULL,
  expires_at BIGINT NOT NULL,
  spent      BIGINT NOT NULL
);
CREATE INDEX mfa_tokens_by_expiry ON mfa_tokens (expires_at);

-- One row each: what tells a wrong master key, and the key that signs tokens, sealed.
CREATE TABLE server_keys (
  name  TEXT NOT NULL PRIMARY KEY,
  value BLOB NOT NULL
);
