//! What is announced about laboratory results beside creation, change and deletion.

use clinicos_contract::event::EventType;

/// All values are there.
pub static FINAL: EventType = EventType::new("lab_result.final", "A laboratory result is final.");
