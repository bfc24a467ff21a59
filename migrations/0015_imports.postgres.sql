-- What records say already. Of two that claim the same identifier, the older one keeps it.
INSERT INTO external_ids (clinic_id, kind, system, value, record_id)
  SELECT r.clinic_id, 'cli', e ->> 'system', e ->> 'value', r.id
  FROM clients r, jsonb_array_elements(CAST(r.external_ids AS jsonb)) e ORDER BY r.id ON CONFLICT DO NOTHING;
INSERT INTO external_ids (clinic_id, kind, system, value, record_id)
  SELECT r.clinic_id, 'inv', e ->> 'system', e ->> 'value', r.id
  FROM invoices r, jsonb_array_elements(CAST(r.external_ids AS jsonb)) e ORDER BY r.id ON CONFLICT DO NOTHING;
INSERT INTO external_ids (clinic_id, kind, system, value, record_id)
  SELECT r.clinic_id, 'pay', e ->> 'system', e ->> 'value', r.id
  FROM payments r, jsonb_array_elements(CAST(r.external_ids AS jsonb)) e ORDER BY r.id ON CONFLICT DO NOTHING;
INSERT INTO external_ids (clinic_id, kind, system, value, record_id)
  SELECT r.clinic_id, 'pat', e ->> 'system', e ->> 'value', r.id
  FROM patients r, jsonb_array_elements(CAST(r.external_ids AS jsonb)) e ORDER BY r.id ON CONFLICT DO NOTHING;
INSERT INTO external_ids (clinic_id, kind, system, value, record_id)
  SELECT r.clinic_id, 'prd', e ->> 'system', e ->> 'value', r.id
  FROM products r, jsonb_array_elements(CAST(r.external_ids AS jsonb)) e ORDER BY r.id ON CONFLICT DO NOTHING;
INSERT INTO external_ids (clinic_id, kind, system, value, record_id)
  SELECT r.clinic_id, 'rfd', e ->> 'system', e ->> 'value', r.id
  FROM refunds r, jsonb_array_elements(CAST(r.external_ids AS jsonb)) e ORDER BY r.id ON CONFLICT DO NOTHING;
