//! What left about a client: to whom, which data, when, and under which consent. Printed, it is a receipt
//! for the client.

use askama::Template;

use crate::frame::Frame;
use crate::words::{Count, When, counted};

/// `/console/records/clients/{id}/left`
#[derive(Debug, Clone, Template)]
#[template(path = "left.html")]
pub struct Left {
    /// What surrounds the page.
    pub frame: Frame,
    /// The client's name.
    pub name: String,
    /// Where the client's record is.
    pub href: String,
    /// The clinic.
    pub clinic: String,
    /// When the page was made.
    pub now: When,
    /// Programs that got data, the last one first.
    pub programs: Vec<Recipient>,
    /// People of the clinic who were shown data, the last one first.
    pub people: Vec<Recipient>,
    /// How many answers are told, if there are older ones.
    pub only_newest: Option<Count>,
}

/// Who got data of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// By name.
    pub name: String,
    /// Where the connection is, if it is one.
    pub href: Option<String>,
    /// What sort of recipient it is and what for: `Laboratory, for treatment`.
    pub about: Option<String>,
    /// How many answers.
    pub answers: Count,
    /// The first and the last of them.
    pub first: When,
    /// See `first`.
    pub last: When,
    /// Which data, with the last time that it was in an answer.
    pub data: Vec<Data>,
    /// Whose: the client, and animals, by name.
    pub of: Vec<Subject>,
    /// The consents that counted: where each is recorded.
    pub consents: Vec<Subject>,
    /// The entry of the last answer in the log.
    pub last_entry: String,
}

impl Recipient {
    /// How many answers, to be read.
    pub fn words(&self) -> String {
        counted(self.answers.0, "answer", "answers")
    }
}

/// A category of data that left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data {
    /// In plain words.
    pub words: String,
    /// In how many answers.
    pub answers: Count,
    /// The last time.
    pub last: When,
}

/// A record, by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// What it is called.
    pub name: String,
    /// Where it is.
    pub href: String,
}
