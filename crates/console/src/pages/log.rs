//! The access log: a search, and one entry.

use askama::Template;

use crate::frame::Frame;
use crate::pages::activity::{Line, Outcome};
use crate::words::{Choice, Fact, When};

/// `/console/log`. The form asks with `connection`, `operation`, `outcome`, `record`, `from`, `to`.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "log.html")]
pub struct LogSearch {
    /// What surrounds the page.
    pub frame: Frame,
    /// Whose calls to choose from.
    pub who: Vec<Group>,
    /// Where what people only looked at is shown, too, if it is left out.
    pub left_out: Option<String>,
    /// Operations to choose from; "anything" is added.
    pub operations: Vec<Group>,
    /// Outcomes to choose from; "any" is added.
    pub outcomes: Vec<Choice>,
    /// The id of a record that was asked for, or what was typed instead.
    pub record: String,
    /// Records that may be meant, to choose from.
    pub choices: Vec<RecordChoice>,
    /// What the choices are not all of, and what could not be searched for them, a sentence each.
    pub gaps: Vec<String>,
    /// The first day, as `2026-11-24`.
    pub from: String,
    /// The time of that day, as `14:30`; empty for its begin.
    pub from_time: String,
    /// The last day, as `2026-11-24`.
    pub to: String,
    /// The time of that day, as `14:30`; empty for its end.
    pub to_time: String,
    /// What is wrong with the search, a sentence each.
    pub problems: Vec<String>,
    /// The newest calls first.
    pub rows: Vec<Line>,
    /// The address of the first page, if this is another one.
    pub newest: Option<String>,
    /// The address of the next page.
    pub older: Option<String>,
    /// The address of the same as CSV.
    pub csv: String,
}

/// Choices that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What they have in common: `Invoices`.
    pub title: String,
    /// They.
    pub choices: Vec<Choice>,
}

/// A record that may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordChoice {
    /// What it is: `Invoice`.
    pub kind: String,
    /// What tells it from others: `Jane Miller, jane@example.com`.
    pub words: String,
    /// Its id.
    pub id: String,
    /// The search for it.
    pub href: String,
}

/// A record that a call touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRef {
    /// What it is: `Invoice`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// The page that shows it, if there is one.
    pub href: Option<String>,
}

/// `/console/log/{request_id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "log_entry.html")]
pub struct LogEntry {
    /// What surrounds the page.
    pub frame: Frame,
    /// When.
    pub at: When,
    /// The connection's name.
    pub who: String,
    /// The rest of the sentence, without a stop.
    pub did: String,
    /// The connection's id.
    pub connection_id: Option<String>,
    /// The id of the key that was shown, if it is one of the clinic's.
    pub key_id: Option<String>,
    /// What came of it.
    pub outcome: Outcome,
    /// Why it was allowed, or what refused it, a sentence each.
    pub reasons: Vec<String>,
    /// What was looked at before it was refused, and was in order, a sentence each.
    pub in_order: Vec<String>,
    /// Records that it touched.
    pub records: Vec<RecordRef>,
    /// What is shown of them: `42 records, the first 20 are listed.`
    pub records_words: String,
    /// Kinds of data that were given out, in plain words.
    pub disclosed: Vec<String>,
    /// Kinds of data that were left out, in plain words.
    pub left_out: Vec<String>,
    /// Technical details.
    pub facts: Vec<Fact>,
}
