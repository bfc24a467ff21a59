//! What is announced about referral cases beside creation, change and deletion.

use clinicos_contract::event::EventType;

/// Another practice sent one.
pub static RECEIVED: EventType = EventType::new(
    "referral.received",
    "Another practice sent a referral case; a new one is announced so beside `referral.created`.",
);
/// Who receives it takes it.
pub static ACCEPTED: EventType = EventType::new("referral.accepted", "A referral case was accepted.");
/// A time is booked.
pub static SCHEDULED: EventType = EventType::new("referral.scheduled", "A time was booked for a referral case.");
/// The report went back.
pub static REPORT_SENT: EventType =
    EventType::new("referral.report_sent", "The report of a referral case went to the veterinarian who referred.");
/// It is done.
pub static COMPLETED: EventType = EventType::new("referral.completed", "A referral case was completed.");
