-- Products: what the clinic charges for, goods and services alike.

CREATE TABLE products (
  clinic_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  sku TEXT COLLATE "C",
  name TEXT COLLATE "C" NOT NULL,
  kind TEXT NOT NULL,
  revenue_category TEXT NOT NULL,
  gl_code TEXT,
  unit TEXT NOT NULL,
  price BIGINT NOT NULL,
  currency TEXT NOT NULL,
  cost BIGINT,
  tax_code TEXT,
  controlled_schedule TEXT NOT NULL,
  tracked BIGINT NOT NULL,
  on_hand TEXT,
  reorder_point TEXT,
  lots TEXT NOT NULL,
  active BIGINT NOT NULL,
  external_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (clinic_id, id)
) CLUSTERED;

-- A tombstone gives its SKU back.
CREATE UNIQUE INDEX products_one_per_sku ON products (clinic_id, sku) WHERE deleted_at IS NULL;
CREATE INDEX products_by_sku ON products (clinic_id, sku, id);
CREATE INDEX products_by_name ON products (clinic_id, name, id);
CREATE INDEX products_by_updated_at ON products (clinic_id, updated_at, id);

-- What a line is about, and what it was made from.
ALTER TABLE invoice_lines ADD COLUMN patient_id TEXT COLLATE "C";
ALTER TABLE invoice_lines ADD COLUMN product_id TEXT COLLATE "C";
ALTER TABLE invoice_lines ADD COLUMN gl_code TEXT;
