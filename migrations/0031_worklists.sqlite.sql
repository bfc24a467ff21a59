-- A large clinic's figures, for the reason that 0003 gives.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('appointments', 'appointments_by_status', '5000000 250000 25000 1'),
  ('visits', 'visits_by_status', '5000000 250000 25000 1'),
  ('messages', 'messages_by_status', '5000000 250000 25000 1'),
  ('lab_orders', 'lab_orders_by_status', '2000000 100000 10000 1'),
  ('lab_results', 'lab_results_by_status', '2000000 100000 10000 1'),
  ('reminders', 'reminders_by_status', '5000000 250000 25000 1'),
  ('referrals', 'referrals_by_status', '500000 25000 2500 1');
ANALYZE sqlite_schema;
