-- A key can be for an organization: each of its clinics that lets it in has a row of it, with an
-- end, addresses and a revocation of its own.
ALTER TABLE keys ADD COLUMN for_organization BIGINT NOT NULL DEFAULT 0;
DROP INDEX keys_by_hash;
CREATE UNIQUE INDEX keys_by_hash ON keys (hash, clinic_id);
CREATE INDEX keys_by_id ON keys (id);
