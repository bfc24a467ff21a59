//! What connections did, as sentences. Also the part of a connection's page that is refreshed live.

use askama::Template;

use crate::words::When;

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// The clinic's rules refused it.
    Refused,
    /// It was allowed and did not work.
    Failed,
}

impl Outcome {
    /// In one word.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Done => "Allowed",
            Self::Refused => "Refused",
            Self::Failed => "Failed",
        }
    }

    /// The class of its badge.
    pub const fn tone(self) -> &'static str {
        match self {
            Self::Done => "b-ok",
            Self::Refused => "b-bad",
            Self::Failed => "b-warn",
        }
    }

    /// Whether it was done.
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Done)
    }
}

/// A call as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: When,
    /// The connection's name.
    pub who: String,
    /// The rest of the sentence, without a stop: `read 42 invoices`.
    pub did: String,
    /// What came of it.
    pub outcome: Outcome,
    /// The call's id, for the link to its entry.
    pub request_id: String,
}

/// `/console/connections/{id}/activity`: the list alone, which replaces itself.
///
/// A refresh that must end (signed out, revoked) answers with status 286, which stops the polling.
#[derive(Debug, Clone, Template)]
#[template(path = "activity.html")]
pub struct Activity {
    /// Whose.
    pub connection_id: String,
    /// The newest calls first.
    pub lines: Vec<Line>,
    /// Whether it goes on refreshing itself.
    pub live: bool,
}
