-- The origins whose web pages may call with a connection's key, as JSON. None, unless an admin lists some.
ALTER TABLE connections ADD COLUMN browser_origins TEXT NOT NULL DEFAULT '[]';
