//! What a client allowed or refused, and what it means for each connection: a part of the client's page.

use crate::words::When;

/// What a client decided, and what that comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sharing {
    /// What the client decided, newest first.
    pub decided: Vec<Decided>,
    /// What that means for each connection.
    pub means: Vec<Means>,
    /// Whether there are more connections.
    pub more: bool,
}

/// A decision of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Where all of it is.
    pub href: String,
    /// `Refused: data sharing`.
    pub what: String,
    /// Where it stands, in words.
    pub status: String,
    /// What for; empty for what goes with it.
    pub purposes: String,
    /// Which data; empty for all of it.
    pub data: String,
    /// How the client said so.
    pub method: String,
    /// The document that shows it.
    pub evidence: Option<String>,
    /// Who wrote it down.
    pub by: Option<String>,
    /// The patient that it is about, if it is about one.
    pub patient: Option<String>,
    /// When it was said last.
    pub at: Option<When>,
    /// Until when it holds.
    pub until: Option<When>,
}

/// What it means for one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Means {
    /// What people call the connection.
    pub name: String,
    /// Where it is.
    pub href: String,
    /// What its data is used for, in words.
    pub purpose: String,
    /// Each kind of data of clients.
    pub kinds: Vec<Kept>,
}

impl Means {
    /// How many kinds of data it can see.
    pub fn seen(&self) -> usize {
        self.kinds.iter().filter(|kind| kind.may_see).count()
    }
}

/// A kind of data, and whether a connection can see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What it covers, in plain words.
    pub data: String,
    /// Whether the connection can see it.
    pub may_see: bool,
    /// Why, in a sentence.
    pub because: String,
    /// Where the rule that says so comes from; empty if none does.
    pub source: String,
}
