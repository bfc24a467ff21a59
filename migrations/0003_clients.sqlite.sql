-- Without figures SQLite takes a clinic for ten rows, and walks the primary key where an index
-- would find a few. These are a large clinic's; `ANALYZE` may replace them with real ones.
ANALYZE clients;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('clients', 'clients', '1000000 50000 1'),
  ('clients', 'clients_by_updated_at', '1000000 50000 2 1'),
  ('clients', 'clients_by_family_name', '1000000 50000 20 1');
ANALYZE sqlite_schema;
