-- Postings of actors, for segments from before there were any: wherever an entry of the clinic
-- stands. That is more than need be; a search looks at each entry that it finds.
INSERT INTO audit_postings (clinic_id, kind, value, first_position, last_position, positions)
  SELECT p.clinic_id, 6, a.value, p.first_position, p.last_position, p.positions
  FROM audit_postings p CROSS JOIN (
    SELECT '\x00'::bytea AS value UNION ALL SELECT '\x01'::bytea UNION ALL SELECT '\x02'::bytea UNION ALL SELECT '\x03'::bytea
  ) a WHERE p.kind = 0;
