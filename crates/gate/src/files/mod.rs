//! Files: bytes that are kept beside the database, by clinic and by their SHA-256.
//!
//! - [`FilePlace`] is where they are: a directory, or a store of objects. It knows nothing of rows.
//! - [`Files`] keeps the two in step. Bytes are there before the row that names them commits, and they go
//!   after the last row of their clinic that named them is gone.
//! - `erase.rs` takes away what no row names; `shown.rs` is how a record gets its bytes.
//!
//! Two clinics share no file, even if it is the same: nobody learns from another clinic's.

mod erase;
mod name;
mod shown;

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use clinicos_contract::{AnyId, Problem, Timestamp, problem};
use clinicos_store::{Conn, StoreError};
use futures_util::future::BoxFuture;
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

pub use self::name::{FileName, sha256_of};
pub use self::shown::{Filling, OneWithFile};
use crate::cx::OrProblem as _;
use crate::ids::ClinicId;

/// Why bytes cannot be had, or not be put away.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FileError {
    /// There is no such file.
    #[error("the file is not there")]
    Missing,
    /// The place does not answer, or has no room.
    #[error("{0}")]
    Unavailable(String),
}

/// Where files are.
pub trait FilePlace: Send + Sync {
    /// Puts bytes away, on disk before it returns: whole, or not at all. What is there already is replaced.
    fn put<'f>(&'f self, name: &'f FileName, bytes: Bytes) -> BoxFuture<'f, Result<(), FileError>>;
    /// The bytes, as they are now.
    fn get<'f>(&'f self, name: &'f FileName) -> BoxFuture<'f, Result<Bytes, FileError>>;
    /// Whether there is such a file.
    fn has<'f>(&'f self, name: &'f FileName) -> BoxFuture<'f, Result<bool, FileError>>;
    /// Takes it away; one that is not there is no error.
    fn remove<'f>(&'f self, name: &'f FileName) -> BoxFuture<'f, Result<(), FileError>>;
    /// The clinics that have files.
    fn clinics(&self) -> BoxFuture<'_, Result<Vec<ClinicId>, FileError>>;
    /// The files of a clinic that were last written before a time.
    fn list(&self, clinic: ClinicId, before: Timestamp) -> BoxFuture<'_, Result<Vec<FileName>, FileError>>;
    /// Takes away what was begun before a time and never became a file.
    fn tidy(&self, before: Timestamp) -> BoxFuture<'_, Result<(), FileError>>;
    /// Where it is, for whoever runs the server.
    fn shown(&self) -> String;
    /// Whether other nodes see it only if somebody shares it with them.
    fn is_of_this_node(&self) -> bool;
}

/// Which of these hashes rows of a clinic name. The statement belongs to whoever owns the rows.
pub type NamedBy = for<'c> fn(&'c mut dyn Conn, ClinicId, &'c [String]) -> BoxFuture<'c, Result<HashSet<String>, StoreError>>;

/// Bytes that a write brings along.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// What they are called.
    pub name: FileName,
    /// They.
    pub bytes: Bytes,
}

/// A file that lines show, and the record whose bytes are in it.
#[derive(Debug, Clone)]
pub struct WantedFile {
    /// What it is called.
    pub name: FileName,
    /// The record.
    pub record: AnyId,
}

/// The files of a server.
pub struct Files {
    place: Arc<dyn FilePlace>,
    named: NamedBy,
    /// Whether other nodes write to the same database.
    is_shared: bool,
    /// Files that are being put away or taken away by this process.
    turns: Mutex<BTreeMap<FileName, Arc<RwLock<()>>>>,
    /// Held while a file is looked at under a lock of the database: that takes two connections, and several who
    /// have one each would wait for one another.
    looking: tokio::sync::Mutex<()>,
}

/// A file that is there, and stays at least as long as this.
pub(crate) struct Laid {
    pub(crate) name: FileName,
    _turn: OwnedRwLockReadGuard<()>,
}

impl Files {
    /// In this place, beside rows that are asked for by `named`.
    pub fn new(place: Arc<dyn FilePlace>, named: NamedBy, is_shared: bool) -> Self {
        Self { place, named, is_shared, turns: Mutex::default(), looking: tokio::sync::Mutex::default() }
    }

    /// Where they are.
    pub fn place(&self) -> &dyn FilePlace {
        &*self.place
    }

    /// The turn of a name. Those that nobody waits for are forgotten.
    fn turn(&self, name: &FileName) -> Arc<RwLock<()>> {
        // A turn is whole or not there, whatever panicked beside it.
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        turns.entry(name.clone()).or_default().clone()
    }

    /// A turn to take a file away, unless somebody is putting it there.
    fn turn_alone(&self, name: &FileName) -> Option<OwnedRwLockWriteGuard<()>> {
        self.turn(name).try_write_owned().ok()
    }

    /// Puts files away before the write that names them begins, so that no other write waits for it.
    pub(crate) async fn lay_down(&self, new: Vec<NewFile>) -> Result<Vec<Laid>, Problem> {
        let mut laid = Vec::with_capacity(new.len());
        for NewFile { name, bytes } in new {
            let turn = self.turn(&name).read_owned().await;
            self.place.put(&name, bytes).await.map_err(|error| unavailable(&name, &error))?;
            laid.push(Laid { name, _turn: turn });
        }
        Ok(laid)
    }

