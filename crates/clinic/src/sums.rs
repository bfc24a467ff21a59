//! Whether records contradict one another: figures that others add up to, and bytes that a document names.
//!
//! Every line of an export is looked at once, and what it says of others is kept: an id, a line and a
//! figure for each client, invoice and payment. What is wrong is told when all lines were seen.

use std::collections::HashMap;

use clinicos_contract::{AnyId, FieldError};

/// A figure of a record that other records add up to. What others rest on comes first, and is told first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Figure {
    /// What of a payment went back.
    PaymentRefunded,
    /// What is paid of an invoice.
    InvoicePaid,
    /// What a client paid beyond invoices.
    ClientCredit,
    /// What a client owes.
    ClientBalance,
}

/// A record that contradicts others.
#[derive(Debug)]
pub struct Contradiction {
    /// The resource that it is one of.
    pub resource: &'static str,
    /// The line of its file, from 1.
    pub line: u64,
    /// What is wrong.
    pub error: FieldError,
}

/// What was said of records, and what other records say of the same.
#[derive(Debug, Default)]
pub struct Sums {
    line: u64,
    figures: HashMap<(Figure, [u8; 16]), Sum>,
    documents: HashMap<[u8; 16], Described>,
}

/// A figure as its own record has it, and what others add up to.
#[derive(Debug, Default, Clone, Copy)]
struct Sum {
    /// The line, from 1, and what stands there; 0 until its record came.
    line: u64,
    said: i64,
    found: i64,
}

/// What a document says of its bytes.
#[derive(Debug)]
pub struct Described {
    /// How many there are.
    pub bytes: Option<i64>,
    /// Their SHA-256.
    pub sha256: Option<String>,
    /// Whether they come along.
    pub has_content: bool,
    line: u64,
    came: bool,
}

impl Figure {
    const fn resource(self) -> &'static str {
        match self {
            Self::ClientBalance | Self::ClientCredit => "clients",
            Self::InvoicePaid => "invoices",
            Self::PaymentRefunded => "payments",
        }
    }

    const fn field(self) -> &'static str {
        match self {
            Self::ClientBalance => "balance",
            Self::ClientCredit => "credit",
            Self::InvoicePaid => "paid",
            Self::PaymentRefunded => "refunded",
        }
    }

    const fn parts(self) -> &'static str {
        match self {
            Self::ClientBalance => "the balances of the client's invoices",
            Self::ClientCredit => "what the client's payments leave unallocated",
            Self::InvoicePaid => "what payments put towards the invoice",
            Self::PaymentRefunded => "the payment's refunds",
        }
    }
}

impl Described {
    /// What a document says.
    pub fn new(bytes: Option<i64>, sha256: Option<String>, has_content: bool) -> Self {
        Self { bytes, sha256, has_content, line: 0, came: false }
    }
}

impl Sums {
    /// What follows stands in this line of its file, from 1.
    pub fn at(&mut self, line: u64) {
        self.line = line;
    }

    /// The record of this id has this figure.
    pub fn says(&mut self, figure: Figure, id: AnyId, amount: i64) {
        let line = self.line;
        let sum = self.figures.entry((figure, id.bytes)).or_default();
        (sum.line, sum.said) = (line, amount);
    }

    /// Another record adds so much to the figure of this one.
    pub fn adds(&mut self, figure: Figure, id: AnyId, amount: i64) {
        let sum = self.figures.entry((figure, id.bytes)).or_default();
        sum.found = sum.found.saturating_add(amount);
    }

    /// The document of this id describes its bytes.
    pub fn describes(&mut self, id: AnyId, described: Described) {
        self.documents.insert(id.bytes, Described { line: self.line, ..described });
    }

    /// The bytes of this document came; tells what is wrong with them.
    pub fn content(&mut self, id: AnyId, bytes: usize, sha256: &str) -> Option<FieldError> {
        let document = self.documents.get_mut(&id.bytes)?;
        document.came = true;
        let wrong = |detail: String| Some(FieldError::new("/content", "other_content", detail));
        let line = document.line;
        if !document.has_content {
            return wrong(format!("line {line} of `documents` says that the document has no content"));
        }
        if document.bytes.is_some_and(|said| usize::try_from(said) != Ok(bytes)) {
            return wrong(format!("it has {bytes} bytes, and line {line} of `documents` says other `bytes`"));
        }
        if document.sha256.as_deref().is_some_and(|said| said != sha256) {
            return wrong(format!("its SHA-256 is not the `sha256` in line {line} of `documents`"));
        }
        None
    }

    /// The first record that others contradict, once all lines were seen.
    pub fn contradiction(&self) -> Option<Contradiction> {
        let unequal = self.figures.iter().filter(|(_, sum)| sum.line > 0 && sum.said != sum.found);
        if let Some(((figure, _), sum)) = unequal.min_by_key(|((figure, _), sum)| (*figure, sum.line)) {
            let Sum { line, said, found } = *sum;
            let detail = format!("is {said} minor units, and {} add up to {found}", figure.parts());
            let error = FieldError::new(format!("/{}", figure.field()), "sum", detail);
            return Some(Contradiction { resource: figure.resource(), line, error });
        }
        let missing = self.documents.values().filter(|document| document.has_content && !document.came);
        let line = missing.map(|document| document.line).min()?;
        let detail = "says that its bytes are here, and no line of `document_contents` has them";
        Some(Contradiction { resource: "documents", line, error: FieldError::new("/has_content", "missing", detail) })
    }
}

/// Says that a figure is not what follows from others, if so.
pub fn unless_equal(errors: &mut Vec<FieldError>, pointer: &str, said: i64, follows: i64, from: &str) {
    if said != follows {
        let detail = format!("is {said} minor units, and {from} make {follows}");
        errors.push(FieldError::new(pointer, "sum", detail));
    }
}
