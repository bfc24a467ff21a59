//! Imports what appears in a directory.
//!
//! When every file that the mapping names is there, and none grew between two looks, they are moved
//! to `taken/TIME`, imported from there, and the whole goes to `done/TIME` or, if the import could
//! not go on, to `failed/TIME`, with the files of rejected records. So what is delivered meanwhile
//! stays where it is until its turn comes. What was taken and not imported, because the server was
//! away or this process was stopped, comes first after the next start. Nothing is ever removed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;

use super::import::Job;
use super::output;

/// Size and time of change, by file.
type Seen = BTreeMap<String, (u64, Option<std::time::SystemTime>)>;

/// What is said beside files that were taken and can be neither imported nor moved back.
const LEFT: &str = "these files were taken and not imported, because not all that the mapping names were there. They were not moved back, \
     because files of the same names were delivered since then, or because the mapping does not name them. To import them, move them to \
     the directory that is watched\n";

/// Looks until the process is stopped.
pub async fn run(job: &Job<'_>, dir: &Path, every: Duration) -> anyhow::Result<()> {
    anyhow::ensure!(dir.is_dir(), "`{}` is no directory", dir.display());
    let mut before: Option<Seen> = None;
    loop {
        before = look(job, dir, before).await?;
        tokio::time::sleep(every).await;
    }
}

/// One look: what was taken before is imported, and what is there as it was at the look before is
/// taken. Gives what the next look compares with.
async fn look(job: &Job<'_>, dir: &Path, before: Option<Seen>) -> anyhow::Result<Option<Seen>> {
    let names = job.mapping.file_names();
    for place in taken(dir)? {
        if seen(&names, &place)?.is_none() {
            // It was stopped while it took them.
            put_back(&names, dir, &place)?;
        } else if !import(job, dir, &place).await? {
            // The one after it would fail in the same way.
            return Ok(None);
        }
    }
    let now = seen(&names, dir)?;
    if now.is_none() || now != before {
        return Ok(now);
    }
    let stamp = job.system().clock.now().to_string().replace(':', "");
    let place = dir.join("taken").join(stamp);
    if take(dir, &place, &now.unwrap_or_default())? {
        import(job, dir, &place).await?;
    }
    Ok(None)
}

/// What was taken and not imported yet, the oldest first.
fn taken(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let root = dir.join("taken");
    if !root.is_dir() {
        return Ok(Vec::new());
    }
    let mut places = Vec::new();
    for entry in std::fs::read_dir(&root).with_context(|| format!("`{}` cannot be read", root.display()))? {
        places.push(entry?.path());
    }
    places.retain(|place| place.is_dir());
    places.sort();
    Ok(places)
}

/// The files, if all are there.
fn seen(names: &BTreeSet<&str>, dir: &Path) -> anyhow::Result<Option<Seen>> {
    let mut seen = Seen::new();
    for name in names {
        match std::fs::metadata(dir.join(name)) {
            Ok(found) if found.is_file() => seen.insert((*name).to_owned(), (found.len(), found.modified().ok())),
            Ok(_) => return Ok(None),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("`{name}` cannot be looked at")),
        };
    }
    Ok(Some(seen))
}

/// Moves the files to their place. What came between the look and the move was seen by nobody, and goes
/// back; false if so.
fn take(dir: &Path, place: &Path, looked: &Seen) -> anyhow::Result<bool> {
    std::fs::create_dir_all(place).with_context(|| format!("`{}` cannot be made", place.display()))?;
    for name in looked.keys() {
        rename(&dir.join(name), &place.join(name))?;
    }
    let names: BTreeSet<&str> = looked.keys().map(String::as_str).collect();
    if seen(&names, place)?.as_ref() == Some(looked) {
        return Ok(true);
    }
    put_back(&names, dir, place)?;
    Ok(false)
}

/// Moves what was taken back to where it was delivered.
fn put_back(names: &BTreeSet<&str>, dir: &Path, place: &Path) -> anyhow::Result<()> {
    for name in names {
        // What was delivered again since then is newer than what was taken.
        if place.join(name).exists() && !dir.join(name).exists() {
            rename(&place.join(name), &dir.join(name))?;
        }
    }
    let is_left = std::fs::read_dir(place).with_context(|| format!("`{}` cannot be read", place.display()))?.next().is_some();
    if !is_left {
        return std::fs::remove_dir(place).with_context(|| format!("`{}` cannot be removed", place.display()));
    }
    let into = set_aside(dir, place)?;
    std::fs::write(into.join("error.txt"), LEFT)?;
    output::line(&format!("files that were taken were not imported; see {}", into.join("error.txt").display()));
    Ok(())
}

