//! What can happen to an import.

use clinicos_contract::event::EventType;

/// It ended, well or not.
pub static FINISHED: EventType = EventType::new("import.finished", "An import of files ended; `state` says how.");
