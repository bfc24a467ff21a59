-- A large clinic's figures, for the reason that 0003 gives.
ANALYZE products;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('products', 'products', '200000 10000 1'),
  ('products', 'products_one_per_sku', '200000 10000 1'),
  ('products', 'products_by_sku', '200000 10000 1 1'),
  ('products', 'products_by_name', '200000 10000 2 1'),
  ('products', 'products_by_updated_at', '200000 10000 2 1');
ANALYZE sqlite_schema;
