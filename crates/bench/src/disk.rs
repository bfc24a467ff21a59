//! How long the disk takes to keep a promise: the floor under every durable answer.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Serialize;

use crate::histogram::Histogram;

const APPENDS_MAX: u64 = 2_000;
const TIME_MAX: Duration = Duration::from_secs(2);
const BLOCK: [u8; 4096] = [0x5a; 4096];

/// Times of `fdatasync` after appending 4 KiB.
#[derive(Debug, Clone, Serialize)]
pub struct Disk {
    /// Half of them took at most this many microseconds.
    pub p50_us: u64,
    /// All but one in a hundred did.
    pub p99_us: u64,
    /// How many there were.
    pub syncs: u64,
}

/// Measures in this directory's file system.
pub fn measure(directory: &Path) -> Result<Disk> {
    let path = directory.join("fdatasync.tmp");
    let mut file = File::create(&path)?;
    let mut times = Histogram::default();
    let end = Instant::now() + TIME_MAX;
    while times.count() < APPENDS_MAX && Instant::now() < end {
        file.write_all(&BLOCK)?;
        let start = Instant::now();
        file.sync_data()?;
        times.add(start.elapsed());
    }
    std::fs::remove_file(&path)?;
    Ok(Disk { p50_us: times.at(0.5), p99_us: times.at(0.99), syncs: times.count() })
}
