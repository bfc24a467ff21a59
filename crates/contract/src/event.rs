//! Events: something that happened to a record, declared once.

/// A kind of event.
#[derive(Debug, PartialEq, Eq)]
pub struct EventType {
    /// `noun.verb`, such as `invoice.voided`.
    pub name: &'static str,
    /// Grows when the payload changes its meaning.
    pub version: u16,
    /// When it happens, in one sentence.
    pub doc: &'static str,
}

impl EventType {
    /// The first version of an event.
    pub const fn new(name: &'static str, doc: &'static str) -> Self {
        Self { name, version: 1, doc }
    }
}
