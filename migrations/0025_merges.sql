-- What a record became: the tombstone of a duplicate names the record that took over what was its.
ALTER TABLE clients ADD COLUMN merged_into TEXT COLLATE "C";
ALTER TABLE patients ADD COLUMN merged_into TEXT COLLATE "C";
CREATE INDEX invoice_lines_by_patient ON invoice_lines (clinic_id, patient_id) WHERE patient_id IS NOT NULL;
