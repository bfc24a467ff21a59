//! Imports what appears in a directory.
//!
//! When every file that the mapping names is there, and none grew between two looks, they are
//! imported and moved to `done/TIME` or, if the import could not go on, to `failed/TIME`, with
//! their files of rejected records.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;

use super::import::{Done, Job};
use super::output;

/// Size and time of change, by file.
type Seen = BTreeMap<String, (u64, Option<std::time::SystemTime>)>;

/// Looks until the process is stopped.
pub async fn run(job: &Job<'_>, dir: &Path, every: Duration) -> anyhow::Result<()> {
    anyhow::ensure!(dir.is_dir(), "`{}` is no directory", dir.display());
    let mut before: Option<Seen> = None;
    loop {
        let now = seen(job, dir)?;
        if now.is_some() && now == before {
            take(job, dir).await?;
            before = None;
        } else {
            before = now;
        }
        tokio::time::sleep(every).await;
    }
}

/// The files, if all are there.
fn seen(job: &Job<'_>, dir: &Path) -> anyhow::Result<Option<Seen>> {
    let mut seen = Seen::new();
    for name in job.mapping.file_names() {
        match std::fs::metadata(dir.join(name)) {
            Ok(found) if found.is_file() => seen.insert(name.to_owned(), (found.len(), found.modified().ok())),
            Ok(_) => return Ok(None),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("`{name}` cannot be looked at")),
        };
    }
    Ok(Some(seen))
}

async fn take(job: &Job<'_>, dir: &Path) -> anyhow::Result<()> {
    let (folder, done) = match job.import(dir, &mut |_| ()).await {
        Ok(done) if done.failed.is_none() => ("done", Some(done)),
        Ok(done) => ("failed", Some(done)),
        // A server that is away for a while is not the files' fault.
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "the import did not begin; it is tried again");
            return Ok(());
        }
    };
    let stamp = job.system().clock.now().to_string().replace(':', "");
    let into = dir.join(folder).join(stamp);
    std::fs::create_dir_all(&into).with_context(|| format!("`{}` cannot be made", into.display()))?;
    let mut done = done;
    for path in files(job, dir, done.as_ref()) {
        let name = path.file_name().context("a file without a name")?;
        std::fs::rename(&path, into.join(name)).with_context(|| format!("`{}` cannot be moved", path.display()))?;
    }
    if let Some(done) = &mut done {
        for path in &mut done.rejects {
            *path = into.join(path.file_name().unwrap_or_default());
        }
        job.tell(done);
        if let Some(error) = &done.failed {
            std::fs::write(into.join("error.txt"), format!("{error:#}\n"))?;
            output::line(&format!("the import could not go on; see {}", into.join("error.txt").display()));
        }
    }
    Ok(())
}

fn files(job: &Job<'_>, dir: &Path, done: Option<&Done>) -> Vec<PathBuf> {
    let own = job.mapping.file_names().into_iter().map(|name| dir.join(name));
    let rejects = done.into_iter().flat_map(|done| done.rejects.iter().filter(|path| path.parent() == Some(dir)).cloned());
    own.chain(rejects).collect()
}
