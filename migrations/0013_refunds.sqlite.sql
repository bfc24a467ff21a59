-- A large clinic's figures, for the reason that 0003 gives.
ANALYZE refunds;
ANALYZE refund_lines;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('refunds', 'refunds', '500000 25000 1'),
  ('refunds', 'refunds_by_payment', '500000 25000 2 1'),
  ('refunds', 'refunds_by_client', '500000 25000 3 1'),
  ('refunds', 'refunds_by_updated_at', '500000 25000 2 1'),
  ('refund_lines', 'refund_lines', '500000 25000 2 1'),
  ('refund_lines', 'refund_lines_by_invoice', '500000 25000 2 1');
ANALYZE sqlite_schema;
