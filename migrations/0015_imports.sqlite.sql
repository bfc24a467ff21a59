-- What records say already. Of two that claim the same identifier, the older one keeps it.
INSERT INTO external_ids (clinic_id, kind, system, value, record_id)
  SELECT r.clinic_id, 'cli', json_extract(e.value, '$.system'), json_extract(e.value, '$.value'), r.id
  FROM clients r, json_each(r.external_ids) e WHERE true ORDER BY r.id ON CONFLICT DO NOTHING;
INSERT INTO external_ids (clinic_id, kind, system, value, record_id)
  SELECT r.clinic_id, 'inv', json_extract(e.value, '$.system'), json_extract(e.value, '$.value'), r.id
  FROM invoices r, json_each(r.external_ids) e WHERE true ORDER BY r.id ON CONFLICT DO NOTHING;
INSERT INTO external_ids (clinic_id, kind, system, value, record_id)
  SELECT r.clinic_id, 'pay', json_extract(e.value, '$.system'), json_extract(e.value, '$.value'), r.id
  FROM payments r, json_each(r.external_ids) e WHERE true ORDER BY r.id ON CONFLICT DO NOTHING;
INSERT INTO external_ids (clinic_id, kind, system, value, record_id)
  SELECT r.clinic_id, 'pat', json_extract(e.value, '$.system'), json_extract(e.value, '$.value'), r.id
  FROM patients r, json_each(r.external_ids) e WHERE true ORDER BY r.id ON CONFLICT DO NOTHING;
INSERT INTO external_ids (clinic_id, kind, system, value, record_id)
  SELECT r.clinic_id, 'prd', json_extract(e.value, '$.system'), json_extract(e.value, '$.value'), r.id
  FROM products r, json_each(r.external_ids) e WHERE true ORDER BY r.id ON CONFLICT DO NOTHING;
INSERT INTO external_ids (clinic_id, kind, system, value, record_id)
  SELECT r.clinic_id, 'rfd', json_extract(e.value, '$.system'), json_extract(e.value, '$.value'), r.id
  FROM refunds r, json_each(r.external_ids) e WHERE true ORDER BY r.id ON CONFLICT DO NOTHING;
-- A large clinic's figures, for the reason that 0003 gives.
ANALYZE external_ids;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('external_ids', 'external_ids', '10000000 500000 100000 50000 1');
ANALYZE sqlite_schema;
