//! Puts records that were read later into the records that lead to them.

use std::collections::HashSet;
use std::ops::Range;

use super::Writer;

/// Records of one link, written one behind the other.
#[derive(Debug)]
pub struct Branch {
    /// The member that they become.
    pub name: &'static str,
    /// Whether the member is a list; else it is one record or null.
    pub many: bool,
    /// Them.
    pub writer: Writer,
    /// Where those of each record stand in it: one list for each, in order.
    pub places: Vec<Vec<Range<usize>>>,
}

impl Branch {
    /// Appends what stands behind the colon.
    fn value(&self, record: usize, out: &mut Vec<u8>) {
        let places = self.places.get(record).map_or(&[][..], Vec::as_slice);
        let json = |place: &Range<usize>| self.writer.bytes.get(place.clone()).unwrap_or_default();
        match (self.many, places) {
            (false, []) => out.extend_from_slice(b"null"),
            (false, [first, ..]) => out.extend_from_slice(json(first)),
            (true, places) => {
                out.push(b'[');
                for (at, place) in places.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    out.extend_from_slice(json(place));
                }
                out.push(b']');
            }
        }
    }
}

impl Writer {
    /// How many records are written.
    pub fn ids_len(&self) -> usize {
        self.ids.len()
    }

    /// Forgets what was written beyond these many bytes and records.
    pub fn cut(&mut self, bytes: usize, ids: usize) {
        self.bytes.truncate(bytes);
        self.ids.truncate(ids);
        self.telling.cut(ids);
    }

    /// Appends what another one wrote from a place on. What that discloses stays with the other.
    pub fn copy(&mut self, other: &Self, start: usize) {
        self.bytes.extend_from_slice(other.bytes.get(start..).unwrap_or_default());
    }

    /// Adds to each record what its branches hold for it. `ends` says where each record ends, in
    /// order. Each id is kept once.
    #[must_use]
    pub fn join(mut self, ends: &[usize], branches: Vec<Branch>) -> Self {
        let more: usize = branches.iter().map(|branch| branch.writer.bytes.len() + ends.len() * (branch.name.len() + 6)).sum();
        let mut bytes = Vec::with_capacity(self.bytes.len() + more);
        let mut written = 0;
        for (record, end) in ends.iter().enumerate() {
            // A record is never empty: it has an id, and so its members go behind a comma.
            let inside = end.saturating_sub(1);
            bytes.extend_from_slice(self.bytes.get(written..inside).unwrap_or_default());
            for branch in &branches {
                bytes.extend_from_slice(b",\"");
                bytes.extend_from_slice(branch.name.as_bytes());
                bytes.extend_from_slice(b"\":");
                branch.value(record, &mut bytes);
            }
            written = inside;
        }
        bytes.extend_from_slice(self.bytes.get(written..).unwrap_or_default());
        self.bytes = bytes;
        for branch in branches {
            self.ids.extend(branch.writer.ids);
            self.disclosed.extend(branch.writer.disclosed);
            self.hidden.extend(branch.writer.hidden);
            self.lacks_opt_ins |= branch.writer.lacks_opt_ins;
            self.is_narrowed |= branch.writer.is_narrowed;
            self.telling.extend(branch.writer.telling);
        }
        self.keep_ids_once();
        self
    }

    /// Keeps the id of each record once, however often the answer shows it.
    pub fn keep_ids_once(&mut self) {
        let mut seen = HashSet::with_capacity(self.ids.len());
        self.ids.retain(|id| seen.insert(*id));
    }
}
