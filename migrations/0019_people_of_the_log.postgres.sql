-- Postings of people, and of whether they only looked, for segments from before there were any:
-- wherever an entry of the clinic, or of one of its people, stands. That is more than need be; a
-- search looks at each entry that it finds.
INSERT INTO audit_postings (clinic_id, kind, value, first_position, last_position, positions)
  SELECT p.clinic_id, 7, a.value, p.first_position, p.last_position, p.positions
  FROM audit_postings p CROSS JOIN (SELECT '\x00'::bytea AS value UNION ALL SELECT '\x01'::bytea) a WHERE p.kind = 0;
INSERT INTO audit_postings (clinic_id, kind, value, first_position, last_position, positions)
  SELECT p.clinic_id, 8, ''::bytea, p.first_position, p.last_position, p.positions
  FROM audit_postings p WHERE p.kind = 6 AND p.value = '\x03'::bytea;
