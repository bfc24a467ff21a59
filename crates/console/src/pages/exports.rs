//! The clinic's whole record, to take along.

use askama::Template;

use crate::frame::Frame;
use crate::words::{Count, When};

/// `/console/export`. The form goes to the same address.
#[derive(Debug, Clone, Template)]
#[template(path = "exports.html")]
pub struct Exports {
    /// What surrounds the page.
    pub frame: Frame,
}

/// `/console/export/{id}`
#[derive(Debug, Clone, Template)]
#[template(path = "export.html")]
pub struct Export {
    /// What surrounds the page.
    pub frame: Frame,
    /// Its id.
    pub id: String,
    /// The moment that everything in it shows.
    pub as_of: When,
    /// What there is to download.
    pub files: Vec<FileLine>,
    /// Documents whose bytes are damaged or gone: id and title.
    pub lost: Vec<String>,
    /// How many records there are.
    pub records: Count,
    /// How many parts there are, and how many of them were downloaded.
    pub parts: u64,
    /// Those that were downloaded, at least once.
    pub parts_read: u64,
}

impl Export {
    /// Whether everything was downloaded.
    pub fn is_through(&self) -> bool {
        self.parts_read >= self.parts
    }

    /// How many parts were downloaded, to be read.
    pub fn words_read(&self) -> Count {
        Count(self.parts_read)
    }

    /// How many there are, to be read.
    pub fn words_all(&self) -> Count {
        Count(self.parts)
    }

    /// Whether a download may be under way.
    pub fn is_moving(&self) -> bool {
        self.parts_read > 0 && !self.is_through()
    }
}

/// A file of one kind of record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileLine {
    /// What is in it, in words.
    pub title: String,
    /// What it is called.
    pub name: String,
    /// How many records it has.
    pub records: Count,
}
