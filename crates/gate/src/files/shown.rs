//! Records that show the bytes of a file: the operation says which, and the gate reads them once the store is
//! left.

use clinicos_contract::Record;
use serde::Serialize;

use super::FileName;
use crate::operation::{AnyRecord, Outcome, Output};

/// One record that shows the bytes of a file, which the gate reads once the store is left.
pub struct OneWithFile<T> {
    /// The record, without them.
    pub record: T,
    /// Whose bytes it shows; none if the record has them already.
    pub file: Option<FileName>,
    /// Puts them in.
    pub fill: fn(&mut T, &[u8]),
}

/// A record without its type that waits for the bytes of a file.
pub trait Filling: Send {
    /// Which file.
    fn file(&self) -> &FileName;
    /// The record with its bytes.
    fn fill(self: Box<Self>, bytes: &[u8]) -> Box<dyn AnyRecord>;
}

/// A record, the file, and how its bytes come in.
struct Unfilled<T>(T, FileName, fn(&mut T, &[u8]));

impl<T: Record + Serialize + Send + 'static> Filling for Unfilled<T> {
    fn file(&self) -> &FileName {
        &self.1
    }
    fn fill(self: Box<Self>, bytes: &[u8]) -> Box<dyn AnyRecord> {
        let Self(mut record, _, fill) = *self;
        fill(&mut record, bytes);
        Box::new(record)
    }
}

impl<T: Record + Serialize + Send + 'static> Output for OneWithFile<T> {
    fn outcome(self) -> Outcome {
        match self.file {
            Some(file) => Outcome::Filling(Box::new(Unfilled(self.record, file, self.fill))),
            None => Outcome::One(Box::new(self.record)),
        }
    }
    fn restore(_stored: &[u8]) -> Option<Outcome> {
        None
    }
}
