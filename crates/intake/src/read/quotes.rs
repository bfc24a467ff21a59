//! Watches quotes in comma-separated values: where a field in quotes begins and ends, and whether it
//! ends as one does. Whoever forgets a closing quote makes one field of all records up to the next
//! quote, and nothing of that is wrong as CSV.

/// Where in a field the last byte was.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// Before its first byte.
    Start,
    /// In a field without quotes, or behind its closing quote.
    Plain,
    /// Between quotes.
    Quoted,
    /// Behind a quote that closes the field, unless another one follows.
    Closed,
}

/// What is known of the quotes of one record.
pub(crate) struct Quotes {
    delimiter: u8,
    at: At,
    /// The line in which the field in quotes begins.
    opened: u64,
    /// The last line of it so far.
    line: u64,
    after_return: bool,
    /// First and last line of the longest field in quotes that has several.
    longest: Option<(u64, u64)>,
    /// First and last line of such a field, if something stands between its closing quote and its end.
    torn: Option<(u64, u64)>,
    /// The field that the last byte is of, from 0.
    field: usize,
    /// Whether the field in quotes holds a divider.
    holds_divider: bool,
    /// The line and the field of a quote that took in what is behind a divider, though it ends as no such field does.
    swallowed: Option<(u64, usize)>,
}

impl Quotes {
    pub(crate) fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            at: At::Start,
            opened: 0,
            line: 0,
            after_return: false,
            longest: None,
            torn: None,
            field: 0,
            holds_divider: false,
            swallowed: None,
        }
    }

    /// Passes bytes of the record, of which the first stands in this line.
    pub(crate) fn pass(&mut self, bytes: &[u8], line: u64) {
        // Most records have no quotes at all.
        if !matches!(self.at, At::Quoted | At::Closed) && !bytes.contains(&b'"') {
            self.field += bytes.iter().filter(|byte| **byte == self.delimiter).count();
            if let Some(last) = bytes.last() {
                self.at = if *last == self.delimiter { At::Start } else { At::Plain };
            }
            return;
        }
        self.line = line;
        for byte in bytes {
            if *byte == b'\r' || (*byte == b'\n' && !self.after_return) {
                self.line += 1;
            }
            self.after_return = *byte == b'\r';
            self.step(*byte);
        }
        if self.at == At::Quoted {
            self.close();
        }
    }

    fn step(&mut self, byte: u8) {
        let ends = byte == self.delimiter || byte == b'\n' || byte == b'\r';
        let between = self.at == At::Quoted;
        self.field += usize::from(byte == self.delimiter && !between);
        self.holds_divider |= byte == self.delimiter && between;
        self.at = match (self.at, byte) {
            (At::Start, b'"') => {
                self.opened = self.line;
                self.holds_divider = false;
                At::Quoted
            }
            (At::Quoted, b'"') => {
                self.close();
                At::Closed
            }
            (At::Closed, b'"') => At::Quoted,
            (At::Quoted, _) => At::Quoted,
            (At::Start | At::Plain, _) if ends => At::Start,
            (At::Closed, _) if ends => At::Start,
            (At::Closed, b' ' | b'\t') => At::Plain,
            (At::Closed, _) => {
                // Within one field it is a slip of the pen; after several, or after several lines, the quote was
                // another field's.
                if self.line > self.opened && self.torn.is_none() {
                    self.torn = Some((self.opened, self.line));
                }
                if self.holds_divider && self.swallowed.is_none() {
                    self.swallowed = Some((self.opened, self.field));
                }
                At::Plain
            }
            (At::Start | At::Plain, _) => At::Plain,
        };
    }

    fn close(&mut self) {
        let lines = |(first, last): (u64, u64)| last - first;
        let own = (self.opened, self.line);
        if lines(own) > self.longest.map_or(0, lines) {
            self.longest = Some(own);
        }
    }

    /// First and last line of the longest field in quotes that has several.
    pub(crate) fn longest(&self) -> Option<(u64, u64)> {
        self.longest
    }

    /// First and last line of a field of several that does not end as one in quotes does.
    pub(crate) fn torn(&self) -> Option<(u64, u64)> {
        let open = (self.at == At::Quoted && self.line > self.opened).then_some((self.opened, self.line));
        self.torn.or(open)
    }

    /// The line and the field of a quote that took in several fields of one line.
    pub(crate) fn swallowed(&self) -> Option<(u64, usize)> {
        self.swallowed
    }

    /// The line in which the last field in quotes begins.
    pub(crate) fn opened(&self) -> u64 {
        self.opened
    }

    /// Whether the file ended between quotes.
    pub(crate) fn is_open(&self) -> bool {
        self.at == At::Quoted
    }
}
