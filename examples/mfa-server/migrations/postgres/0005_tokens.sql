-- The keys that sign tokens, in their order: the last ones, the one that signs, and the next one.
CREATE TABLE signing_keys (
  number       BIGINT NOT NULL PRIMARY KEY,
  pkcs8        BYTEA NOT NULL, -- sealed
  published_at BIGINT NOT NULL,
  signs_from   BIGINT          -- NULL: the next one, which is published only
);

-- The keys that recovery codes are hashed under. Sets of codes name theirs; new sets take the last one.
CREATE TABLE peppers (
  key_id  BIGINT NOT NULL PRIMARY KEY,
  pepper  BYTEA NOT NULL, -- sealed
  made_at BIGINT NOT NULL
);

-- Refresh tokens. Those that follow from one login are one family: each is exchanged for the next one.
CREATE TABLE refresh_tokens (
  hash       BYTEA NOT NULL PRIMARY KEY, -- SHA-256
  family     TEXT   NOT NULL,
  user_id    TEXT   NOT NULL REFERENCES users (id),
  client_id  TEXT   NOT NULL,
  audience   TEXT   NOT NULL,
  scope      TEXT   NOT NULL,
  amr        TEXT   NOT NULL, -- how the user was authenticated, with spaces between
  idle_until BIGINT NOT NULL,
  ends_at    BIGINT NOT NULL, -- of the family
  used       BIGINT NOT NULL
);
CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family);
CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id);
CREATE INDEX refresh_tokens_by_end ON refresh_tokens (ends_at);

-- Whether the user has shown that mail to the address arrives.
ALTER TABLE users ADD COLUMN email_verified BIGINT NOT NULL DEFAULT 0;
