//! The first page: what needs a person, and the last day in numbers.

use askama::Template;

use crate::chart::Chart;
use crate::frame::Frame;
use crate::pages::activity::Line;
use crate::words::{Count, counted};

/// Why a connection needs a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NeedKind {
    /// It was suspended for what it did.
    Suspended,
    /// One of its keys was reported as leaked.
    Leaked,
    /// A person paused it.
    Paused,
    /// Its access ends soon.
    Expiring,
    /// A program made it, not a person, and not long ago.
    Made,
    /// Nobody used it for long.
    Unused,
    /// Nobody used one of its keys for long.
    UnusedKey,
    /// Many of its calls are refused.
    Refused,
    /// Many of its calls are refused by what the clinic itself set.
    HeldBack,
}

impl NeedKind {
    /// What follows the connection's name in the heading.
    pub const fn headline(self) -> &'static str {
        match self {
            Self::Suspended => "is suspended",
            Self::Leaked => "had a key that leaked",
            Self::UnusedKey => "has a key that is not used",
            Self::Paused => "is paused",
            Self::Made => "was made by a program",
            Self::Expiring => "ends soon",
            Self::Unused => "is not used",
            Self::Refused => "is refused a lot",
            Self::HeldBack => "is held back by your settings",
        }
    }

    /// The graver, the smaller: what harms now, what will stop, what can wait.
    pub const fn rank(self) -> u8 {
        match self {
            Self::Leaked => 0,
            Self::Suspended => 1,
            Self::Refused => 2,
            Self::Expiring => 3,
            Self::Made => 4,
            Self::Paused => 5,
            Self::UnusedKey => 6,
            Self::HeldBack => 7,
            Self::Unused => 8,
        }
    }

    /// Whether the connection's state says the same.
    pub const fn is_state(self) -> bool {
        matches!(self, Self::Suspended | Self::Paused)
    }

    /// The words of the link, for who can do something about it or only looks.
    pub const fn action(self, only_looks: bool) -> &'static str {
        match self {
            Self::Paused if only_looks => "See why it is paused",
            Self::Expiring if only_looks => "See when it ends",
            Self::Unused | Self::UnusedKey if only_looks => "See when it was used",
            Self::Suspended => "See what happened",
            Self::Made => "See what it may do",
            Self::Leaked => "See what was said",
            Self::UnusedKey => "Check if you still need it",
            Self::Paused => "Let it call again",
            Self::Expiring => "Decide",
            Self::Unused => "Check if you still need it",
            Self::Refused | Self::HeldBack => "See the refusals",
        }
    }

    /// The tone of its icon.
    pub const fn tone(self) -> &'static str {
        match self {
            Self::Suspended | Self::Leaked => "bad",
            Self::Refused | Self::Expiring | Self::Made => "warn",
            Self::Paused | Self::HeldBack | Self::Unused | Self::UnusedKey => "calm",
        }
    }
}

/// A connection that needs a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Why.
    pub kind: NeedKind,
    /// Its id.
    pub connection_id: String,
    /// Its name.
    pub name: String,
    /// One or two sentences with the numbers.
    pub detail: String,
}

impl Need {
    /// Where the person can do something about it, or read about it.
    pub fn href(&self, only_looks: bool) -> String {
        let id = crate::words::in_path(&self.connection_id);
        match self.kind {
            NeedKind::Paused if only_looks => format!("/console/connections/{id}"),
            NeedKind::Refused | NeedKind::HeldBack => format!("/console/log?connection={id}&outcome=refused"),
            NeedKind::Paused => format!("/console/connections/{id}#controls"),
            NeedKind::Leaked | NeedKind::Expiring | NeedKind::UnusedKey => format!("/console/connections/{id}#keys"),
            NeedKind::Suspended | NeedKind::Made | NeedKind::Unused => format!("/console/connections/{id}"),
        }
    }
}

/// `/console`.
#[derive(Debug, Clone, Template)]
#[template(path = "home.html")]
pub struct Home {
    /// What surrounds the page.
    pub frame: Frame,
    /// Whether the person signs in with a password alone.
    pub offers_second_factor: bool,
    /// How many calls ended in a fault of this server since it was started.
    pub faults: u64,
    /// What needs a person, the gravest first.
    pub needs: Vec<Need>,
    /// How many more there are than are listed.
    pub more_needs: usize,
    /// Whether nothing is connected.
    pub is_empty: bool,
    /// Connections that may call now.
    pub connections: Count,
    /// Calls in the last 24 hours.
    pub calls: Count,
    /// Of these, refused.
    pub refused: Count,
    /// Records read in the last 24 hours.
    pub records_read: Count,
    /// Calls by hour.
    pub chart: Chart,
    /// The newest calls first.
    pub activity: Vec<Line>,
}

impl Home {
    /// Whether the person can only look.
    pub const fn only_looks(&self) -> bool {
        self.frame.only_looks.is_some()
    }

    /// The state of things in a sentence.
    pub fn summary(&self) -> String {
        match self.needs.len() + self.more_needs {
            _ if self.frame.writes_stopped.is_some() => "All changes are stopped".to_owned(),
            0 if self.is_empty => "Nothing is connected yet".to_owned(),
            0 => "All is well".to_owned(),
            count if self.only_looks() => {
                format!("{} an admin", counted(count as u64, "connection needs", "connections need"))
            }
            count => format!("{} you", counted(count as u64, "connection needs", "connections need")),
        }
    }
}
