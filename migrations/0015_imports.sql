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
  runs BIGINT NOT NULL,
  detail TEXT,
  files TEXT NOT NULL,
  preview TEXT NOT NULL,
  started_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  finished_at BIGINT,
  version BIGINT NOT NULL,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX imports_by_update ON imports (clinic_id, updated_at, id);
CREATE INDEX imports_by_digest ON imports (clinic_id, digest, state);

-- Files that were sent along, in parts. They go when the import ends.
CREATE TABLE import_files (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  import_id TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  part BIGINT NOT NULL,
  size BIGINT NOT NULL,
  content BYTES NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE UNIQUE INDEX import_files_one_per_part ON import_files (clinic_id, import_id, name, part);

-- Records that were not imported, as they stood, and why.
CREATE TABLE import_rejects (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  import_id TEXT COLLATE "C" NOT NULL,
  run BIGINT NOT NULL,
  file TEXT COLLATE "C" NOT NULL,
  line BIGINT NOT NULL,
  held_back BIGINT NOT NULL,
  faults TEXT NOT NULL,
  header TEXT NOT NULL,
  original TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE UNIQUE INDEX import_rejects_one_per_line ON import_rejects (clinic_id, import_id, run, file, line);
