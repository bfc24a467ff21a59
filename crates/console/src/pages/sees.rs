//! A record as a connection sees it.

use askama::Template;

use crate::frame::Frame;
use crate::pages::records::Entry;
use crate::words::Choice;

/// `/console/connections/{id}/sees`. The form asks with `kind` and `record`.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "sees.html")]
pub struct Sees {
    /// What surrounds the page.
    pub frame: Frame,
    /// The connection.
    pub connection_id: String,
    /// What people call it.
    pub name: String,
    /// Kinds of records to choose from.
    pub kinds: Vec<Choice>,
    /// The id that was typed.
    pub record: String,
    /// One of the kind, in a sentence: `invoice`.
    pub one: String,
    /// What the record is called, as far as the connection can see that.
    pub title: String,
    /// Where the clinic itself sees it; nothing if there is no such record.
    pub href: Option<String>,
    /// Whether the connection can see such records at all.
    pub can_see: bool,
    /// Why not.
    pub refusal: String,
    /// What it sees.
    pub entries: Vec<Entry>,
    /// What it does not.
    pub left_out: Vec<LeftOut>,
}

/// A field that is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The field.
    pub name: String,
    /// Why, in a sentence.
    pub because: String,
}
