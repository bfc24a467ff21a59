-- The last step of a user's codes that was accepted: none is accepted twice (RFC 6238, 5.2).
ALTER TABLE users ADD COLUMN totp_last_step BIGINT NOT NULL DEFAULT 0;

-- When the secret was made: one that is not confirmed in time counts for nothing.
ALTER TABLE users ADD COLUMN totp_begun_at BIGINT;

-- Codes for who lost the phone: a keyed hash of each that is left.
CREATE TABLE recovery_codes (
  clinic_id TEXT COLLATE "C" NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL,
  hash TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (clinic_id, user_id, hash)
) CLUSTERED;

-- What a change made of each field, in words: from what, to what.
ALTER TABLE connection_changes ADD COLUMN details TEXT NOT NULL DEFAULT '[]';

-- The connection whose key made a connection, so that both can be ended together.
ALTER TABLE connections ADD COLUMN made_by TEXT COLLATE "C";
CREATE INDEX connections_by_maker ON connections (clinic_id, made_by, id);
