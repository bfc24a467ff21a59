//! One connection: what it may do, what it did, and how to stop it.

use askama::Template;

use crate::faults::Faults;
use crate::frame::Frame;
use crate::pager::Pager;
use crate::pages::activity::Line;
use crate::pages::connections::ConnectionState;
use crate::pages::key::KeyRow;
use crate::words::{Count, Fact, When, capital, in_path};

/// A kind of data, allowed and used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryUse {
    /// The category's name; the form sends it as `category`.
    pub category: String,
    /// What it covers, in plain words.
    pub words: String,
    /// When the clinic allowed it.
    pub granted_at: Option<When>,
    /// Who allowed it, if that is known.
    pub granted_by: Option<String>,
    /// When that ends.
    pub until: Option<When>,
    /// The text that whoever allowed it was shown.
    pub shown_text: Option<String>,
    /// Calls in the last 30 days that gave it out.
    pub calls: Count,
    /// Records in the last 30 days that gave it out.
    pub records: Count,
    /// When it was last given out.
    pub last_use: Option<When>,
    /// Whether it can be removed by itself.
    pub removable: bool,
}

impl CategoryUse {
    /// Its words as a heading.
    pub fn title(&self) -> String {
        capital(&self.words)
    }

    /// Whether it is allowed and was not used.
    pub const fn is_unused(&self) -> bool {
        self.calls.0 == 0
    }
}

/// A change that a person or the system made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: When,
    /// Who.
    pub who: String,
    /// What, as the rest of the sentence: `paused it for 1 hour`.
    pub what: String,
    /// Why, in that person's words.
    pub why: Option<String>,
}

/// How fast it may call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Reading calls a minute, if set for this connection.
    pub read: String,
    /// Changing calls a minute, if set for this connection.
    pub write: String,
    /// Reading calls a minute without a setting.
    pub read_usual: Count,
    /// Changing calls a minute without a setting.
    pub write_usual: Count,
    /// Most that can be set.
    pub max: u64,
}

/// A call that can be forbidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationChoice {
    /// The operation's id; the form sends it as `excluded`.
    pub id: String,
    /// What it does, in plain words.
    pub words: String,
    /// Whether it is forbidden now.
    pub excluded: bool,
}

/// One permission that can be ticked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeOption {
    /// The scope; the form sends it as `scope`.
    pub scope: String,
    /// What it allows, in one sentence.
    pub words: String,
    /// What was taken away of it since it was ticked, in a sentence.
    pub note: Option<String>,
    /// Whether it is ticked.
    pub checked: bool,
}

/// A kind of record, and what may be done with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceChoice {
    /// Its name in plain words: `Invoices`.
    pub title: String,
    /// Seeing it.
    pub see: Option<ScopeOption>,
    /// Changing it.
    pub change: Option<ScopeOption>,
    /// Named actions on it, such as paying back.
    pub acts: Vec<ScopeOption>,
}

/// A connection that another one's key made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its state, in words.
    pub words: &'static str,
    /// Whether it was revoked.
    pub is_over: bool,
}

/// `/console/connections/{id}`.
///
/// Forms that change or allow something send `version`, so that an old page undoes nothing. Forms, behind the page's address: `/pause` with `duration`
/// (`1h`, `today`, `until_resumed`) and `reason`; `/resume`; `/writes` with `writes` (`on`,
/// `off`) and `reason`; `/limits` with `read` and `write`, empty for the usual limit;
/// `/operations` with `excluded` for each; `/origins` with `origins`, one on each line; `/scopes`
/// with `scope` for each; `/remove-category` with `category`; `/addresses` with `addresses`, a line
/// each; `/revoke-made`. Each may send `reason`. `?live=off` stops the refreshing.
#[derive(Debug, Clone, Template)]
#[template(path = "connection.html")]
pub struct ConnectionPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// Its id.
    pub connection_id: String,
    /// The version that the forms change.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// Who runs it.
    pub run_by: String,
    /// Why the clinic wants it.
    pub reason: String,
    /// What its data is used for, as `to bill, collect and keep the books`.
    pub purpose: String,
    /// Whether it may call.
    pub state: ConnectionState,
    /// What to know about the state: who paused it, until when, why.
    pub state_note: Option<String>,
    /// Whether it may change anything.
    pub writes_enabled: bool,
    /// What it can see, a sentence each.
    pub sees: Vec<String>,
    /// How often it may read, where that is not as usual.
    pub sees_at_most: Option<String>,
    /// What it can change, a sentence each.
    pub changes: Vec<String>,
    /// How often it may change something, where that is not as usual.
    pub changes_at_most: Option<String>,
    /// Kinds of data, allowed and used.
    pub usage: Vec<CategoryUse>,
    /// Its keys, those that work first.
    pub keys: Vec<KeyRow>,
    /// Where its other keys are.
    pub more_keys: Option<Pager>,
    /// From where it may be used, a line each.
    pub addresses: String,
    /// The newest calls first.
    pub lines: Vec<Line>,
    /// Whether the calls are refreshed live.
    pub live: bool,
    /// Changes of the connection, the newest first.
    pub history: Vec<Change>,
    /// Where its other changes are.
    pub more_history: Option<Pager>,
    /// The connections that its keys made.
    pub made: Vec<Made>,
    /// Where the others are.
    pub more_made: Option<Pager>,
    /// Whether one of them still lives.
    pub made_lives: bool,
    /// Technical details.
    pub facts: Vec<Fact>,
    /// How fast it may call.
    pub limits: Limits,
    /// The origins whose web pages may call with its keys.
    pub browser_origins: Vec<String>,
    /// Calls that can be forbidden.
    pub operations: Vec<OperationChoice>,
    /// What it can be allowed.
    pub resources: Vec<ResourceChoice>,
    /// A form that was refused; the values above are as they were typed in it.
    pub refused: Option<RefusedForm>,
    /// What must be mended in it.
    pub faults: Faults,
}

/// A form of the page that was refused. It stands open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedForm {
    /// What its address ends with.
    pub control: String,
    /// Why, as typed.
    pub reason: String,
}

impl ConnectionPage {
    /// What is over is told as what was.
    pub const fn can(&self) -> &'static str {
        if self.state.is_over() { "could" } else { "can" }
    }

    /// The page's own address.
    pub fn path(&self) -> String {
        format!("/console/connections/{}", in_path(&self.connection_id))
    }

    /// Whether a form was refused, by what its address ends with.
    pub fn is_open(&self, control: &str) -> bool {
        self.refused.as_ref().is_some_and(|refused| refused.control == control)
    }

    /// Why, as typed in a form.
    pub fn why(&self, control: &str) -> &str {
        self.refused.as_ref().filter(|refused| refused.control == control).map_or("", |refused| &refused.reason)
    }

    /// Whether something that it may see was not used and can be removed.
    pub fn has_spare(&self) -> bool {
        !self.state.is_over() && self.usage.iter().any(|row| row.removable && row.is_unused())
    }

    /// How many calls are forbidden.
    pub fn forbidden(&self) -> usize {
        self.operations.iter().filter(|operation| operation.excluded).count()
    }
}

/// `/console/connections/{id}/revoke`. The form sends `reason` to the same address.
#[derive(Debug, Clone, Template)]
#[template(path = "revoke.html")]
pub struct Revoke {
    /// What surrounds the page.
    pub frame: Frame,
    /// The connection's id.
    pub connection_id: String,
    /// The connection's name.
    pub name: String,
    /// How many connections that its keys made would live on, in words.
    pub made: Option<String>,
    /// What would stop, in a sentence: `It made 214 calls in the last 7 days.`
    pub recent: Option<String>,
}
