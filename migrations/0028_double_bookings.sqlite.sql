-- A large clinic's figures, for the reason that 0003 gives.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('appointments', 'appointments_by_provider_time', '5000000 250000 20000 1'),
  ('appointments', 'appointments_by_room_time', '5000000 250000 50000 1');
ANALYZE sqlite_schema;