    /// Keeps files that were laid down until the transaction ends, against other nodes, too.
    pub(crate) async fn keep(&self, conn: &mut dyn Conn, laid: &[Laid]) -> Result<(), Problem> {
        for Laid { name, .. } in laid {
            let is_ours = conn.try_lock_shared(&lock_of(name)).await.or_problem()?;
            // Where one process has the database, its turns are enough, and a write waits for nothing.
            let is_there = is_ours && (!self.is_shared || self.has(name).await?);
            if !is_there {
                let again = "the same bytes were just taken away elsewhere in the clinic's record; send them again";
                let mut problem = Problem::new(&problem::CONFLICT, again);
                problem.retry_after_s = Some(1);
                return Err(problem);
            }
        }
        Ok(())
    }

    async fn has(&self, name: &FileName) -> Result<bool, Problem> {
        self.place.has(name).await.map_err(|error| unavailable(name, &error))
    }

    /// The bytes of a file that a row names, or what is wrong with them: a word.
    pub async fn look(&self, name: &FileName) -> Result<Result<Bytes, &'static str>, Problem> {
        match self.place.get(name).await {
            Ok(bytes) => is_sound(name, bytes).await,
            Err(FileError::Missing) => Ok(Err("gone")),
            Err(error @ FileError::Unavailable(_)) => Err(unavailable(name, &error)),
        }
    }

    /// The bytes of a file that a row names, if they are what they were. `whose` tells people which document it is.
    pub(crate) async fn read(&self, name: &FileName, whose: &str) -> Result<Bytes, Problem> {
        self.look(name).await?.map_err(|what| {
            let detail = format!(
                "the bytes of {whose} are {what}; whoever runs the server can bring them back, or whoever has them send them again"
            );
            let source = format!("the file `{}` is {what}: bring it back from a back-up", name.path());
            Problem::new(&problem::CONTENT_LOST, detail).because(source)
        })
    }

    /// The same of a file that lines show.
    pub(crate) async fn read_wanted(&self, wanted: &WantedFile) -> Result<Bytes, Problem> {
        self.read(&wanted.name, &format!("the document `{}`", wanted.record)).await
    }
}

/// Checks the hash, away from the threads that answer others.
async fn is_sound(name: &FileName, bytes: Bytes) -> Result<Result<Bytes, &'static str>, Problem> {
    let name = name.clone();
    let check = move || if sha256_of(&bytes) == name.sha256() { Ok(bytes) } else { Err("damaged") };
    tokio::task::spawn_blocking(check).await.map_err(Problem::unavailable)
}

fn unavailable(name: &FileName, error: &FileError) -> Problem {
    Problem::unavailable(format!("the file `{}`: {error}", name.path()))
}

/// The lock of a file among nodes.
fn lock_of(name: &FileName) -> String {
    format!("file\n{}", name.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A place that keeps nothing.
    struct Nowhere;

    impl FilePlace for Nowhere {
        fn put<'f>(&'f self, _: &'f FileName, _: Bytes) -> BoxFuture<'f, Result<(), FileError>> {
            Box::pin(std::future::ready(Ok(())))
        }
        fn get<'f>(&'f self, _: &'f FileName) -> BoxFuture<'f, Result<Bytes, FileError>> {
            Box::pin(std::future::ready(Err(FileError::Missing)))
        }
        fn has<'f>(&'f self, _: &'f FileName) -> BoxFuture<'f, Result<bool, FileError>> {
            Box::pin(std::future::ready(Ok(false)))
        }
        fn remove<'f>(&'f self, _: &'f FileName) -> BoxFuture<'f, Result<(), FileError>> {
            Box::pin(std::future::ready(Ok(())))
        }
        fn clinics(&self) -> BoxFuture<'_, Result<Vec<ClinicId>, FileError>> {
            Box::pin(std::future::ready(Ok(Vec::new())))
        }
        fn list(&self, _: ClinicId, _: Timestamp) -> BoxFuture<'_, Result<Vec<FileName>, FileError>> {
            Box::pin(std::future::ready(Ok(Vec::new())))
        }
        fn tidy(&self, _: Timestamp) -> BoxFuture<'_, Result<(), FileError>> {
            Box::pin(std::future::ready(Ok(())))
        }
        fn shown(&self) -> String {
            String::new()
        }
        fn is_of_this_node(&self) -> bool {
            true
        }
    }

    #[tokio::test]
    async fn nobody_takes_away_what_somebody_brings() {
        let named: NamedBy = |_, _, _| Box::pin(std::future::ready(Ok(HashSet::new())));
        let files = Files::new(Arc::new(Nowhere), named, false);
        let name = FileName::of(ClinicId::from_bytes([7; 16]), b"abc");
        let new = || vec![NewFile { name: name.clone(), bytes: Bytes::from_static(b"abc") }];
        let (first, second) = (files.lay_down(new()).await.unwrap(), files.lay_down(new()).await.unwrap());
        drop(first);
        assert!(files.turn_alone(&name).is_none(), "the second write is not settled");
        drop(second);
        let turn = files.turn_alone(&name).unwrap();
        let waits = files.lay_down(new());
        let waits = tokio::time::timeout(std::time::Duration::ZERO, waits).await;
        assert!(waits.is_err(), "it is being taken away");
        drop(turn);
        assert_eq!(files.lay_down(new()).await.unwrap().len(), 1);
        assert!(files.turns.lock().unwrap().len() <= 1, "what nobody waits for is forgotten");
    }
}
