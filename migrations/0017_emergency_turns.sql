-- How the emergency switch was turned lately: when, by whom and why, as JSON, the newest first.
ALTER TABLE clinics ADD COLUMN writes_turns TEXT NOT NULL DEFAULT '[]';
