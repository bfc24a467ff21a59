//! What is wrong: with one record, or with the whole undertaking.

use std::io;

/// What is wrong with a record of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line that it stands on, from 1.
    pub line: u64,
    /// The column; empty if it is the record as a whole.
    pub column: String,
    /// The kind of fault, such as `date`.
    pub code: String,
    /// What is expected. It repeats no value, because values can be personal.
    pub detail: String,
}

impl Fault {
    /// A fault in a column.
    pub fn new(line: u64, column: impl Into<String>, code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { line, column: column.into(), code: code.into(), detail: detail.into() }
    }
}

/// Why nothing can be imported at all.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The mapping is wrong.
    #[error("the mapping is wrong{}: {detail}", match line { Some(line) => format!(" in line {line}"), None => String::new() })]
    Mapping {
        /// The line of the mapping, from 1.
        line: Option<usize>,
        /// What is wrong, with the name of the table and the key.
        detail: String,
    },
    /// A file is not what the mapping says.
    #[error("`{file}`: {detail}")]
    File {
        /// The file's name.
        file: String,
        /// What is wrong.
        detail: String,
    },
    /// A file cannot be read.
    #[error("`{file}` cannot be read: {why}")]
    Io {
        /// The file's name.
        file: String,
        /// Why.
        why: io::Error,
    },
    /// Whoever reads was told to stop.
    #[error("it was stopped while files were read")]
    Halted,
}

impl Broken {
    pub(crate) fn file(file: &str, detail: impl Into<String>) -> Self {
        Self::File { file: file.to_owned(), detail: detail.into() }
    }

    pub(crate) fn io(file: &str) -> impl FnOnce(io::Error) -> Self + '_ {
        move |why| Self::Io { file: file.to_owned(), why }
    }
}
