-- What a connection used in a month is added up from its hours: from the index alone.

DROP INDEX audit_usage_by_connection;
CREATE INDEX audit_usage_by_connection
  ON audit_usage (clinic_id, connection_id, hour, category, calls, refused, records, last_at);
