//! What is announced about messages beside creation, change and deletion.

use clinicos_contract::event::EventType;

/// One came in.
pub static RECEIVED: EventType = EventType::new("message.received", "A message came in; announced beside `message.created`.");
/// One arrived.
pub static DELIVERED: EventType = EventType::new("message.delivered", "A message arrived.");
/// One did not.
pub static FAILED: EventType = EventType::new("message.failed", "A message did not go out, or did not arrive.");
/// Somebody wants no more.
pub static OPTED_OUT: EventType = EventType::new(
    "message.opted_out",
    "A message came in by which somebody asks to get no more on this channel; announced beside `message.created`, in place of `message.received`.",
);
