-- Pet owners. balance and credit are kept by whoever changes invoices and payments, in the
-- same transaction.

CREATE TABLE clients (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  given_name TEXT,
  family_name TEXT,
  organization_name TEXT,
  emails TEXT NOT NULL,
  phones TEXT NOT NULL,
  address TEXT,
  preferred_channel TEXT,
  language TEXT,
  account_status TEXT NOT NULL,
  referral_source TEXT,
  tags TEXT NOT NULL,
  marketing_opt_in BIGINT NOT NULL,
  balance BIGINT NOT NULL,
  credit BIGINT NOT NULL,
  currency TEXT NOT NULL,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX clients_by_updated_at ON clients (clinic_id, updated_at, id);
CREATE INDEX clients_by_family_name ON clients (clinic_id, family_name, id);
