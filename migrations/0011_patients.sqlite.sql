-- A large clinic's figures, for the reason that 0003 gives.
ANALYZE patients;
ANALYZE patient_ownerships;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('patients', 'patients', '2000000 100000 1'),
  ('patients', 'patients_by_client', '2000000 100000 2 1'),
  ('patients', 'patients_by_name', '2000000 100000 200 1'),
  ('patients', 'patients_by_updated_at', '2000000 100000 2 1'),
  ('patient_ownerships', 'patient_ownerships', '2500000 125000 2 1'),
  ('patient_ownerships', 'patient_ownerships_by_client', '2500000 125000 3 1');
ANALYZE sqlite_schema;
