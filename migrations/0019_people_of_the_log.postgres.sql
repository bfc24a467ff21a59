-- Postings of people, and of whether they only looked, for segments from before there were any. They
-- hold more than need be, since a search looks at each entry that it finds: whoever looked is one of
-- the clinic's people, and anybody may be who did not.
INSERT INTO audit_postings (clinic_id, kind, value, first_position, last_position, positions)
  SELECT clinic_id, 7, '\x00'::bytea, first_position, last_position, positions FROM audit_postings WHERE kind = 0;
INSERT INTO audit_postings (clinic_id, kind, value, first_position, last_position, positions)
  SELECT clinic_id, 7, '\x01'::bytea, first_position, last_position, positions
  FROM audit_postings WHERE kind = 6 AND value = '\x03'::bytea;
INSERT INTO audit_postings (clinic_id, kind, value, first_position, last_position, positions)
  SELECT clinic_id, 8, ''::bytea, first_position, last_position, positions
  FROM audit_postings WHERE kind = 6 AND value = '\x03'::bytea;
