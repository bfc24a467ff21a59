-- A large clinic's figures, for the reason that 0003 gives.
ANALYZE invoices;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('invoices', 'invoices', '10000000 500000 1'),
  ('invoices', 'invoices_by_number', '10000000 500000 1'),
  ('invoices', 'invoices_by_client', '10000000 500000 20 1'),
  ('invoices', 'invoices_by_issued_on', '10000000 500000 200 1'),
  ('invoices', 'invoices_by_updated_at', '10000000 500000 2 1');
ANALYZE sqlite_schema;
