-- Who runs clinics, and the clinics: the tenants of all other data.

CREATE TABLE organizations (
  id TEXT COLLATE "C" NOT NULL,
  name TEXT NOT NULL,
  legal_name TEXT,
  type TEXT NOT NULL,
  default_currency TEXT NOT NULL,
  country TEXT,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (id)
) CLUSTERED;

CREATE INDEX organizations_by_updated_at ON organizations (updated_at, id);

CREATE TABLE clinics (
  id TEXT COLLATE "C" NOT NULL,
  organization_id TEXT COLLATE "C" NOT NULL,
  name TEXT NOT NULL,
  code TEXT,
  type TEXT NOT NULL,
  status TEXT NOT NULL,
  address TEXT,
  phone TEXT,
  email TEXT,
  timezone TEXT NOT NULL,
  currency TEXT NOT NULL,
  tax_ids TEXT NOT NULL,
  hours TEXT NOT NULL,
  rooms TEXT NOT NULL,
  departments TEXT NOT NULL,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (id)
) CLUSTERED;

CREATE INDEX clinics_by_organization ON clinics (organization_id, id);
CREATE INDEX clinics_by_updated_at ON clinics (updated_at, id);
