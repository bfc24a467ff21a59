//! The layer itself: what was synced survives, what was not can be lost, and lies are seen.

use std::path::Path;

use crate::{FaultVfs, Handle};
use rusqlite::{Connection, OpenFlags};

const CUTS: u64 = 60;

/// A rollback journal needs EXTRA: with FULL its deletion, which is the commit, may be undone.
fn open(path: &Path, layer: &Handle, journal: &str) -> Connection {
    let synchronous = if journal == "WAL" { "FULL" } else { "EXTRA" };
    let connection = Connection::open_with_flags_and_vfs(path, OpenFlags::default(), layer.name()).expect("opens");
    connection.pragma_update(None, "journal_mode", journal).expect("journal mode");
    connection.pragma_update(None, "synchronous", synchronous).expect("synchronous");
    connection.pragma_update(None, "wal_autocheckpoint", 20).expect("checkpoints");
    connection
}

/// Inserts until the power goes; gives how many commits were acknowledged.
fn insert_until_dark(connection: &Connection) -> i64 {
    let mut acknowledged = 0;
    while connection.execute("INSERT INTO things (name) VALUES (printf('%.*c', 900, 'x'))", []).is_ok() {
        acknowledged += 1;
    }
    acknowledged
}

/// Rows in the image; `None` if it is damaged or holds no table.
fn rows(image: &Path) -> Option<i64> {
    let connection = Connection::open(image).ok()?;
    let check: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).ok()?;
    let count = connection.query_row("SELECT count(*) FROM things", [], |row| row.get(0)).ok()?;
    (check == "ok").then_some(count)
}

/// One cut: acknowledged commits, and what is left of them.
fn cut(name: &str, seed: u64, journal: &str, lie: bool) -> (i64, Option<i64>) {
    let (live, image) = (tempfile::tempdir().expect("directory"), tempfile::tempdir().expect("directory"));
    let layer = FaultVfs::install(&format!("{name}-{seed}"), seed).expect("registers");
    let connection = open(&live.path().join("a.db"), &layer, journal);
    connection.execute_batch("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT)").expect("table");
    layer.drop_syncs(lie);
    layer.power_off_after(10 + seed * 7);
    let acknowledged = insert_until_dark(&connection);
    assert!(layer.is_off());
    layer.cut(live.path(), image.path()).expect("cut");
    (acknowledged, rows(&image.path().join("a.db")))
}

#[test]
fn no_acknowledged_row_is_lost_with_a_write_ahead_log() {
    for seed in 0..CUTS {
        let (acknowledged, left) = cut("wal", seed, "WAL", false);
        let left = left.unwrap_or_else(|| panic!("seed {seed}: the image is damaged"));
        assert!(left == acknowledged || left == acknowledged + 1, "seed {seed}: {acknowledged} acknowledged, {left} left");
    }
}

#[test]
fn no_acknowledged_row_is_lost_with_a_rollback_journal() {
    for seed in 0..CUTS {
        let (acknowledged, left) = cut("journal", seed, "DELETE", false);
        let left = left.unwrap_or_else(|| panic!("seed {seed}: the image is damaged"));
        assert!(left == acknowledged || left == acknowledged + 1, "seed {seed}: {acknowledged} acknowledged, {left} left");
    }
}

#[test]
fn rows_are_lost_when_syncs_are_lies() {
    let lossy = (0..CUTS).filter(|seed| {
        let (acknowledged, left) = cut("lie", *seed, "WAL", true);
        left.is_none_or(|left| left < acknowledged)
    });
    let lossy = lossy.count();
    assert!(lossy > CUTS as usize / 4, "only {lossy} of {CUTS} cuts lost anything: the layer loses too little");
}

#[test]
fn the_same_seed_gives_the_same_image() {
    let image = |name: &str| {
        let (live, into) = (tempfile::tempdir().expect("directory"), tempfile::tempdir().expect("directory"));
        let layer = FaultVfs::install(name, 7).expect("registers");
        let connection = open(&live.path().join("a.db"), &layer, "DELETE");
        connection.execute_batch("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT)").expect("table");
        layer.drop_syncs(true);
        layer.power_off_after(60);
        insert_until_dark(&connection);
        layer.cut(live.path(), into.path()).expect("cut");
        rows(&into.path().join("a.db"))
    };
    assert_eq!(image("same-a"), image("same-b"));
}

#[test]
fn a_failing_sync_and_a_full_disk_refuse_the_commit() {
    let live = tempfile::tempdir().expect("directory");
    let layer = FaultVfs::install("refuses", 1).expect("registers");
    let connection = open(&live.path().join("a.db"), &layer, "WAL");
    connection.execute_batch("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT)").expect("table");
    let insert = || connection.execute("INSERT INTO things (name) VALUES ('a')", []);
    layer.fail_syncs(true);
    assert!(insert().is_err(), "a commit whose sync failed was acknowledged");
    layer.fail_syncs(false);
    layer.disk_full(true);
    assert!(insert().is_err(), "a commit on a full disk was acknowledged");
    layer.disk_full(false);
    insert().expect("works again");
}

#[test]
fn several_connections_share_one_database() {
    let (live, image) = (tempfile::tempdir().expect("directory"), tempfile::tempdir().expect("directory"));
    let layer = FaultVfs::install("shared", 3).expect("registers");
    let path = live.path().join("a.db");
    let writer = open(&path, &layer, "WAL");
    writer.execute_batch("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT)").expect("table");
    let reader = open(&path, &layer, "WAL");
    for expected in 1..=200_i64 {
        writer.execute("INSERT INTO things (name) VALUES ('a')", []).expect("writes");
        let seen: i64 = reader.query_row("SELECT count(*) FROM things", [], |row| row.get(0)).expect("reads");
        assert_eq!(seen, expected);
    }
    layer.cut(live.path(), image.path()).expect("cut");
    assert!(reader.query_row("SELECT count(*) FROM things", [], |row| row.get::<_, i64>(0)).is_err() || layer.is_off());
    assert_eq!(rows(&image.path().join("a.db")), Some(200));
}
