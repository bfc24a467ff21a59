INSERT INTO appointment_patients (clinic_id, patient_id, appointment_id)
  SELECT DISTINCT a.clinic_id, p.value, a.id FROM appointments a, json_array_elements_text(CAST(a.patient_ids AS json)) AS p(value); -- all clinics: those that were booked before
