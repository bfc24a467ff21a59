//! Power cuts for SQLite, in one process.
//!
//! [`FaultVfs::install`] registers a file layer under a name. It passes every read and write
//! through to real files and keeps, beside them, what each 512-byte sector held since the last
//! sync. [`Handle::cut`] then writes the image that a disk could hold after a power cut: what
//! was synced is there; of the rest, some seeded choice is.
//!
//! What a cut may do to writes that were not synced: lose them all, keep those before some
//! moment, or keep an arbitrary version of each sector, some torn in the middle. A file that
//! was never synced may be missing, one that was deleted may be back, and a length may be any
//! that the file had since its last sync. Files are independent of each other.
//!
//! The layer can also lie ([`Handle::drop_syncs`]), refuse syncs ([`Handle::fail_syncs`]) and
//! run full ([`Handle::disk_full`]). Test only: nothing in the product depends on it.

mod disk;
mod file;
mod history;
#[cfg(test)]
mod tests;
mod vfs;

use std::io;
use std::path::Path;
use std::sync::Arc;

pub use crate::disk::Counts;
use crate::disk::Disk;

/// The file layer.
#[derive(Debug)]
pub struct FaultVfs;

impl FaultVfs {
    /// Registers a layer under `name` for the life of the process. What survives a cut
    /// depends only on `seed` and on the order of writes and syncs.
    ///
    /// Pass the name where a connection is opened: `open_with_flags_and_vfs`. A name can be
    /// registered once; use another for each round.
    pub fn install(name: &str, seed: u64) -> io::Result<Handle> {
        let disk = Arc::new(Disk::new(seed));
        vfs::register(name, Arc::clone(&disk), false)?;
        Ok(Handle { name: name.to_owned(), disk })
    }

    /// The same, and from now on every connection of this process that names no layer uses
    /// it. That puts code under it which knows nothing of layers.
    pub fn install_as_default(name: &str, seed: u64) -> io::Result<Handle> {
        let disk = Arc::new(Disk::new(seed));
        vfs::register(name, Arc::clone(&disk), true)?;
        Ok(Handle { name: name.to_owned(), disk })
    }

    /// Makes the layer that SQLite came with the default again.
    pub fn restore_default() -> io::Result<()> {
        vfs::restore_default()
    }
}

/// The switch of one registered layer. Clones work the same layer.
#[derive(Debug, Clone)]
pub struct Handle {
    name: String,
    disk: Arc<Disk>,
}

impl Handle {
    /// The name to open connections with.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Cuts the power, if it is still on, and writes what survives of the directory `from`
    /// into the directory `into`. From the cut on every read, write and sync through this
    /// layer fails, so connections may still be open; open the image with another layer.
    ///
    /// Files that were never opened through this layer are copied as they are; shared-memory
    /// files (`-shm`) are not copied, as no disk would hold them.
    pub fn cut(&self, from: &Path, into: &Path) -> io::Result<Counts> {
        self.disk.cut(&from.canonicalize()?, into)
    }

    /// Cuts the power in front of the `operations`-th write, truncation, deletion or sync from now.
    pub fn power_off_after(&self, operations: u64) {
        self.disk.power_off_after(operations);
    }

    /// Whether the power is off.
    pub fn is_off(&self) -> bool {
        self.disk.is_off()
    }

    /// Makes every sync a lie: it succeeds and nothing is kept. For control runs, which must
    /// lose data.
    pub fn drop_syncs(&self, lie: bool) {
        self.disk.drop_syncs(lie);
    }

    /// Makes every sync fail with an I/O error.
    pub fn fail_syncs(&self, fail: bool) {
        self.disk.fail_syncs(fail);
    }

    /// Makes every write fail because the disk is full.
    pub fn disk_full(&self, full: bool) {
        self.disk.disk_full(full);
    }

    /// What happened so far.
    pub fn counts(&self) -> Counts {
        self.disk.counts()
    }
}
