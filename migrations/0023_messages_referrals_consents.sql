-- Messages, reminders, referral partners and cases, consents, and documents.

CREATE TABLE messages (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  currency TEXT NOT NULL,
  channel TEXT NOT NULL,
  direction TEXT NOT NULL,
  category TEXT NOT NULL,
  status TEXT NOT NULL,
  conversation TEXT COLLATE "C",
  reply_to_id TEXT COLLATE "C",
  provider TEXT,
  provider_ref TEXT COLLATE "C",
  error_code TEXT,
  segments BIGINT,
  cost BIGINT,
  sender TEXT,
  recipient TEXT,
  subject TEXT,
  body TEXT,
  template_id TEXT,
  attachment_ids TEXT NOT NULL,
  client_id TEXT COLLATE "C",
  patient_id TEXT COLLATE "C",
  visit_id TEXT COLLATE "C",
  invoice_id TEXT COLLATE "C",
  consent_id TEXT COLLATE "C",
  is_opt_out BIGINT NOT NULL,
  scheduled_for BIGINT,
  sent_at BIGINT,
  delivered_at BIGINT,
  read_at BIGINT,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX messages_by_client ON messages (clinic_id, client_id, id);
CREATE INDEX messages_by_patient ON messages (clinic_id, patient_id, id);
CREATE INDEX messages_by_visit ON messages (clinic_id, visit_id, id);
CREATE INDEX messages_by_conversation ON messages (clinic_id, conversation, id);
CREATE INDEX messages_by_provider_ref ON messages (clinic_id, provider_ref, id);
CREATE INDEX messages_by_updated_at ON messages (clinic_id, updated_at, id);

CREATE TABLE reminders (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  kind TEXT NOT NULL,
  due_on TEXT COLLATE "C" NOT NULL,
  status TEXT NOT NULL,
  suppressed_reason TEXT,
  client_id TEXT COLLATE "C",
  patient_id TEXT COLLATE "C",
  product_id TEXT COLLATE "C",
  appointment_id TEXT COLLATE "C",
  text TEXT,
  channel_plan TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  last_attempt_at BIGINT,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX reminders_by_client ON reminders (clinic_id, client_id, id);
CREATE INDEX reminders_by_patient ON reminders (clinic_id, patient_id, id);
CREATE INDEX reminders_by_due_on ON reminders (clinic_id, due_on, id);
CREATE INDEX reminders_by_updated_at ON reminders (clinic_id, updated_at, id);

CREATE TABLE referral_partners (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  practice TEXT COLLATE "C" NOT NULL,
  vets TEXT NOT NULL,
  email TEXT,
  phone TEXT,
  address TEXT,
  portal_access TEXT NOT NULL,
  permissions TEXT NOT NULL,
  active BIGINT NOT NULL,
  notes_internal TEXT,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX referral_partners_by_practice ON referral_partners (clinic_id, practice, id);
CREATE INDEX referral_partners_by_updated_at ON referral_partners (clinic_id, updated_at, id);

CREATE TABLE referrals (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  direction TEXT NOT NULL,
  partner_id TEXT COLLATE "C",
  referring_vet TEXT,
  client_id TEXT COLLATE "C",
  patient_id TEXT COLLATE "C",
  referred_on TEXT COLLATE "C" NOT NULL,
  service TEXT NOT NULL,
  urgency TEXT NOT NULL,
  status TEXT NOT NULL,
  stage TEXT NOT NULL,
  reason TEXT,
  question TEXT,
  estimate_range TEXT,
  shares TEXT NOT NULL,
  updates TEXT NOT NULL,
  records_awaiting_review BIGINT NOT NULL,
  appointment_id TEXT COLLATE "C",
  report_document_id TEXT COLLATE "C",
  declined_reason TEXT,
  outcome TEXT,
  completed_at BIGINT,
  notes_internal TEXT,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX referrals_by_client ON referrals (clinic_id, client_id, id);
CREATE INDEX referrals_by_patient ON referrals (clinic_id, patient_id, id);
CREATE INDEX referrals_by_partner ON referrals (clinic_id, partner_id, id);
CREATE INDEX referrals_by_referred_on ON referrals (clinic_id, referred_on, id);
CREATE INDEX referrals_by_updated_at ON referrals (clinic_id, updated_at, id);

CREATE TABLE consents (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  subject TEXT NOT NULL,
  client_id TEXT COLLATE "C" NOT NULL,
  patient_id TEXT COLLATE "C",
  category TEXT NOT NULL,
  decision TEXT NOT NULL,
  purposes TEXT NOT NULL,
  data_categories TEXT NOT NULL,
  recipients TEXT NOT NULL,
  valid_from BIGINT,
  valid_until BIGINT,
  status TEXT NOT NULL,
  method TEXT NOT NULL,
  evidence_document_id TEXT COLLATE "C",
  policy_version TEXT,
  captured_by TEXT COLLATE "C",
  decided_at BIGINT,
  withdrawn_at BIGINT,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX consents_by_client ON consents (clinic_id, client_id, id);
CREATE INDEX consents_by_patient ON consents (clinic_id, patient_id, id);
CREATE INDEX consents_by_updated_at ON consents (clinic_id, updated_at, id);

CREATE TABLE documents (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  mime TEXT NOT NULL,
  bytes BIGINT,
  sha256 TEXT,
  has_content BIGINT NOT NULL,
  status TEXT NOT NULL,
  sensitivity TEXT NOT NULL,
  retention_until TEXT COLLATE "C",
  client_id TEXT COLLATE "C",
  patient_id TEXT COLLATE "C",
  visit_id TEXT COLLATE "C",
  superseded_by_id TEXT COLLATE "C",
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX documents_by_client ON documents (clinic_id, client_id, id);
CREATE INDEX documents_by_patient ON documents (clinic_id, patient_id, id);
CREATE INDEX documents_by_visit ON documents (clinic_id, visit_id, id);
CREATE INDEX documents_by_updated_at ON documents (clinic_id, updated_at, id);

-- The bytes of documents. They are a row of their own, so that no list reads them.
CREATE TABLE document_contents (
  clinic_id TEXT COLLATE "C" NOT NULL,
  document_id TEXT COLLATE "C" NOT NULL,
  content BYTES NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (clinic_id, document_id)
) CLUSTERED;