/// Moves what was taken to where files stay that were not imported; gives the place.
fn set_aside(dir: &Path, place: &Path) -> anyhow::Result<PathBuf> {
    let folder = dir.join("failed");
    std::fs::create_dir_all(&folder).with_context(|| format!("`{}` cannot be made", folder.display()))?;
    let into = folder.join(place.file_name().unwrap_or_default());
    rename(place, &into)?;
    Ok(into)
}

fn rename(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::rename(from, to).with_context(|| format!("`{}` cannot be moved to `{}`", from.display(), to.display()))
}

/// Imports what was taken; false if that did not begin.
async fn import(job: &Job<'_>, dir: &Path, place: &Path) -> anyhow::Result<bool> {
    let mut done = match job.import(place, &mut |_| ()).await {
        Ok(done) => done,
        // A server that is away for a while is not the files' fault.
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "the import did not begin; it is tried again");
            return Ok(false);
        }
    };
    let folder = dir.join(if done.failed.is_none() { "done" } else { "failed" });
    std::fs::create_dir_all(&folder).with_context(|| format!("`{}` cannot be made", folder.display()))?;
    let into = folder.join(place.file_name().unwrap_or_default());
    rename(place, &into)?;
    for path in done.rejects.iter_mut().filter(|path| path.parent() == Some(place)) {
        *path = into.join(path.file_name().unwrap_or_default());
    }
    job.tell(&done);
    if let Some(error) = &done.failed {
        std::fs::write(into.join("error.txt"), format!("{error:#}\n"))?;
        output::line(&format!("the import could not go on; see {}", into.join("error.txt").display()));
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is delivered while files are taken is not imported unread, and not lost.
    #[test]
    fn a_newer_delivery_waits_for_its_turn() {
        let dir = tempfile::tempdir().unwrap();
        let (names, place) = (BTreeSet::from(["a.csv", "b.csv"]), dir.path().join("taken/1"));
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        let read = |path: &Path| std::fs::read_to_string(path).unwrap();
        write("a.csv", "old");
        assert_eq!(seen(&names, dir.path()).unwrap(), None, "one is missing");
        write("b.csv", "old");
        let looked = seen(&names, dir.path()).unwrap().unwrap();
        assert!(take(dir.path(), &place, &looked).unwrap());
        write("a.csv", "newer");
        assert_eq!((read(&place.join("a.csv")), read(&dir.path().join("a.csv"))), ("old".to_owned(), "newer".to_owned()));
        assert_eq!(taken(dir.path()).unwrap(), std::slice::from_ref(&place), "what was not imported yet comes first");
        // Between the look and the move.
        write("b.csv", "other");
        let looked = seen(&names, dir.path()).unwrap().unwrap();
        write("b.csv", "longer than before");
        assert!(!take(dir.path(), &dir.path().join("taken/2"), &looked).unwrap());
        assert_eq!(
            (read(&dir.path().join("a.csv")), read(&dir.path().join("b.csv"))),
            ("newer".to_owned(), "longer than before".to_owned())
        );
        // One that was stopped while it took the files.
        std::fs::remove_file(dir.path().join("a.csv")).unwrap();
        std::fs::remove_file(place.join("b.csv")).unwrap();
        put_back(&names, dir.path(), &place).unwrap();
        assert_eq!((read(&dir.path().join("a.csv")), taken(dir.path()).unwrap().len()), ("old".to_owned(), 0));
        assert!(!dir.path().join("failed").exists(), "nothing was left");
    }

    /// The mapping may be another one than when files were taken, and a sender may send them again.
    #[test]
    fn what_cannot_be_moved_back_is_set_aside() {
        let dir = tempfile::tempdir().unwrap();
        let (names, place) = (BTreeSet::from(["a.csv", "b.csv"]), dir.path().join("taken/1"));
        std::fs::create_dir_all(&place).unwrap();
        for (path, text) in [("taken/1/a.csv", "old"), ("taken/1/before.csv", "of the mapping before"), ("a.csv", "newer")] {
            std::fs::write(dir.path().join(path), text).unwrap();
        }
        put_back(&names, dir.path(), &place).unwrap();
        let read = |path: &str| std::fs::read_to_string(dir.path().join(path)).unwrap();
        assert_eq!((read("a.csv"), read("failed/1/a.csv")), ("newer".to_owned(), "old".to_owned()));
        assert_eq!(read("failed/1/before.csv"), "of the mapping before");
        assert!(read("failed/1/error.txt").starts_with("these files were taken and not imported"));
        assert_eq!(taken(dir.path()).unwrap().len(), 0);
    }
}
