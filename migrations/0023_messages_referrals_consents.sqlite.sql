-- A large clinic's figures, for the reason that 0003 gives.
ANALYZE messages;
ANALYZE reminders;
ANALYZE referral_partners;
ANALYZE referrals;
ANALYZE consents;
ANALYZE documents;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('messages', 'messages', '5000000 250000 1'),
  ('messages', 'messages_by_client', '5000000 250000 10 1'),
  ('messages', 'messages_by_patient', '5000000 250000 10 1'),
  ('messages', 'messages_by_visit', '5000000 250000 10 1'),
  ('messages', 'messages_by_conversation', '5000000 250000 10 1'),
  ('messages', 'messages_by_provider_ref', '5000000 250000 10 1'),
  ('messages', 'messages_by_updated_at', '5000000 250000 2 1'),
  ('reminders', 'reminders', '5000000 250000 1'),
  ('reminders', 'reminders_by_client', '5000000 250000 10 1'),
  ('reminders', 'reminders_by_patient', '5000000 250000 10 1'),
  ('reminders', 'reminders_by_due_on', '5000000 250000 10 1'),
  ('reminders', 'reminders_by_updated_at', '5000000 250000 2 1'),
  ('referral_partners', 'referral_partners', '20000 1000 1'),
  ('referral_partners', 'referral_partners_by_practice', '20000 1000 10 1'),
  ('referral_partners', 'referral_partners_by_updated_at', '20000 1000 2 1'),
  ('referrals', 'referrals', '500000 25000 1'),
  ('referrals', 'referrals_by_client', '500000 25000 10 1'),
  ('referrals', 'referrals_by_patient', '500000 25000 10 1'),
  ('referrals', 'referrals_by_partner', '500000 25000 10 1'),
  ('referrals', 'referrals_by_referred_on', '500000 25000 10 1'),
  ('referrals', 'referrals_by_updated_at', '500000 25000 2 1'),
  ('consents', 'consents', '2000000 100000 1'),
  ('consents', 'consents_by_client', '2000000 100000 10 1'),
  ('consents', 'consents_by_patient', '2000000 100000 10 1'),
  ('consents', 'consents_by_updated_at', '2000000 100000 2 1'),
  ('documents', 'documents', '5000000 250000 1'),
  ('documents', 'documents_by_client', '5000000 250000 10 1'),
  ('documents', 'documents_by_patient', '5000000 250000 10 1'),
  ('documents', 'documents_by_visit', '5000000 250000 10 1'),
  ('documents', 'documents_by_updated_at', '5000000 250000 2 1');
ANALYZE sqlite_schema;
