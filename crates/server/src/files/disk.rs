//! Files in a directory: `<clinic>/<aa>/<sha256>`.
//!
//! A file is written beside its place, brought to disk, and then given its name, so that a name never means
//! half a file, whenever the machine stops.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use clinicos_contract::{Entropy, Timestamp, source};
use clinicos_gate::files::{FileError, FileName, FilePlace};
use clinicos_gate::{ClinicId, keyring};
use futures_util::future::BoxFuture;

use super::FILE_BYTES_MAX;

/// Where files are until they are whole.
const UNFINISHED: &str = "unfinished";

/// A directory of files.
#[derive(Clone)]
pub struct Disk {
    root: PathBuf,
    entropy: Arc<dyn Entropy>,
}

impl Disk {
    /// In this directory; it is made with the first file.
    pub fn new(root: PathBuf, entropy: Arc<dyn Entropy>) -> Self {
        Self { root, entropy }
    }

    /// Does something away from the threads that answer others.
    fn blocking<'f, T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> io::Result<T> + Send + 'static,
    ) -> BoxFuture<'f, Result<T, FileError>> {
        let disk = self.clone();
        Box::pin(async move {
            let done = tokio::task::spawn_blocking(move || work(&disk)).await;
            let done = done.unwrap_or_else(|ended| Err(io::Error::other(ended.to_string())));
            done.map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => FileError::Missing,
                _ => FileError::Unavailable(error.to_string()),
            })
        })
    }

    fn write(&self, name: &FileName, bytes: &[u8]) -> io::Result<()> {
        let unfinished = self.root.join(UNFINISHED);
        let shelf = self.root.join(name.shelf());
        make(&unfinished)?;
        make(&shelf)?;
        let part = unfinished.join(keyring::to_hex(&source::random::<16>(&*self.entropy)));
        let written = write_synced(&part, bytes).and_then(|()| fs::rename(&part, self.root.join(name.path())));
        if written.is_err() {
            // What stays of it, the sweep takes away.
            let _ = fs::remove_file(&part);
        }
        written?;
        sync(&shelf)
    }

    fn read(&self, name: &FileName) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        // A file that grew is not what it was, and its hash says so without all of it.
        File::open(self.root.join(name.path()))?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn files_before(&self, clinic: ClinicId, before: Timestamp) -> io::Result<Vec<FileName>> {
        let mut found = Vec::new();
        for shelf in entries(&self.root.join(clinic.to_string()))? {
            for path in entries(&shelf)? {
                let name = path.strip_prefix(&self.root).ok().and_then(Path::to_str).and_then(FileName::parse);
                found.extend(name.filter(|_| is_older(&path, before)));
            }
        }
        Ok(found)
    }
}

impl FilePlace for Disk {
    fn put<'f>(&'f self, name: &'f FileName, bytes: Bytes) -> BoxFuture<'f, Result<(), FileError>> {
        let name = name.clone();
        self.blocking(move |disk| disk.write(&name, &bytes))
    }

    fn get<'f>(&'f self, name: &'f FileName) -> BoxFuture<'f, Result<Bytes, FileError>> {
        let name = name.clone();
        self.blocking(move |disk| disk.read(&name).map(Bytes::from))
    }

    fn has<'f>(&'f self, name: &'f FileName) -> BoxFuture<'f, Result<bool, FileError>> {
        let name = name.clone();
        self.blocking(move |disk| disk.root.join(name.path()).try_exists())
    }

    fn remove<'f>(&'f self, name: &'f FileName) -> BoxFuture<'f, Result<(), FileError>> {
        let name = name.clone();
        self.blocking(move |disk| {
            match fs::remove_file(disk.root.join(name.path())) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                done => done?,
            }
            sync(&disk.root.join(name.shelf()))
        })
    }

    fn clinics(&self) -> BoxFuture<'_, Result<Vec<ClinicId>, FileError>> {
        self.blocking(|disk| {
            let named = |path: &PathBuf| path.file_name()?.to_str().and_then(ClinicId::parse);
            Ok(entries(&disk.root)?.iter().filter_map(named).collect())
        })
    }

    fn list(&self, clinic: ClinicId, before: Timestamp) -> BoxFuture<'_, Result<Vec<FileName>, FileError>> {
        self.blocking(move |disk| disk.files_before(clinic, before))
    }

    fn tidy(&self, before: Timestamp) -> BoxFuture<'_, Result<(), FileError>> {
        self.blocking(move |disk| {
            for part in entries(&disk.root.join(UNFINISHED))? {
                if is_older(&part, before) {
                    fs::remove_file(part)?;
                }
            }
            Ok(())
        })
    }

    fn shown(&self) -> String {
        self.root.display().to_string()
    }

    fn is_of_this_node(&self) -> bool {
        true
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Makes a directory, and those above it, so that they are on disk when this returns.
fn make(directory: &Path) -> io::Result<()> {
    let above = directory.parent().unwrap_or_else(|| Path::new("."));
    if directory.is_dir() {
        // Whoever made it may not have come as far as that, or was killed before.
        return sync(above);
    }
    make(above)?;
    match DirBuilder::new().mode(0o700).create(directory) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    sync(above)
}

/// What is in a directory; nothing, if there is none.
fn entries(directory: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(directory) {
        Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path())).collect(),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Whether something was last written before a time. What does not say when is not touched.
fn is_older(path: &Path, before: Timestamp) -> bool {
    let written = fs::metadata(path).and_then(|found| found.modified()).ok();
    let since = written.and_then(|written| written.duration_since(UNIX_EPOCH).ok());
    since.and_then(|since| i64::try_from(since.as_micros()).ok()).is_some_and(|micros| micros < before.as_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counted(std::sync::atomic::AtomicU8);

    impl Entropy for Counted {
        fn fill(&self, out: &mut [u8]) {
            out.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        }
    }

    fn disk(root: &Path) -> Disk {
        Disk::new(root.join("documents"), Arc::new(Counted(0.into())))
    }

    const EVER: Timestamp = Timestamp::from_micros(i64::MAX);

    #[tokio::test]
    async fn a_file_is_whole_or_not_there() {
        let dir = tempfile::tempdir().unwrap();
        let (disk, clinic) = (disk(dir.path()), ClinicId::from_bytes([7; 16]));
        super::super::tests::keeps_files(&disk, clinic).await;
        assert_eq!(entries(&disk.root.join(UNFINISHED)).unwrap(), Vec::<PathBuf>::new(), "nothing half-written stays");
    }

    #[tokio::test]
    async fn what_was_begun_and_never_finished_goes() {
        let dir = tempfile::tempdir().unwrap();
        let disk = disk(dir.path());
        make(&disk.root.join(UNFINISHED)).unwrap();
        let part = disk.root.join(UNFINISHED).join("00");
        write_synced(&part, b"half").unwrap();
        disk.tidy(Timestamp::from_micros(0)).await.unwrap();
        assert!(part.exists(), "somebody may be writing it");
        disk.tidy(EVER).await.unwrap();
        assert!(!part.exists());
    }
}
