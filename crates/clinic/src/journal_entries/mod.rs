//! Journal entries: the clinic's books, by debits and credits.

pub mod lines;
pub mod model;
pub mod rows;
pub mod sample;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::JournalEntry;
use crate::plain::Declared as _;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "journal_entries",
    singular: "journal_entry",
    title: "Journal entries",
    can_see: "see the clinic's books",
    can_change: "write in the clinic's books, and delete drafts there",
    primary: Category::Aggregates,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &crate::plain_operations!(JournalEntry<'static>);

/// Every event.
pub static EVENTS: &[&EventType] = &[JournalEntry::CREATED, JournalEntry::UPDATED, JournalEntry::DELETED];
