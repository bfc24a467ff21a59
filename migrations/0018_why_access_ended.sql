-- What was said when somebody's access ended, or was given back; null if nothing was.
ALTER TABLE users ADD COLUMN state_reason TEXT;
