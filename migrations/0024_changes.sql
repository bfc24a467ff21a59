-- Followers walk one clinic's events in commit order.
CREATE INDEX outbox_of_clinic ON outbox (clinic_id, position);
