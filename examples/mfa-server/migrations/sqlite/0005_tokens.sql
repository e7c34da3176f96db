-- The keys that sign tokens, in their order: the last ones, the one that signs, and the next one.
CREATE TABLE signing_keys (
  number       BIGINT NOT NULL PRIMARY KEY,
  pkcs8        BLOB NOT NULL, -- sealed
  published_at BIGINT NOT NULL,
  signs_from   BIGINT          -- NULL: the next one, which is published only
);

-- The keys that recovery codes are hashed under. Sets of codes name theirs; new sets take the last one.
CREATE TABLE peppers (
  key_id  BIGINT NOT NULL PRIMARY KEY,
  pepper  BLOB NOT NULL, -- sealed
  made_at BIGINT NOT NULL
);

-- Refresh tokens, one row for all that follow from one login. A token has two parts: the family, which all of them
-- share, and one that each refresh replaces.
CREATE TABLE refresh_tokens (
  family     BLOB   NOT NULL PRIMARY KEY, -- SHA-256 of the first part
  present    BLOB   NOT NULL, -- SHA-256 of the second part that is good now
  user_id    TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  client_id  TEXT   NOT NULL,
  audience   TEXT   NOT NULL,
  scope      TEXT   NOT NULL,
  amr        TEXT   NOT NULL, -- how the user was authenticated, with spaces between
  idle_until BIGINT NOT NULL,
  ends_at    BIGINT NOT NULL
);
CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id);
CREATE INDEX refresh_tokens_by_end ON refresh_tokens (ends_at);

-- Whether the user has shown that mail to the address arrives.
ALTER TABLE users ADD COLUMN email_verified BIGINT NOT NULL DEFAULT 0;
