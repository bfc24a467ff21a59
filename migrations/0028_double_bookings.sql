-- Whether an appointment may stand beside others of its provider or room, and where those are found.
ALTER TABLE appointments ADD COLUMN allow_overlap BIGINT NOT NULL DEFAULT 0;
CREATE INDEX appointments_by_provider_time ON appointments (clinic_id, provider_id, starts_at) WHERE provider_id IS NOT NULL;
CREATE INDEX appointments_by_room_time ON appointments (clinic_id, room, starts_at) WHERE room IS NOT NULL;
