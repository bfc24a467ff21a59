-- What is to be done: records of one state, in the order that they were made.

CREATE INDEX appointments_by_status ON appointments (clinic_id, status, id);
CREATE INDEX visits_by_status ON visits (clinic_id, status, id);
CREATE INDEX messages_by_status ON messages (clinic_id, status, id);
CREATE INDEX lab_orders_by_status ON lab_orders (clinic_id, status, id);
CREATE INDEX lab_results_by_status ON lab_results (clinic_id, status, id);
CREATE INDEX reminders_by_status ON reminders (clinic_id, status, id);
CREATE INDEX referrals_by_status ON referrals (clinic_id, status, id);
