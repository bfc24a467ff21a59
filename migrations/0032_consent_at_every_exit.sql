-- By which rules a clinic's clients decide.
ALTER TABLE clinics ADD COLUMN jurisdiction TEXT NOT NULL DEFAULT 'generic';

-- What sort of recipient a connection is: until somebody says otherwise, a program of the clinic's own.
ALTER TABLE connections ADD COLUMN recipient TEXT NOT NULL DEFAULT 'clinic';
-- The names that it had before: a client's refusal that named it so still means it.
ALTER TABLE connections ADD COLUMN former_names TEXT NOT NULL DEFAULT '[]';
