-- Clinics into which an exported record is being taken: nothing else is written to those meanwhile.
ALTER TABLE clinics ADD COLUMN record_comes_in BIGINT NOT NULL DEFAULT 0;
UPDATE clinics SET record_comes_in = 1 WHERE id IN (SELECT clinic_id FROM record_imports WHERE state = 'running'); -- all clinics: those that were cut off before

-- Which patients come to appointments, to find those of one of them.
CREATE TABLE appointment_patients (
  clinic_id TEXT COLLATE "C" NOT NULL,
  patient_id TEXT COLLATE "C" NOT NULL,
  appointment_id TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (clinic_id, patient_id, appointment_id)
) CLUSTERED;
CREATE INDEX appointment_patients_by_appointment ON appointment_patients (clinic_id, appointment_id, patient_id);
