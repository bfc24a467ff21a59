-- Which record of a clinic an identifier of another system means. A tombstone keeps its own, so
-- that what was deleted here does not come back with the next import.

CREATE TABLE external_ids (
  clinic_id TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  system TEXT COLLATE "C" NOT NULL,
  value TEXT COLLATE "C" NOT NULL,
  record_id TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (clinic_id, kind, system, value)
) CLUSTERED;

-- Imports of whole files. Each writes its rows in batches whose idempotency keys name it, so one
-- that was cut off goes on where it was; `digest` tells what it reads from anything else.
CREATE TABLE imports (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  name TEXT NOT NULL,
  mapping TEXT,
  digest TEXT COLLATE "C" NOT NULL,
  dry_run BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  attempts BIGINT NOT NULL,
  detail TEXT,
  files TEXT NOT NULL,
  started_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  finished_at BIGINT,
  version BIGINT NOT NULL,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX imports_by_update ON imports (clinic_id, updated_at, id);
CREATE INDEX imports_by_digest ON imports (clinic_id, digest, state);
