//! The switch that stops all changes by connections.

use askama::Template;

use crate::frame::Frame;
use crate::pages::connection::Change;
use crate::words::{Count, counted};

/// `/console/emergency`. Whether the switch is on stands in the frame. The form sends `writes`
/// (`stop`, `allow`) and `reason`; to allow, `version` as well.
#[derive(Debug, Clone, Template)]
#[template(path = "emergency.html")]
pub struct Emergency {
    /// What surrounds the page.
    pub frame: Frame,
    /// The version that the form changes.
    pub version: i64,
    /// Connections that may change something now.
    pub writers: Count,
    /// When the switch was used before, the newest first.
    pub history: Vec<Change>,
}

impl Emergency {
    /// Who would be stopped.
    pub fn writers_words(&self) -> String {
        let who = match self.writers.0 {
            0 => "No connection".to_owned(),
            count => counted(count, "connection", "connections"),
        };
        format!("{who} may change something at your clinic now.")
    }
}
