//! Takes away files that no row names.
//!
//! A file is looked at twice: whether somebody is just putting it there, and whether a row names it. In
//! this process its turn keeps the two apart from a write that brings the same bytes; on a database that
//! several nodes share, a lock of the database does, which that write holds until its commit.

use std::collections::HashSet;

use clinicos_contract::Timestamp;
use clinicos_store::{Conn, Engine, ReadWork, Store, StoreError};
use futures_util::future::BoxFuture;

use super::{FileError, FileName, Files, lock_of};
use crate::held::HeldTable;
use crate::ids::ClinicId;

/// How many names are asked for at once.
const ASKED_MAX: usize = 500;

/// A crash leaves a few files. Where more than these have no row, and more than half of a clinic's, something else is
/// wrong, and what is erased does not come back.
const SPARED_MIN: usize = 10;

/// What a sweep came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Files that were looked at.
    pub files: usize,
    /// Those of them that no row named, and that are gone.
    pub erased: usize,
    /// Those of them that no row named, and that are left: so many at one clinic are no crash's. Most likely this is
    /// not the database that they belong to, or an older state of it.
    pub spared: usize,
}

impl Files {
    /// Takes a file away, unless a row names it, somebody brings it, or an export under way may still
    /// show it. What stays is looked at by the next sweep.
    pub(crate) async fn erase(&self, store: &Store, held: &HeldTable, name: &FileName) -> Result<bool, FileError> {
        if held.is_held_for(name.clinic()) {
            return Ok(false);
        }
        let Some(_turn) = self.turn_alone(name) else { return Ok(false) };
        match store.engine() {
            Engine::Sqlite => self.erase_unnamed(store, name).await,
            Engine::Postgres => {
                let _looking = self.looking.lock().await;
                let mut locked = UnderLock { files: self, store, name, result: Ok(false) };
                store.read(&mut locked).await.map_err(unread)?;
                locked.result
            }
        }
    }

    /// Looks in a snapshot of its own: what was committed before this began is in it.
    async fn erase_unnamed(&self, store: &Store, name: &FileName) -> Result<bool, FileError> {
        let names = [name.sha256().to_owned()];
        if !self.named(store, name.clinic(), &names).await?.is_empty() {
            return Ok(false);
        }
        self.place.remove(name).await.map(|()| true)
    }

    /// Which of these hashes rows name.
    pub async fn named(&self, store: &Store, clinic: ClinicId, sha256: &[String]) -> Result<HashSet<String>, FileError> {
        let mut ask = Ask { named: self.named, clinic, sha256, result: Ok(HashSet::new()) };
        store.read(&mut ask).await.map_err(unread)?;
        ask.result.map_err(unread)
    }

    /// Takes away what was written before a time and no row names: what a crash left behind.
    pub async fn sweep(&self, store: &Store, held: &HeldTable, before: Timestamp) -> Result<Swept, FileError> {
        let mut swept = Swept::default();
        self.place.tidy(before).await?;
        for clinic in self.place.clinics().await? {
            let names = self.place.list(clinic, before).await?;
            let unnamed = self.unnamed(store, clinic, &names).await?;
            swept.files += names.len();
            if unnamed.len() > SPARED_MIN && unnamed.len() > names.len() / 2 {
                swept.spared += unnamed.len();
                continue;
            }
            for name in unnamed {
                swept.erased += usize::from(self.erase(store, held, name).await?);
            }
        }
        Ok(swept)
    }

    async fn unnamed<'n>(&self, store: &Store, clinic: ClinicId, names: &'n [FileName]) -> Result<Vec<&'n FileName>, FileError> {
        let mut unnamed = Vec::new();
        for some in names.chunks(ASKED_MAX) {
            let hashes: Vec<String> = some.iter().map(|name| name.sha256().to_owned()).collect();
            let named = self.named(store, clinic, &hashes).await?;
            unnamed.extend(some.iter().filter(|name| !named.contains(name.sha256())));
        }
        Ok(unnamed)
    }
}

fn unread(error: StoreError) -> FileError {
    FileError::Unavailable(error.to_string())
}

struct Ask<'a> {
    named: super::NamedBy,
    clinic: ClinicId,
    sha256: &'a [String],
    result: Result<HashSet<String>, StoreError>,
}

impl ReadWork for Ask<'_> {
    fn run<'c>(&'c mut self, conn: &'c mut dyn Conn) -> BoxFuture<'c, ()> {
        Box::pin(async move { self.result = (self.named)(conn, self.clinic, self.sha256).await })
    }
}

/// Holds the database's lock of a file while it is looked at, and taken away.
struct UnderLock<'a> {
    files: &'a Files,
    store: &'a Store,
    name: &'a FileName,
    result: Result<bool, FileError>,
}

impl ReadWork for UnderLock<'_> {
    fn run<'c>(&'c mut self, conn: &'c mut dyn Conn) -> BoxFuture<'c, ()> {
        Box::pin(async move {
            self.result = match conn.try_lock(&lock_of(self.name)).await {
                // This transaction's snapshot is as old as its lock, so that another one looks.
                Ok(true) => self.files.erase_unnamed(self.store, self.name).await,
                Ok(false) => Ok(false),
                Err(error) => Err(unread(error)),
            };
        })
    }
}
