-- Whose an import is: a connection, a person, or `operator`. Another connection does not see it.
-- What is there already belongs to the connection of the key, or the person, that started it last.
ALTER TABLE imports ADD COLUMN made_by TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE imports SET made_by = COALESCE(
  (SELECT k.connection_id FROM keys k WHERE k.clinic_id = imports.clinic_id AND k.id = imports.started_by), started_by);
CREATE INDEX imports_by_maker ON imports (clinic_id, made_by, updated_at, id);
