-- Several transactions append at once here: the engine numbers what arrives.
CREATE SEQUENCE audit_pending_id;
ALTER TABLE audit_pending ALTER COLUMN id SET DEFAULT nextval('audit_pending_id');
CREATE SEQUENCE outbox_arrival;
ALTER TABLE outbox ALTER COLUMN arrival SET DEFAULT nextval('outbox_arrival');
