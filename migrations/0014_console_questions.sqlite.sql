-- Postings of actors, for segments from before there were any: wherever an entry of the clinic
-- stands. That is more than need be; a search looks at each entry that it finds.
INSERT INTO audit_postings (clinic_id, kind, value, first_position, last_position, positions)
  SELECT p.clinic_id, 6, a.value, p.first_position, p.last_position, p.positions
  FROM audit_postings p CROSS JOIN (
    SELECT X'00' AS value UNION ALL SELECT X'01' UNION ALL SELECT X'02' UNION ALL SELECT X'03'
  ) a WHERE p.kind = 0;
