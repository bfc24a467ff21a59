-- A large clinic's figures, for the reason that 0003 gives.
ANALYZE visits;
ANALYZE vitals;
ANALYZE diagnoses;
ANALYZE treatments;
ANALYZE prescriptions;
ANALYZE vaccinations;
ANALYZE lab_orders;
ANALYZE lab_results;
ANALYZE imaging_studies;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('visits', 'visits', '5000000 250000 1'),
  ('visits', 'visits_by_appointment', '5000000 250000 2 1'),
  ('visits', 'visits_by_patient', '5000000 250000 20 1'),
  ('visits', 'visits_by_client', '5000000 250000 40 1'),
  ('visits', 'visits_by_attending', '5000000 250000 20000 1'),
  ('visits', 'visits_by_starts_at', '5000000 250000 4 1'),
  ('visits', 'visits_by_updated_at', '5000000 250000 2 1'),
  ('vitals', 'vitals', '5000000 250000 1'),
  ('vitals', 'vitals_by_patient', '5000000 250000 20 1'),
  ('vitals', 'vitals_by_visit', '5000000 250000 4 1'),
  ('vitals', 'vitals_by_taken_at', '5000000 250000 4 1'),
  ('vitals', 'vitals_by_updated_at', '5000000 250000 2 1'),
  ('diagnoses', 'diagnoses', '5000000 250000 1'),
  ('diagnoses', 'diagnoses_by_patient', '5000000 250000 20 1'),
  ('diagnoses', 'diagnoses_by_visit', '5000000 250000 4 1'),
  ('diagnoses', 'diagnoses_by_diagnosed_on', '5000000 250000 1000 1'),
  ('diagnoses', 'diagnoses_by_updated_at', '5000000 250000 2 1'),
  ('treatments', 'treatments', '8000000 400000 1'),
  ('treatments', 'treatments_by_patient', '8000000 400000 20 1'),
  ('treatments', 'treatments_by_visit', '8000000 400000 4 1'),
  ('treatments', 'treatments_by_product', '8000000 400000 5000 1'),
  ('treatments', 'treatments_by_ordered_at', '8000000 400000 4 1'),
  ('treatments', 'treatments_by_updated_at', '8000000 400000 2 1'),
  ('prescriptions', 'prescriptions', '4000000 200000 1'),
  ('prescriptions', 'prescriptions_by_patient', '4000000 200000 20 1'),
  ('prescriptions', 'prescriptions_by_visit', '4000000 200000 4 1'),
  ('prescriptions', 'prescriptions_by_product', '4000000 200000 5000 1'),
  ('prescriptions', 'prescriptions_by_prescriber', '4000000 200000 20000 1'),
  ('prescriptions', 'prescriptions_by_prescribed_on', '4000000 200000 1000 1'),
  ('prescriptions', 'prescriptions_by_updated_at', '4000000 200000 2 1'),
  ('vaccinations', 'vaccinations', '4000000 200000 1'),
  ('vaccinations', 'vaccinations_by_patient', '4000000 200000 20 1'),
  ('vaccinations', 'vaccinations_by_visit', '4000000 200000 4 1'),
  ('vaccinations', 'vaccinations_by_product', '4000000 200000 5000 1'),
  ('vaccinations', 'vaccinations_by_given_at', '4000000 200000 4 1'),
  ('vaccinations', 'vaccinations_by_updated_at', '4000000 200000 2 1'),
  ('lab_orders', 'lab_orders', '2000000 100000 1'),
  ('lab_orders', 'lab_orders_by_patient', '2000000 100000 20 1'),
  ('lab_orders', 'lab_orders_by_visit', '2000000 100000 4 1'),
  ('lab_orders', 'lab_orders_by_accession_no', '2000000 100000 2 1'),
  ('lab_orders', 'lab_orders_by_ordered_at', '2000000 100000 4 1'),
  ('lab_orders', 'lab_orders_by_updated_at', '2000000 100000 2 1'),
  ('lab_results', 'lab_results', '2000000 100000 1'),
  ('lab_results', 'lab_results_by_patient', '2000000 100000 20 1'),
  ('lab_results', 'lab_results_by_visit', '2000000 100000 4 1'),
  ('lab_results', 'lab_results_by_lab_order', '2000000 100000 2 1'),
  ('lab_results', 'lab_results_by_reported_at', '2000000 100000 4 1'),
  ('lab_results', 'lab_results_by_updated_at', '2000000 100000 2 1'),
  ('imaging_studies', 'imaging_studies', '500000 25000 1'),
  ('imaging_studies', 'imaging_studies_by_patient', '500000 25000 20 1'),
  ('imaging_studies', 'imaging_studies_by_visit', '500000 25000 4 1'),
  ('imaging_studies', 'imaging_studies_by_dicom_uid', '500000 25000 2 1'),
  ('imaging_studies', 'imaging_studies_by_performed_at', '500000 25000 4 1'),
  ('imaging_studies', 'imaging_studies_by_updated_at', '500000 25000 2 1');
ANALYZE sqlite_schema;
