-- What stands in a patient's chart: visits, and what was measured, found, done, prescribed and given.

CREATE TABLE visits (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  appointment_id TEXT COLLATE "C",
  patient_id TEXT COLLATE "C" NOT NULL,
  client_id TEXT COLLATE "C",
  attending_id TEXT COLLATE "C",
  team_ids TEXT NOT NULL,
  class TEXT NOT NULL,
  status TEXT NOT NULL,
  triage TEXT,
  starts_at BIGINT NOT NULL,
  checked_in_at BIGINT,
  checked_out_at BIGINT,
  chief_complaint TEXT,
  soap TEXT,
  disposition TEXT,
  follow_up_due TEXT COLLATE "C",
  signed_by_id TEXT COLLATE "C",
  signed_at BIGINT,
  addenda TEXT NOT NULL,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX visits_by_appointment ON visits (clinic_id, appointment_id, id);
CREATE INDEX visits_by_patient ON visits (clinic_id, patient_id, id);
CREATE INDEX visits_by_client ON visits (clinic_id, client_id, id);
CREATE INDEX visits_by_attending ON visits (clinic_id, attending_id, id);
CREATE INDEX visits_by_starts_at ON visits (clinic_id, starts_at, id);
CREATE INDEX visits_by_updated_at ON visits (clinic_id, updated_at, id);

CREATE TABLE vitals (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  patient_id TEXT COLLATE "C" NOT NULL,
  visit_id TEXT COLLATE "C",
  taken_at BIGINT NOT NULL,
  taken_by_id TEXT COLLATE "C",
  weight_kg TEXT,
  temp_c TEXT,
  heart_rate BIGINT,
  resp_rate BIGINT,
  mm_color TEXT,
  crt_s TEXT,
  bcs BIGINT,
  mcs TEXT,
  pain_score BIGINT,
  pain_scale TEXT,
  bp TEXT,
  spo2 TEXT,
  hydration_pct TEXT,
  mentation TEXT,
  notes TEXT,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX vitals_by_patient ON vitals (clinic_id, patient_id, id);
CREATE INDEX vitals_by_visit ON vitals (clinic_id, visit_id, id);
CREATE INDEX vitals_by_taken_at ON vitals (clinic_id, taken_at, id);
CREATE INDEX vitals_by_updated_at ON vitals (clinic_id, updated_at, id);

CREATE TABLE diagnoses (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  patient_id TEXT COLLATE "C" NOT NULL,
  visit_id TEXT COLLATE "C",
  text TEXT NOT NULL,
  codes TEXT NOT NULL,
  certainty TEXT NOT NULL,
  status TEXT NOT NULL,
  diagnosed_on TEXT COLLATE "C" NOT NULL,
  diagnosed_by_id TEXT COLLATE "C",
  onset TEXT COLLATE "C",
  resolved_on TEXT COLLATE "C",
  laterality TEXT,
  severity TEXT,
  notes TEXT,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX diagnoses_by_patient ON diagnoses (clinic_id, patient_id, id);
CREATE INDEX diagnoses_by_visit ON diagnoses (clinic_id, visit_id, id);
CREATE INDEX diagnoses_by_diagnosed_on ON diagnoses (clinic_id, diagnosed_on, id);
CREATE INDEX diagnoses_by_updated_at ON diagnoses (clinic_id, updated_at, id);

CREATE TABLE treatments (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  patient_id TEXT COLLATE "C" NOT NULL,
  visit_id TEXT COLLATE "C",
  product_id TEXT COLLATE "C",
  description TEXT NOT NULL,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  ordered_at BIGINT NOT NULL,
  ordered_by_id TEXT COLLATE "C",
  scheduled_at BIGINT,
  performed_at BIGINT,
  performed_by_id TEXT COLLATE "C",
  asa BIGINT,
  asa_emergency BIGINT NOT NULL,
  consent_id TEXT COLLATE "C",
  declined_reason TEXT,
  outcome TEXT,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX treatments_by_patient ON treatments (clinic_id, patient_id, id);
CREATE INDEX treatments_by_visit ON treatments (clinic_id, visit_id, id);
CREATE INDEX treatments_by_product ON treatments (clinic_id, product_id, id);
CREATE INDEX treatments_by_ordered_at ON treatments (clinic_id, ordered_at, id);
CREATE INDEX treatments_by_updated_at ON treatments (clinic_id, updated_at, id);

CREATE TABLE prescriptions (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  patient_id TEXT COLLATE "C" NOT NULL,
  visit_id TEXT COLLATE "C",
  product_id TEXT COLLATE "C",
  drug TEXT NOT NULL,
  strength TEXT,
  form TEXT,
  dose TEXT,
  route TEXT,
  frequency TEXT,
  duration_days BIGINT,
  directions TEXT,
  quantity TEXT NOT NULL,
  unit TEXT NOT NULL,
  refills BIGINT NOT NULL,
  refills_left BIGINT,
  schedule TEXT NOT NULL,
  status TEXT NOT NULL,
  fulfillment TEXT NOT NULL,
  prescriber_id TEXT COLLATE "C",
  prescribed_on TEXT COLLATE "C" NOT NULL,
  expires_on TEXT COLLATE "C",
  lot TEXT,
  lot_expires_on TEXT COLLATE "C",
  withdrawal_days BIGINT,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX prescriptions_by_patient ON prescriptions (clinic_id, patient_id, id);
CREATE INDEX prescriptions_by_visit ON prescriptions (clinic_id, visit_id, id);
CREATE INDEX prescriptions_by_product ON prescriptions (clinic_id, product_id, id);
CREATE INDEX prescriptions_by_prescriber ON prescriptions (clinic_id, prescriber_id, id);
CREATE INDEX prescriptions_by_prescribed_on ON prescriptions (clinic_id, prescribed_on, id);
CREATE INDEX prescriptions_by_updated_at ON prescriptions (clinic_id, updated_at, id);

CREATE TABLE vaccinations (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  patient_id TEXT COLLATE "C" NOT NULL,
  visit_id TEXT COLLATE "C",
  product_id TEXT COLLATE "C",
  vaccine TEXT,
  antigens TEXT NOT NULL,
  category TEXT,
  manufacturer TEXT,
  lot TEXT,
  expires_on TEXT COLLATE "C",
  site TEXT,
  dose_no BIGINT,
  given_at BIGINT NOT NULL,
  given_by_id TEXT COLLATE "C",
  validity_years BIGINT,
  due_on TEXT COLLATE "C",
  certificate_no TEXT,
  reaction TEXT NOT NULL,
  given_elsewhere BIGINT NOT NULL,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX vaccinations_by_patient ON vaccinations (clinic_id, patient_id, id);
CREATE INDEX vaccinations_by_visit ON vaccinations (clinic_id, visit_id, id);
CREATE INDEX vaccinations_by_product ON vaccinations (clinic_id, product_id, id);
CREATE INDEX vaccinations_by_given_at ON vaccinations (clinic_id, given_at, id);
CREATE INDEX vaccinations_by_updated_at ON vaccinations (clinic_id, updated_at, id);

CREATE TABLE lab_orders (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  patient_id TEXT COLLATE "C" NOT NULL,
  visit_id TEXT COLLATE "C",
  product_id TEXT COLLATE "C",
  status TEXT NOT NULL,
  lab TEXT NOT NULL,
  lab_name TEXT,
  panel TEXT NOT NULL,
  panel_codes TEXT NOT NULL,
  specimen TEXT,
  priority TEXT NOT NULL,
  ordered_at BIGINT NOT NULL,
  ordered_by_id TEXT COLLATE "C",
  collected_at BIGINT,
  collected_by_id TEXT COLLATE "C",
  accession_no TEXT COLLATE "C",
  notes TEXT,
  rejected_reason TEXT,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX lab_orders_by_patient ON lab_orders (clinic_id, patient_id, id);
CREATE INDEX lab_orders_by_visit ON lab_orders (clinic_id, visit_id, id);
CREATE INDEX lab_orders_by_accession_no ON lab_orders (clinic_id, accession_no, id);
CREATE INDEX lab_orders_by_ordered_at ON lab_orders (clinic_id, ordered_at, id);
CREATE INDEX lab_orders_by_updated_at ON lab_orders (clinic_id, updated_at, id);

CREATE TABLE lab_results (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  patient_id TEXT COLLATE "C" NOT NULL,
  visit_id TEXT COLLATE "C",
  lab_order_id TEXT COLLATE "C",
  status TEXT NOT NULL,
  panel TEXT NOT NULL,
  panel_codes TEXT NOT NULL,
  analytes TEXT NOT NULL,
  interpretation TEXT,
  reported_at BIGINT NOT NULL,
  reviewed_by_id TEXT COLLATE "C",
  reviewed_at BIGINT,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX lab_results_by_patient ON lab_results (clinic_id, patient_id, id);
CREATE INDEX lab_results_by_visit ON lab_results (clinic_id, visit_id, id);
CREATE INDEX lab_results_by_lab_order ON lab_results (clinic_id, lab_order_id, id);
CREATE INDEX lab_results_by_reported_at ON lab_results (clinic_id, reported_at, id);
CREATE INDEX lab_results_by_updated_at ON lab_results (clinic_id, updated_at, id);

CREATE TABLE imaging_studies (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  patient_id TEXT COLLATE "C" NOT NULL,
  visit_id TEXT COLLATE "C",
  product_id TEXT COLLATE "C",
  modality TEXT NOT NULL,
  region TEXT,
  performed_at BIGINT NOT NULL,
  performed_by_id TEXT COLLATE "C",
  dicom_uid TEXT COLLATE "C",
  image_count BIGINT,
  report TEXT,
  reported_by_id TEXT COLLATE "C",
  reported_at BIGINT,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX imaging_studies_by_patient ON imaging_studies (clinic_id, patient_id, id);
CREATE INDEX imaging_studies_by_visit ON imaging_studies (clinic_id, visit_id, id);
CREATE INDEX imaging_studies_by_dicom_uid ON imaging_studies (clinic_id, dicom_uid, id);
CREATE INDEX imaging_studies_by_performed_at ON imaging_studies (clinic_id, performed_at, id);
CREATE INDEX imaging_studies_by_updated_at ON imaging_studies (clinic_id, updated_at, id);
