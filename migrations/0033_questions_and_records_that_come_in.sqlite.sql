INSERT INTO appointment_patients (clinic_id, patient_id, appointment_id)
  SELECT DISTINCT a.clinic_id, p.value, a.id FROM appointments a, json_each(a.patient_ids) p; -- all clinics: those that were booked before
-- A large clinic's figures, for the reason that 0003 gives.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('appointment_patients', 'appointment_patients', '5000000 250000 10 1'),
  ('appointment_patients', 'appointment_patients_by_appointment', '5000000 250000 1 1');
ANALYZE sqlite_schema;
