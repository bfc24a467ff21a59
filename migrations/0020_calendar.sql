-- What appointments are made for, and appointments.

CREATE TABLE appointment_types (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  kind TEXT NOT NULL,
  minutes BIGINT NOT NULL,
  species TEXT NOT NULL,
  deposit_rule TEXT,
  color TEXT,
  active BIGINT NOT NULL,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX appointment_types_by_name ON appointment_types (clinic_id, name, id);
CREATE INDEX appointment_types_by_updated_at ON appointment_types (clinic_id, updated_at, id);

CREATE TABLE staff (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  given_name TEXT NOT NULL,
  family_name TEXT COLLATE "C" NOT NULL,
  credentials TEXT,
  role TEXT NOT NULL,
  access_role TEXT,
  access_level TEXT NOT NULL,
  employment TEXT NOT NULL,
  fte TEXT,
  email TEXT,
  phone TEXT,
  licenses TEXT NOT NULL,
  production_pct TEXT,
  hired_on TEXT COLLATE "C",
  ended_on TEXT COLLATE "C",
  status TEXT NOT NULL,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX staff_by_family_name ON staff (clinic_id, family_name, id);
CREATE INDEX staff_by_updated_at ON staff (clinic_id, updated_at, id);

CREATE TABLE appointments (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  type_id TEXT COLLATE "C",
  client_id TEXT COLLATE "C",
  patient_ids TEXT NOT NULL,
  provider_id TEXT COLLATE "C",
  room TEXT,
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  status TEXT NOT NULL,
  channel TEXT,
  reason TEXT,
  reason_codes TEXT NOT NULL,
  deposit TEXT,
  cancellation TEXT,
  recurrence TEXT,
  replaces_id TEXT COLLATE "C",
  is_telehealth BIGINT NOT NULL,
  notes_internal TEXT,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX appointments_by_client ON appointments (clinic_id, client_id, id);
CREATE INDEX appointments_by_provider ON appointments (clinic_id, provider_id, id);
CREATE INDEX appointments_by_starts_at ON appointments (clinic_id, starts_at, id);
CREATE INDEX appointments_by_updated_at ON appointments (clinic_id, updated_at, id);
