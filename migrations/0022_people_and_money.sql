-- When people work and can be booked, estimates, stock, and the clinic's books.

CREATE TABLE shifts (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  staff_id TEXT COLLATE "C",
  currency TEXT NOT NULL,
  department TEXT,
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  break_minutes BIGINT NOT NULL,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  actual_start_at BIGINT,
  actual_end_at BIGINT,
  rate BIGINT,
  replaces_id TEXT COLLATE "C",
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX shifts_by_staff ON shifts (clinic_id, staff_id, id);
CREATE INDEX shifts_by_starts_at ON shifts (clinic_id, starts_at, id);
CREATE INDEX shifts_by_updated_at ON shifts (clinic_id, updated_at, id);

CREATE TABLE availability (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  staff_id TEXT COLLATE "C",
  room TEXT,
  kind TEXT NOT NULL,
  block_reason TEXT,
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  rrule TEXT,
  types_allowed TEXT NOT NULL,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX availability_by_staff ON availability (clinic_id, staff_id, id);
CREATE INDEX availability_by_starts_at ON availability (clinic_id, starts_at, id);
CREATE INDEX availability_by_updated_at ON availability (clinic_id, updated_at, id);

CREATE TABLE time_off (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  staff_id TEXT COLLATE "C" NOT NULL,
  kind TEXT NOT NULL,
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  status TEXT NOT NULL,
  reason TEXT,
  decided_by_id TEXT COLLATE "C",
  decided_at BIGINT,
  decision_note TEXT,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX time_off_by_staff ON time_off (clinic_id, staff_id, id);
CREATE INDEX time_off_by_starts_at ON time_off (clinic_id, starts_at, id);
CREATE INDEX time_off_by_updated_at ON time_off (clinic_id, updated_at, id);

CREATE TABLE estimates (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  client_id TEXT COLLATE "C" NOT NULL,
  currency TEXT NOT NULL,
  patient_id TEXT COLLATE "C",
  visit_id TEXT COLLATE "C",
  provider_id TEXT COLLATE "C",
  title TEXT,
  issued_on TEXT COLLATE "C" NOT NULL,
  expires_on TEXT COLLATE "C",
  status TEXT NOT NULL,
  lines TEXT NOT NULL,
  subtotal BIGINT NOT NULL,
  discount BIGINT NOT NULL,
  tax BIGINT NOT NULL,
  total BIGINT NOT NULL,
  low BIGINT NOT NULL,
  high BIGINT NOT NULL,
  accepted_total BIGINT NOT NULL,
  sent_at BIGINT,
  answered_at BIGINT,
  invoice_id TEXT COLLATE "C",
  notes_internal TEXT,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX estimates_by_client ON estimates (clinic_id, client_id, id);
CREATE INDEX estimates_by_patient ON estimates (clinic_id, patient_id, id);
CREATE INDEX estimates_by_visit ON estimates (clinic_id, visit_id, id);
CREATE INDEX estimates_by_invoice ON estimates (clinic_id, invoice_id, id);
CREATE INDEX estimates_by_issued_on ON estimates (clinic_id, issued_on, id);
CREATE INDEX estimates_by_updated_at ON estimates (clinic_id, updated_at, id);

CREATE TABLE stock_movements (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  product_id TEXT COLLATE "C" NOT NULL,
  currency TEXT NOT NULL,
  kind TEXT NOT NULL,
  quantity TEXT NOT NULL,
  lot TEXT,
  unit_cost BIGINT,
  location TEXT,
  moved_at BIGINT NOT NULL,
  staff_id TEXT COLLATE "C",
  invoice_id TEXT COLLATE "C",
  note TEXT,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX stock_movements_by_product ON stock_movements (clinic_id, product_id, id);
CREATE INDEX stock_movements_by_invoice ON stock_movements (clinic_id, invoice_id, id);
CREATE INDEX stock_movements_by_moved_at ON stock_movements (clinic_id, moved_at, id);
CREATE INDEX stock_movements_by_updated_at ON stock_movements (clinic_id, updated_at, id);

CREATE TABLE payouts (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  kind TEXT NOT NULL,
  currency TEXT NOT NULL,
  business_on TEXT COLLATE "C" NOT NULL,
  provider TEXT,
  provider_ref TEXT,
  till_id TEXT,
  expected BIGINT NOT NULL,
  counted BIGINT,
  variance BIGINT,
  counted_at BIGINT,
  counted_by_id TEXT COLLATE "C",
  notes_internal TEXT,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX payouts_by_business_on ON payouts (clinic_id, business_on, id);
CREATE INDEX payouts_by_updated_at ON payouts (clinic_id, updated_at, id);

CREATE TABLE journal_entries (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  entry_on TEXT COLLATE "C" NOT NULL,
  currency TEXT NOT NULL,
  description TEXT NOT NULL,
  status TEXT NOT NULL,
  lines TEXT NOT NULL,
  total BIGINT NOT NULL,
  posted_at BIGINT,
  reverses_id TEXT COLLATE "C",
  invoice_id TEXT COLLATE "C",
  payment_id TEXT COLLATE "C",
  refund_id TEXT COLLATE "C",
  payout_id TEXT COLLATE "C",
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX journal_entries_by_reverses ON journal_entries (clinic_id, reverses_id, id);
CREATE INDEX journal_entries_by_invoice ON journal_entries (clinic_id, invoice_id, id);
CREATE INDEX journal_entries_by_payment ON journal_entries (clinic_id, payment_id, id);
CREATE INDEX journal_entries_by_payout ON journal_entries (clinic_id, payout_id, id);
CREATE INDEX journal_entries_by_entry_on ON journal_entries (clinic_id, entry_on, id);
CREATE INDEX journal_entries_by_updated_at ON journal_entries (clinic_id, updated_at, id);
