-- Records of clinics that were exported, on their way in.

CREATE TABLE record_imports (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  digest TEXT COLLATE "C" NOT NULL,
  state TEXT NOT NULL,
  files TEXT NOT NULL,
  last_invoice_number BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;
