//! Finds records of a file again by a key, with memory that does not grow with the file.
//!
//! For each record the index keeps 24 bytes: a hash of its key and where it stands. They are
//! sorted in runs; more than one run goes to disk and is merged there into one sorted file, of
//! which only every 256th hash stays in memory. Two keys can have one hash, so whoever asks looks
//! at the records themselves.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, BufReader, BufWriter, Read, Seek as _, SeekFrom, Write as _};

/// Entries that are sorted at a time: 24 MiB.
const RUN_ENTRIES: usize = 1 << 20;
/// Entries behind one hash that stays in memory.
const BLOCK_ENTRIES: usize = 256;
const ENTRY_BYTES: usize = 24;

/// Where a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Of its key.
    pub hash: u64,
    /// The first byte.
    pub offset: u64,
    /// The line.
    pub line: u64,
}

impl Entry {
    fn to_bytes(self) -> [u8; ENTRY_BYTES] {
        let mut bytes = [0; ENTRY_BYTES];
        for (slot, value) in bytes.chunks_exact_mut(8).zip([self.hash, self.offset, self.line]) {
            slot.copy_from_slice(&value.to_be_bytes());
        }
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut values = bytes.chunks_exact(8).filter_map(|chunk| Some(u64::from_be_bytes(chunk.try_into().ok()?)));
        Some(Self { hash: values.next()?, offset: values.next()?, line: values.next()? })
    }

    fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let mut bytes = [0; ENTRY_BYTES];
        match from.read_exact(&mut bytes) {
            Ok(()) => Ok(Self::from_bytes(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The hash of a key.
pub fn hash(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

/// Takes entries in any order.
#[derive(Default)]
pub struct Builder {
    run: Vec<Entry>,
    runs: Vec<File>,
    run_entries: usize,
}

impl Builder {
    /// An empty one.
    pub fn new() -> Self {
        Self { run: Vec::new(), runs: Vec::new(), run_entries: RUN_ENTRIES }
    }

    /// An empty one that keeps at most so many entries in memory.
    pub fn in_runs_of(run_entries: usize) -> Self {
        Self { run_entries, ..Self::new() }
    }

    /// Adds a record.
    pub fn add(&mut self, entry: Entry) -> io::Result<()> {
        self.run.push(entry);
        if self.run.len() >= self.run_entries {
            self.spill()?;
        }
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        self.run.sort_unstable();
        let mut out = BufWriter::new(tempfile::tempfile()?);
        for entry in self.run.drain(..) {
            out.write_all(&entry.to_bytes())?;
        }
        self.runs.push(out.into_inner().map_err(io::IntoInnerError::into_error)?);
        Ok(())
    }

    /// The index of everything that was added.
    pub fn finish(mut self) -> io::Result<Index> {
        if self.runs.is_empty() {
            self.run.sort_unstable();
            let count = self.run.len();
            return Ok(Index { entries: Entries::Memory(self.run), seen: vec![0; count.div_ceil(64)] });
        }
        self.spill()?;
        merge(self.runs)
    }
}

fn merge(runs: Vec<File>) -> io::Result<Index> {
    let mut heap = BinaryHeap::new();
    let mut readers = Vec::new();
    for (number, mut run) in runs.into_iter().enumerate() {
        run.seek(SeekFrom::Start(0))?;
        let mut reader = BufReader::new(run);
        if let Some(entry) = Entry::read(&mut reader)? {
            heap.push(Reverse((entry, number)));
        }
        readers.push(reader);
    }
    let mut out = BufWriter::new(tempfile::tempfile()?);
    let (mut samples, mut count) = (Vec::new(), 0_usize);
    while let Some(Reverse((entry, number))) = heap.pop() {
        if count.is_multiple_of(BLOCK_ENTRIES) {
            samples.push(entry.hash);
        }
        count += 1;
        out.write_all(&entry.to_bytes())?;
        if let Some(reader) = readers.get_mut(number)
            && let Some(next) = Entry::read(reader)?
        {
            heap.push(Reverse((next, number)));
        }
    }
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok(Index { entries: Entries::Disk { file, samples }, seen: vec![0; count.div_ceil(64)] })
}

enum Entries {
    Memory(Vec<Entry>),
    Disk { file: File, samples: Vec<u64> },
}

/// Entries by hash; which of them were taken is remembered.
pub struct Index {
    entries: Entries,
    seen: Vec<u64>,
}

impl Index {
    /// The first entries with this hash, at most so many, in the order of the file, and their places
    /// here.
    pub fn find(&mut self, hash: u64, most: usize) -> io::Result<Vec<(usize, Entry)>> {
        let mut found = Vec::new();
        match &mut self.entries {
            Entries::Memory(entries) => {
                let first = entries.partition_point(|entry| entry.hash < hash);
                let same = entries.iter().enumerate().skip(first).take_while(|(_, entry)| entry.hash == hash);
                found.extend(same.take(most).map(|(place, entry)| (place, *entry)));
            }
            Entries::Disk { file, samples } => {
                let mut block = samples.partition_point(|sample| *sample < hash).saturating_sub(1);
                loop {
                    let entries = block_of(file, block)?;
                    let same = entries.iter().enumerate().filter(|(_, entry)| entry.hash == hash);
                    found.extend(same.map(|(place, entry)| (block * BLOCK_ENTRIES + place, *entry)));
                    block += 1;
                    if found.len() >= most || samples.get(block).is_none_or(|sample| *sample > hash) {
                        found.truncate(most);
                        break;
                    }
                }
            }
        }
        Ok(found)
    }

    /// Remembers that an entry was taken.
    pub fn see(&mut self, place: usize) {
        if let Some(bits) = self.seen.get_mut(place / 64) {
            *bits |= 1 << (place % 64);
        }
    }

    /// The next entry from this place on that nobody took, and the place behind it.
    pub fn unseen(&mut self, from: usize) -> io::Result<Option<(Entry, usize)>> {
        let mut place = from;
        while let Some(bits) = self.seen.get(place / 64) {
            if bits & (1 << (place % 64)) != 0 {
                place += 1;
                continue;
            }
            return Ok(self.at(place)?.map(|entry| (entry, place + 1)));
        }
        Ok(None)
    }

    /// Entries that share their hash with others, group by group in the order of the file; `None` if
    /// they are more than `most`. What has the hash `except` does not count.
    pub fn repeated(&mut self, most: usize, except: u64) -> io::Result<Option<Vec<Vec<Entry>>>> {
        let mut groups: Vec<Vec<Entry>> = Vec::new();
        let (mut place, mut count, mut group): (usize, usize, Vec<Entry>) = (0, 0, Vec::new());
        while let Some(entry) = self.at(place)? {
            place += 1;
            if entry.hash == except {
                continue;
            }
            if group.last().is_some_and(|last| last.hash != entry.hash) {
                let done = std::mem::take(&mut group);
                groups.extend((done.len() > 1).then_some(done));
            }
            count += usize::from(!group.is_empty());
            if count > most {
                return Ok(None);
            }
            group.push(entry);
        }
        groups.extend((group.len() > 1).then_some(group));
        Ok(Some(groups))
    }

    fn at(&mut self, place: usize) -> io::Result<Option<Entry>> {
        match &mut self.entries {
            Entries::Memory(entries) => Ok(entries.get(place).copied()),
            Entries::Disk { file, .. } => {
                file.seek(SeekFrom::Start((place * ENTRY_BYTES) as u64))?;
                Entry::read(file)
            }
        }
    }
}

fn block_of(file: &mut File, block: usize) -> io::Result<Vec<Entry>> {
    file.seek(SeekFrom::Start((block * BLOCK_ENTRIES * ENTRY_BYTES) as u64))?;
    let mut bytes = Vec::with_capacity(BLOCK_ENTRIES * ENTRY_BYTES);
    Read::by_ref(file).take((BLOCK_ENTRIES * ENTRY_BYTES) as u64).read_to_end(&mut bytes)?;
    Ok(bytes.chunks_exact(ENTRY_BYTES).filter_map(Entry::from_bytes).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both forms must say the same: runs of seven entries are merged on disk.
    #[test]
    fn what_is_on_disk_is_found_as_in_memory() {
        for run_entries in [RUN_ENTRIES, 7, 300] {
            let mut builder = Builder { run_entries, ..Builder::new() };
            for number in 0..2_000_u64 {
                builder.add(Entry { hash: hash(&(number % 700).to_string()), offset: number, line: number + 2 }).unwrap();
            }
            let mut index = builder.finish().unwrap();
            for key in 0..700_u64 {
                let found = index.find(hash(&key.to_string()), 9).unwrap();
                let offsets: Vec<u64> = found.iter().map(|(_, entry)| entry.offset).collect();
                let expected: Vec<u64> = (key..2_000).step_by(700).collect();
                assert_eq!(offsets, expected, "{key} in runs of {run_entries}");
                if key % 2 == 0 {
                    found.iter().for_each(|(place, _)| index.see(*place));
                }
            }
            assert_eq!(index.find(hash("7"), 2).unwrap().len(), 2, "no more than are asked for");
            assert_eq!(index.find(hash("none"), 9).unwrap(), []);
            let (mut unseen, mut from) = (0, 0);
            while let Some((entry, next)) = index.unseen(from).unwrap() {
                assert_eq!(entry.offset % 700 % 2, 1);
                (unseen, from) = (unseen + 1, next);
            }
            assert_eq!(unseen, 1_000);
            let repeated = index.repeated(1_300, hash("")).unwrap().unwrap();
            assert_eq!(repeated.iter().map(Vec::len).sum::<usize>(), 2_000);
            assert!(index.repeated(1_299, hash("")).unwrap().is_none(), "one more than may be");
            assert_eq!(index.repeated(2_000, hash("1")).unwrap().unwrap().len(), 699);
        }
    }
}
