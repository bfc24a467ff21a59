-- A large clinic's figures, for the reason that 0003 gives.
ANALYZE payments;
ANALYZE payment_allocations;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('payments', 'payments', '10000000 500000 1'),
  ('payments', 'payments_by_client', '10000000 500000 20 1'),
  ('payments', 'payments_by_tendered_at', '10000000 500000 2 1'),
  ('payments', 'payments_by_updated_at', '10000000 500000 2 1'),
  ('payment_allocations', 'payment_allocations', '10000000 500000 2 1'),
  ('payment_allocations', 'payment_allocations_by_invoice', '10000000 500000 2 1');
ANALYZE sqlite_schema;
