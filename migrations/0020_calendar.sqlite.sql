-- A large clinic's figures, for the reason that 0003 gives.
ANALYZE appointment_types;
ANALYZE staff;
ANALYZE appointments;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('appointment_types', 'appointment_types', '2000 100 1'),
  ('appointment_types', 'appointment_types_by_name', '2000 100 2 1'),
  ('appointment_types', 'appointment_types_by_updated_at', '2000 100 2 1'),
  ('staff', 'staff', '2000 100 1'),
  ('staff', 'staff_by_family_name', '2000 100 2 1'),
  ('staff', 'staff_by_updated_at', '2000 100 2 1'),
  ('appointments', 'appointments', '5000000 250000 1'),
  ('appointments', 'appointments_by_client', '5000000 250000 10 1'),
  ('appointments', 'appointments_by_provider', '5000000 250000 20000 1'),
  ('appointments', 'appointments_by_starts_at', '5000000 250000 4 1'),
  ('appointments', 'appointments_by_updated_at', '5000000 250000 2 1');
ANALYZE sqlite_schema;
