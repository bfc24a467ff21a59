//! A page that could not be shown.

use askama::Template;

use crate::frame::Frame;

/// An error.
#[derive(Debug, Clone, Template)]
#[template(path = "problem_page.html")]
pub struct ProblemPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The status of the answer.
    pub status: u16,
    /// What happened, in a few words.
    pub title: String,
    /// What the reader can do.
    pub what_to_do: String,
    /// The call's id, for support.
    pub request_id: Option<String>,
}
