//! What somebody typed into a form that could not be taken, and the button that sends it again.

use askama::Template;

use crate::frame::Frame;
use crate::words::Fact;

/// After somebody signed in again: the form that their old session could not send. It sends the
/// same fields to the same address.
#[derive(Debug, Clone, Template)]
#[template(path = "left_off.html")]
pub struct LeftOff {
    /// What surrounds the page.
    pub frame: Frame,
    /// What the form is about.
    pub what: String,
    /// What was typed.
    pub typed: Vec<Fact>,
    /// Where the form is sent to.
    pub action: String,
    /// Its fields.
    pub fields: Vec<(String, String)>,
    /// The page that it stood on.
    pub page: String,
}

/// In place of a form whose record has changed since its page was made.
#[derive(Debug, Clone, Template)]
#[template(path = "changed.html")]
pub struct Changed {
    /// What surrounds the page.
    pub frame: Frame,
    /// What the record is called.
    pub name: String,
    /// What the form is about.
    pub what: String,
    /// Who changed what and when since then, a sentence each.
    pub changes: Vec<String>,
    /// How it is now.
    pub now: Vec<Fact>,
    /// What was typed.
    pub typed: Vec<Fact>,
    /// Where the form is sent to.
    pub action: String,
    /// Its fields, based on how it is now.
    pub fields: Vec<(String, String)>,
    /// The page that it stood on.
    pub page: String,
}
