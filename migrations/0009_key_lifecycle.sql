-- How keys change: one replaces another, some may be used from some addresses only, some leak.

-- A JSON list of the scopes that a key is held to; null is all of its connection's.
ALTER TABLE keys ADD COLUMN scopes TEXT;
-- A JSON list of networks in CIDR notation; an empty one is anywhere.
ALTER TABLE keys ADD COLUMN allowed_addresses TEXT NOT NULL DEFAULT '[]';
-- When it ends because another key replaces it.
ALTER TABLE keys ADD COLUMN ends_at BIGINT;
ALTER TABLE keys ADD COLUMN rotated_from TEXT COLLATE "C";
ALTER TABLE keys ADD COLUMN replaced_by TEXT COLLATE "C";
-- When it was reported to be public, where, and in which words: those of whoever reported it.
ALTER TABLE keys ADD COLUMN leaked_at BIGINT;
ALTER TABLE keys ADD COLUMN leak_source TEXT;
ALTER TABLE keys ADD COLUMN leak_note TEXT;
-- Whether an admin has seen to it.
ALTER TABLE keys ADD COLUMN leak_handled BIGINT NOT NULL DEFAULT 0;

ALTER TABLE connections ADD COLUMN allowed_addresses TEXT NOT NULL DEFAULT '[]';
