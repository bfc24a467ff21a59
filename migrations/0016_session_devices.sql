-- Browser and system that a session began with, in words out of a closed list; null if they are
-- not known.
ALTER TABLE sessions ADD COLUMN device TEXT;
