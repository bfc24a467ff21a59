-- A large clinic's figures, for the reason that 0003 gives.
ANALYZE shifts;
ANALYZE availability;
ANALYZE time_off;
ANALYZE estimates;
ANALYZE stock_movements;
ANALYZE payouts;
ANALYZE journal_entries;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('shifts', 'shifts', '2000000 100000 1'),
  ('shifts', 'shifts_by_staff', '2000000 100000 20000 1'),
  ('shifts', 'shifts_by_starts_at', '2000000 100000 4 1'),
  ('shifts', 'shifts_by_updated_at', '2000000 100000 2 1'),
  ('availability', 'availability', '200000 10000 1'),
  ('availability', 'availability_by_staff', '200000 10000 2000 1'),
  ('availability', 'availability_by_starts_at', '200000 10000 4 1'),
  ('availability', 'availability_by_updated_at', '200000 10000 2 1'),
  ('time_off', 'time_off', '40000 2000 1'),
  ('time_off', 'time_off_by_staff', '40000 2000 200 1'),
  ('time_off', 'time_off_by_starts_at', '40000 2000 4 1'),
  ('time_off', 'time_off_by_updated_at', '40000 2000 2 1'),
  ('estimates', 'estimates', '1000000 50000 1'),
  ('estimates', 'estimates_by_client', '1000000 50000 5 1'),
  ('estimates', 'estimates_by_patient', '1000000 50000 3 1'),
  ('estimates', 'estimates_by_visit', '1000000 50000 2 1'),
  ('estimates', 'estimates_by_invoice', '1000000 50000 2 1'),
  ('estimates', 'estimates_by_issued_on', '1000000 50000 500 1'),
  ('estimates', 'estimates_by_updated_at', '1000000 50000 2 1'),
  ('stock_movements', 'stock_movements', '5000000 250000 1'),
  ('stock_movements', 'stock_movements_by_product', '5000000 250000 1000 1'),
  ('stock_movements', 'stock_movements_by_invoice', '5000000 250000 3 1'),
  ('stock_movements', 'stock_movements_by_moved_at', '5000000 250000 4 1'),
  ('stock_movements', 'stock_movements_by_updated_at', '5000000 250000 2 1'),
  ('payouts', 'payouts', '100000 5000 1'),
  ('payouts', 'payouts_by_business_on', '100000 5000 10 1'),
  ('payouts', 'payouts_by_updated_at', '100000 5000 2 1'),
  ('journal_entries', 'journal_entries', '2000000 100000 1'),
  ('journal_entries', 'journal_entries_by_reverses', '2000000 100000 2 1'),
  ('journal_entries', 'journal_entries_by_invoice', '2000000 100000 3 1'),
  ('journal_entries', 'journal_entries_by_payment', '2000000 100000 2 1'),
  ('journal_entries', 'journal_entries_by_payout', '2000000 100000 2 1'),
  ('journal_entries', 'journal_entries_by_entry_on', '2000000 100000 500 1'),
  ('journal_entries', 'journal_entries_by_updated_at', '2000000 100000 2 1');
ANALYZE sqlite_schema;
