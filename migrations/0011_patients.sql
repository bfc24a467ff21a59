-- Patients, and whose they are. client_id is the current primary owner: it follows from the
-- ownerships, and stands here so that an index finds a client's patients.

CREATE TABLE patients (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  species TEXT NOT NULL,
  breed TEXT,
  breed_codes TEXT NOT NULL,
  color TEXT,
  markings TEXT,
  sex TEXT NOT NULL,
  reproductive_status TEXT NOT NULL,
  birth_date TEXT COLLATE "C",
  birth_date_precision TEXT,
  microchips TEXT NOT NULL,
  rabies_tag TEXT,
  tattoo TEXT,
  status TEXT NOT NULL,
  deceased_at BIGINT,
  death_cause TEXT,
  client_id TEXT COLLATE "C",
  weight_kg TEXT,
  diet TEXT,
  blood_type TEXT,
  alerts TEXT NOT NULL,
  allergies TEXT NOT NULL,
  insurance TEXT NOT NULL,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX patients_by_client ON patients (clinic_id, client_id, id);
CREATE INDEX patients_by_name ON patients (clinic_id, name, id);
CREATE INDEX patients_by_updated_at ON patients (clinic_id, updated_at, id);

-- From from_day on, until to_day; both may be unknown, and without to_day it goes on.
CREATE TABLE patient_ownerships (
  clinic_id TEXT COLLATE "C" NOT NULL,
  patient_id TEXT COLLATE "C" NOT NULL,
  position BIGINT NOT NULL,
  client_id TEXT COLLATE "C" NOT NULL,
  role TEXT NOT NULL,
  from_day TEXT COLLATE "C",
  to_day TEXT COLLATE "C",
  PRIMARY KEY (clinic_id, patient_id, position)
) CLUSTERED;

CREATE INDEX patient_ownerships_by_client ON patient_ownerships (clinic_id, client_id, patient_id);
