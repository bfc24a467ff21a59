-- Refunds, and the lines of invoices that they pay back. allocations is what a refund took from
-- invoices, as it was then.

CREATE TABLE refunds (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  payment_id TEXT COLLATE "C" NOT NULL,
  client_id TEXT COLLATE "C" NOT NULL,
  amount BIGINT NOT NULL,
  currency TEXT NOT NULL,
  reason TEXT NOT NULL,
  note TEXT,
  status TEXT NOT NULL,
  provider_ref TEXT,
  allocations TEXT NOT NULL,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

CREATE INDEX refunds_by_payment ON refunds (clinic_id, payment_id, id);
CREATE INDEX refunds_by_client ON refunds (clinic_id, client_id, id);
CREATE INDEX refunds_by_updated_at ON refunds (clinic_id, updated_at, id);

CREATE TABLE refund_lines (
  clinic_id TEXT COLLATE "C" NOT NULL,
  refund_id TEXT COLLATE "C" NOT NULL,
  position BIGINT NOT NULL,
  invoice_id TEXT COLLATE "C" NOT NULL,
  line_id TEXT COLLATE "C" NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (clinic_id, refund_id, position)
) CLUSTERED;

CREATE INDEX refund_lines_by_invoice ON refund_lines (clinic_id, invoice_id, line_id);

-- What of a payment went back; pending refunds count.
ALTER TABLE payments ADD COLUMN refunded BIGINT NOT NULL DEFAULT 0;
