-- Payments, and which invoices they pay.

CREATE TABLE payments (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  client_id TEXT COLLATE "C" NOT NULL,
  amount BIGINT NOT NULL,
  currency TEXT NOT NULL,
  method TEXT NOT NULL,
  type TEXT NOT NULL,
  status TEXT NOT NULL,
  provider TEXT NOT NULL,
  provider_ref TEXT,
  fee BIGINT,
  tendered_at BIGINT NOT NULL,
  till_id TEXT,
  unallocated BIGINT NOT NULL,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX payments_by_client ON payments (clinic_id, client_id, id);
CREATE INDEX payments_by_tendered_at ON payments (clinic_id, tendered_at, id);
CREATE INDEX payments_by_updated_at ON payments (clinic_id, updated_at, id);

CREATE TABLE payment_allocations (
  clinic_id TEXT COLLATE "C" NOT NULL,
  payment_id TEXT COLLATE "C" NOT NULL,
  invoice_id TEXT COLLATE "C" NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (clinic_id, payment_id, invoice_id)
) CLUSTERED;

CREATE INDEX payment_allocations_by_invoice ON payment_allocations (clinic_id, invoice_id, payment_id);
