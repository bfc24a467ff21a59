//! Everything that can touch the clinic's data, in one list.

use askama::Template;

use crate::frame::Frame;
use crate::pager::Pager;
use crate::words::{Count, When, counted};

/// Days after which a connection, or a key, counts as unused.
pub const UNUSED_DAYS: i64 = 60;

/// Whether a connection may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionState {
    /// It may.
    Active,
    /// A person paused it.
    Paused,
    /// It was suspended for what it did.
    Suspended,
    /// Its access ended by date.
    Expired,
    /// It is over, for good.
    Revoked,
}

impl ConnectionState {
    /// In one word.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Paused => "Paused",
            Self::Suspended => "Suspended",
            Self::Expired => "Ended",
            Self::Revoked => "Revoked",
        }
    }

    /// The class of its badge.
    pub const fn tone(self) -> &'static str {
        match self {
            Self::Active => "b-ok",
            Self::Paused => "b-warn",
            Self::Suspended => "b-bad",
            Self::Expired | Self::Revoked => "b-over",
        }
    }

    /// Whether nothing can be done with it anymore.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Revoked)
    }

    /// Whether it can be let in again.
    pub const fn can_resume(self) -> bool {
        matches!(self, Self::Paused | Self::Suspended)
    }

    /// Whether it can be paused.
    pub const fn can_pause(self) -> bool {
        matches!(self, Self::Active)
    }
}

/// A choice of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterKind {
    /// All that are not revoked.
    All,
    /// Those that need a person.
    NeedsYou,
    /// Those that may change something.
    CanWrite,
    /// Those that see how to reach owners.
    SeesOwnerContact,
    /// Those that nobody used for long.
    Unused,
    /// Those that were revoked: what they did stays to be read.
    Over,
}

impl FilterKind {
    /// Every value, in the order of the page.
    pub const ALL: [Self; 6] = [Self::All, Self::NeedsYou, Self::CanWrite, Self::SeesOwnerContact, Self::Unused, Self::Over];

    /// The value of `filter`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::NeedsYou => "needs_you",
            Self::CanWrite => "can_write",
            Self::SeesOwnerContact => "owner_contact",
            Self::Unused => "unused",
            Self::Over => "ended",
        }
    }

    /// Reads the value of `filter`.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What people read.
    pub const fn words(self) -> &'static str {
        match self {
            Self::All => "Current",
            Self::NeedsYou => "Needs you",
            Self::CanWrite => "Can change data",
            Self::SeesOwnerContact => "Sees owners' contact data",
            Self::Unused => "Not used in 60 days",
            Self::Over => "Ended",
        }
    }

    /// What people read if there are none.
    pub const fn empty_words(self) -> &'static str {
        match self {
            Self::All => "Nothing is connected yet. A connection lets one program work with your clinic's data.",
            Self::NeedsYou => "No connection needs you now.",
            Self::CanWrite => "No connection can change anything.",
            Self::SeesOwnerContact => "No connection sees how to reach owners.",
            Self::Unused => "Every connection was used in the last 60 days.",
            Self::Over => "No connection was revoked.",
        }
    }

    /// Whether it is the choice of all.
    pub const fn is_all(self) -> bool {
        matches!(self, Self::All)
    }
}

/// A choice and how many connections it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filter {
    /// Which.
    pub kind: FilterKind,
    /// How many.
    pub count: Count,
}

/// One connection in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Who runs it.
    pub run_by: String,
    /// Why the clinic wants it.
    pub reason: String,
    /// What it can see, in one sentence.
    pub sees: String,
    /// What it can change, in one sentence.
    pub changes: String,
    /// When it last called.
    pub last_used: Option<When>,
    /// Calls in the last 24 hours.
    pub calls: Count,
    /// Whether it may call.
    pub state: ConnectionState,
    /// Why it needs a person, in a few words.
    pub needs_you: Option<String>,
}

/// `/console/connections?filter=&page=`.
#[derive(Debug, Clone, Template)]
#[template(path = "connections.html")]
pub struct Connections {
    /// What surrounds the page.
    pub frame: Frame,
    /// The choices.
    pub filters: Vec<Filter>,
    /// The one that is shown.
    pub selected: FilterKind,
    /// The connections, those that need a person first.
    pub rows: Vec<Row>,
    /// How many there are in all, on this page and on others.
    pub all: Count,
    /// Where the others are.
    pub pager: Option<Pager>,
}

impl Connections {
    /// What the table holds.
    pub fn caption(&self) -> String {
        counted(self.all.0, "connection. What needs you comes first.", "connections. What needs you comes first.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_how_long_unused_is() {
        let days = format!(" {UNUSED_DAYS} days");
        assert!(FilterKind::Unused.words().contains(&days) && FilterKind::Unused.empty_words().contains(&days));
    }
}
