//! The state of one layer: its switches, its counters and the history of each file.

use std::collections::HashMap;
use std::ffi::c_int;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::ffi;

use crate::history::{Change, Dice, History, Loss};

/// What happened at a layer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Writes and truncations.
    pub writes: u64,
    /// Syncs that were kept.
    pub syncs: u64,
    /// Syncs that were lied about.
    pub dropped_syncs: u64,
    /// Files that had something to lose at the cut.
    pub dirty_files: u64,
}

/// What a caller is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doing {
    Read,
    Write,
    Sync,
    Delete,
}

/// Whether the directory durably holds a file.
#[derive(Debug, Default)]
enum Entry {
    #[default]
    Durable,
    /// It was created since.
    Created {
        /// What the directory durably held under the name.
        before: Option<Vec<u8>>,
        /// SQLite syncs the directory with the first sync of a new journal.
        syncs_directory: bool,
    },
    /// It was deleted since; this is what it held.
    Deleted(Vec<u8>),
}

#[derive(Debug, Default)]
struct FileState {
    entry: Entry,
    history: History,
}

#[derive(Debug)]
pub(crate) struct State {
    files: HashMap<PathBuf, FileState>,
    dice: Dice,
    off: bool,
    operations_left: Option<u64>,
    drop_syncs: bool,
    fail_syncs: bool,
    full: bool,
    last_write: u64,
    counts: Counts,
}

/// One layer.
#[derive(Debug)]
pub(crate) struct Disk {
    state: Mutex<State>,
}

impl Disk {
    pub(crate) fn new(seed: u64) -> Self {
        let state = State {
            files: HashMap::new(),
            dice: Dice::new(seed),
            off: false,
            operations_left: None,
            drop_syncs: false,
            fail_syncs: false,
            full: false,
            last_write: 0,
            counts: Counts::default(),
        };
        Self { state: Mutex::new(state) }
    }

    /// Held over a whole file operation, so that the record and the file agree.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn power_off_after(&self, operations: u64) {
        self.lock().operations_left = Some(operations);
    }

    pub(crate) fn is_off(&self) -> bool {
        self.lock().off
    }

    pub(crate) fn drop_syncs(&self, lie: bool) {
        self.lock().drop_syncs = lie;
    }

    pub(crate) fn fail_syncs(&self, fail: bool) {
        self.lock().fail_syncs = fail;
    }

    pub(crate) fn disk_full(&self, full: bool) {
        self.lock().full = full;
    }

    pub(crate) fn counts(&self) -> Counts {
        self.lock().counts
    }

    pub(crate) fn cut(&self, from: &Path, into: &Path) -> io::Result<Counts> {
        let mut state = self.lock();
        state.off = true;
        let last_write = state.last_write;
        let loss = Loss::draw(&mut state.dice, last_write);
        let mut names: Vec<PathBuf> = state.files.keys().filter(|path| path.parent() == Some(from)).cloned().collect();
        for entry in fs::read_dir(from)? {
            let path = entry?.path();
            if path.is_file() && !names.contains(&path) && !is_shared_memory(&path) {
                names.push(path);
            }
        }
        // The dice must not depend on the order of a hash map or of a directory.
        names.sort();
        for path in names {
            let Some(name) = path.file_name() else { continue };
            if let Some(image) = state.survivor(&path, loss)? {
                fs::write(into.join(name), image)?;
            }
        }
        Ok(state.counts)
    }
}

fn is_shared_memory(path: &Path) -> bool {
    path.to_string_lossy().ends_with("-shm")
}

impl State {
    /// Counts an operation; tells the error that it must end with instead.
    pub(crate) fn admit(&mut self, doing: Doing) -> Result<(), c_int> {
        if doing != Doing::Read {
            self.count_down();
        }
        match doing {
            Doing::Read if self.off => Err(ffi::SQLITE_IOERR_READ),
            Doing::Write if self.off => Err(ffi::SQLITE_IOERR_WRITE),
            Doing::Sync if self.off || self.fail_syncs => Err(ffi::SQLITE_IOERR_FSYNC),
            Doing::Delete if self.off => Err(ffi::SQLITE_IOERR_DELETE),
            Doing::Write if self.full => Err(ffi::SQLITE_FULL),
            _ => Ok(()),
        }
    }

    fn count_down(&mut self) {
        match &mut self.operations_left {
            Some(0) => self.off = true,
            Some(left) => *left -= 1,
            None => {}
        }
    }

    /// A file was opened. `existed` tells whether it was there before, `is_journal` whether
    /// its first sync will sync the directory too.
    pub(crate) fn opened(&mut self, path: &Path, existed: bool, is_journal: bool) {
        let file = self.files.entry(path.to_owned()).or_default();
        if existed {
            return;
        }
        let before = match std::mem::take(&mut file.entry) {
            Entry::Deleted(content) => Some(content),
            Entry::Created { before, .. } => before,
            Entry::Durable => None,
        };
        file.entry = Entry::Created { before, syncs_directory: is_journal };
        file.history = History::default();
    }

    pub(crate) fn wrote(&mut self, path: &Path, change: &Change<'_>) {
        self.last_write = self.last_write.saturating_add(1);
        self.counts.writes = self.last_write;
        let number = self.last_write;
        self.files.entry(path.to_owned()).or_default().history.record(number, change);
    }

    pub(crate) fn synced(&mut self, path: &Path) {
        if self.drop_syncs {
            self.counts.dropped_syncs = self.counts.dropped_syncs.saturating_add(1);
            return;
        }
        self.counts.syncs = self.counts.syncs.saturating_add(1);
        let file = self.files.entry(path.to_owned()).or_default();
        file.history.synced();
        // File systems make the name durable with the first sync of the content.
        let entry = std::mem::take(&mut file.entry);
        if let (Entry::Created { syncs_directory: true, .. }, Some(directory)) = (entry, path.parent()) {
            self.directory_synced(directory);
        }
    }

    /// A file that held `content` is gone; `durably` if its directory is synced as well.
    pub(crate) fn deleted(&mut self, path: &Path, content: Vec<u8>, durably: bool) {
        let file = self.files.entry(path.to_owned()).or_default();
        file.history = History::default();
        file.entry = Entry::Deleted(content);
        if let (true, false, Some(directory)) = (durably, self.drop_syncs, path.parent()) {
            self.directory_synced(directory);
        }
    }

    fn directory_synced(&mut self, directory: &Path) {
        for (path, file) in &mut self.files {
            if path.parent() == Some(directory) {
                file.entry = Entry::Durable;
            }
        }
    }

    /// What a disk holds of this file after the cut; `None` if no such file.
    fn survivor(&mut self, path: &Path, loss: Loss) -> io::Result<Option<Vec<u8>>> {
        let now = match fs::read(path) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let Some(file) = self.files.get(path) else { return Ok(now) };
        if !file.history.is_clean() {
            self.counts.dirty_files = self.counts.dirty_files.saturating_add(1);
        }
        let dice = &mut self.dice;
        Ok(match (&file.entry, now) {
            (Entry::Durable, Some(image)) => Some(file.history.survivor(image, loss, dice)),
            (Entry::Durable, None) => None,
            (Entry::Created { before, .. }, Some(image)) => match loss {
                Loss::Everything => before.clone(),
                Loss::Scattered if dice.coin() => before.clone(),
                Loss::Scattered | Loss::After(_) => Some(file.history.survivor(image, loss, dice)),
            },
            (Entry::Deleted(content), _) => dice.coin().then(|| content.clone()),
            (Entry::Created { before, .. }, None) => before.clone(),
        })
    }
}
