-- Invoices and their lines. What a caller reads as `status` is derived from stage, amounts and
-- due date, so that it is never stale.

CREATE TABLE invoices (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  client_id TEXT COLLATE "C" NOT NULL,
  number TEXT COLLATE "C" NOT NULL,
  stage TEXT NOT NULL,
  issued_on TEXT COLLATE "C" NOT NULL,
  due_on TEXT COLLATE "C" NOT NULL,
  currency TEXT NOT NULL,
  subtotal BIGINT NOT NULL,
  discount BIGINT NOT NULL,
  tax BIGINT NOT NULL,
  total BIGINT NOT NULL,
  paid BIGINT NOT NULL,
  balance BIGINT NOT NULL,
  notes TEXT,
  voided_at BIGINT,
  void_reason TEXT,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE UNIQUE INDEX invoices_by_number ON invoices (clinic_id, number);
CREATE INDEX invoices_by_client ON invoices (clinic_id, client_id, id);
CREATE INDEX invoices_by_issued_on ON invoices (clinic_id, issued_on, id);
CREATE INDEX invoices_by_updated_at ON invoices (clinic_id, updated_at, id);

CREATE TABLE invoice_lines (
  clinic_id TEXT COLLATE "C" NOT NULL,
  invoice_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  position BIGINT NOT NULL,
  description TEXT NOT NULL,
  quantity TEXT NOT NULL,
  unit_price BIGINT NOT NULL,
  discount BIGINT NOT NULL,
  tax BIGINT NOT NULL,
  total BIGINT NOT NULL,
  revenue_category TEXT NOT NULL,
  performed_on TEXT COLLATE "C" NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (clinic_id, invoice_id, id)
) CLUSTERED;

-- The last number that was generated for a clinic's invoices.
CREATE TABLE invoice_numbers (
  clinic_id TEXT COLLATE "C" NOT NULL,
  last_number BIGINT NOT NULL,
  PRIMARY KEY (clinic_id)
) CLUSTERED;
