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
