-- What left about a client is also what left about the duplicates that the client took over.
CREATE INDEX clients_by_merged_into ON clients (clinic_id, merged_into, id) WHERE merged_into IS NOT NULL;
CREATE INDEX patients_by_merged_into ON patients (clinic_id, merged_into, id) WHERE merged_into IS NOT NULL;
