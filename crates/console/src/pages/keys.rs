//! Making a key.

use askama::Template;

use crate::faults::Faults;
use crate::frame::Frame;
use crate::pages::connection::ResourceChoice;
use crate::words::Choice;

/// What whoever allows a connection data is told about that. It is kept with what they allow.
pub const SHOWN_TEXT: &str = "What you tick here you allow this connection in the name of your clinic, for the purpose that it has. \
    What a client refuses stays hidden from it, and you can take any of it back at any time.";

/// `/console/keys/new`. The form sends `name`, `run_by`, `reason`, `purpose`, `scope` for each
/// tick, `expires`, `addresses` and `origins`, one on each line, `organization` (`on`) and `existing`
/// to `/console/keys`.
#[derive(Debug, Clone, Template)]
#[template(path = "new_key.html")]
pub struct NewKey {
    /// What surrounds the page.
    pub frame: Frame,
    /// What must be mended.
    pub faults: Faults,
    /// Sent twice, as by a reload, the form makes one key.
    pub nonce: String,
    /// The name that was typed in last.
    pub name: String,
    /// Who runs it, as typed in last.
    pub run_by: String,
    /// Why, as typed in last.
    pub reason: String,
    /// What its data may be used for.
    pub purposes: Vec<Choice>,
    /// Who can get the data.
    pub recipients: Vec<Choice>,
    /// What it may do.
    pub resources: Vec<ResourceChoice>,
    /// When it may end.
    pub expiries: Vec<Choice>,
    /// Origins of web pages, as typed in last.
    pub origins: String,
    /// Addresses, a line each, as typed in last.
    pub addresses: String,
    /// Whether other clinics of the organization may let it in, as ticked last.
    pub for_organization: bool,
    /// The id of a key that another clinic has, as typed in last.
    pub existing: String,
}

impl NewKey {
    /// Whether a purpose was chosen: none is preset, because it is what the clinic agrees to.
    pub fn has_purpose(&self) -> bool {
        self.purposes.iter().any(|choice| choice.selected)
    }
}

/// The answer to a new key: the only page that ever shows its secret. Never to be cached.
#[derive(Debug, Clone, Template)]
#[template(path = "key_made.html")]
pub struct KeyMade {
    /// What surrounds the page.
    pub frame: Frame,
    /// The key's id.
    pub key_id: String,
    /// The connection that the key belongs to.
    pub connection_id: String,
    /// The connection's name.
    pub name: String,
    /// The key; empty if it was shown already.
    pub secret: String,
    /// What comes next, in a sentence: what becomes of the key that it replaces.
    pub next: Option<String>,
    /// A command that works with it.
    pub curl: String,
    /// What the command asks for, in a sentence.
    pub curl_words: String,
}
