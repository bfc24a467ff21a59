-- A large clinic's figures, for the reason that 0003 gives.
ANALYZE document_contents;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('document_contents', 'document_contents', '5000000 250000 1'),
  ('document_contents', 'document_contents_by_sha256', '5000000 250000 1');
ANALYZE sqlite_schema;
