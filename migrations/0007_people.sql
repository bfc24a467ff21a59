-- People who sign in, their sessions, and what they did to connections.

CREATE TABLE users (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  -- As entered, and as it is compared: in lower case.
  email TEXT NOT NULL,
  email_key TEXT COLLATE "C" NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  state TEXT NOT NULL,
  -- Argon2id, in the PHC string format.
  password_hash TEXT,
  -- The secret of the second factor, sealed; it counts once it is confirmed.
  totp_sealed BYTES,
  totp_confirmed_at BIGINT,
  -- The one invitation that is open: a keyed hash of its token.
  invitation_hash TEXT COLLATE "C",
  invitation_expires_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE UNIQUE INDEX users_by_email ON users (email_key);
CREATE UNIQUE INDEX users_by_invitation ON users (invitation_hash);
CREATE INDEX users_by_update ON users (clinic_id, updated_at, id);

CREATE TABLE sessions (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL,
  hash TEXT COLLATE "C" NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE UNIQUE INDEX sessions_by_hash ON sessions (hash);
CREATE INDEX sessions_by_user ON sessions (clinic_id, user_id, id);

-- What was changed about a connection, by whom and why. Appended only.
CREATE TABLE connection_changes (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  -- The version of the connection that the change made.
  connection_version BIGINT NOT NULL,
  what TEXT NOT NULL,
  changed TEXT NOT NULL,
  reason TEXT,
  actor TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX connection_changes_by_connection ON connection_changes (clinic_id, connection_id, id);

-- Who runs the program behind a connection, in the words of whoever made it.
ALTER TABLE connections ADD COLUMN run_by TEXT;

-- When a pause ends by itself.
ALTER TABLE connections ADD COLUMN paused_until BIGINT;

-- The clinic's emergency switch: nothing may write while it is set.
ALTER TABLE clinics ADD COLUMN writes_stopped_at BIGINT;
ALTER TABLE clinics ADD COLUMN writes_stopped_reason TEXT;
ALTER TABLE clinics ADD COLUMN writes_stopped_by TEXT;

-- What each connection called and read, by hour: sums over the segments that postings cover.
-- `hour` counts from 1970, 0 is all of time; `category` is a bit of data categories, -1 is all.
CREATE TABLE audit_usage (
  clinic_id BYTES NOT NULL,
  category BIGINT NOT NULL,
  hour BIGINT NOT NULL,
  connection_id BYTES NOT NULL,
  calls BIGINT NOT NULL,
  refused BIGINT NOT NULL,
  records BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (clinic_id, category, hour, connection_id)
) CLUSTERED;

CREATE INDEX audit_usage_by_connection ON audit_usage (clinic_id, connection_id, hour);
