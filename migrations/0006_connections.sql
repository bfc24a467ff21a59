-- What the gate decides from: who may do what at which clinic. A key is an integration from
-- its first day: it belongs to a private app and acts through one connection of one clinic.

CREATE TABLE apps (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  organization_id TEXT COLLATE "C" NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL
) CLUSTERED;

CREATE TABLE connections (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  app_id TEXT COLLATE "C" NOT NULL,
  name TEXT NOT NULL,
  purpose TEXT NOT NULL,
  reason TEXT NOT NULL,
  state TEXT NOT NULL,
  state_reason TEXT,
  scopes TEXT NOT NULL,
  opt_ins TEXT NOT NULL,
  excluded_operations TEXT NOT NULL,
  writes_enabled BIGINT NOT NULL,
  limits TEXT NOT NULL,
  pinned_version TEXT NOT NULL,
  catalogue_version TEXT NOT NULL,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX connections_by_update ON connections (clinic_id, updated_at, id);

CREATE TABLE opt_ins (
  clinic_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  category TEXT COLLATE "C" NOT NULL,
  purpose TEXT COLLATE "C" NOT NULL,
  expires_at BIGINT,
  text_shown TEXT NOT NULL,
  granted_by TEXT NOT NULL,
  granted_at BIGINT NOT NULL,
  PRIMARY KEY (clinic_id, connection_id, category, purpose)
) CLUSTERED;

CREATE TABLE keys (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  name TEXT NOT NULL,
  hash TEXT COLLATE "C" NOT NULL,
  hint TEXT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE UNIQUE INDEX keys_by_hash ON keys (hash);
CREATE INDEX keys_by_connection ON keys (clinic_id, connection_id, id);
CREATE INDEX keys_by_update ON keys (clinic_id, updated_at, id);
