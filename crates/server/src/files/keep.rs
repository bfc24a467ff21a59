//! Keeps files and rows in step while the server runs, and says where they are not.

mod rows;

use std::sync::Arc;
use std::time::Duration;

use clinicos_gate::files::{FileName, Files};
use clinicos_gate::{ClinicId, Door, Services};
use clinicos_store::{Conn, Engine, ReadWork, Store, StoreError};
use futures_util::future::BoxFuture;
use tokio::sync::watch;

/// How often files that no row names are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(3_600);
/// How old such a file is at least: a write that brings it may be under way, here or on another node.
const AGE_MIN_S: i64 = 3_600;
/// How many of the youngest documents are looked at when the server starts.
const LOOKED_AT: i64 = 100;
/// How many documents are named at most.
const NAMED_MAX: usize = 100;

/// Sweeps at once, and then each hour, until told to stop.
pub async fn sweep(door: Arc<dyn Door>, store: Store, mut stop: watch::Receiver<bool>) {
    loop {
        sweep_once(door.services(), &store).await;
        if tokio::time::timeout(SWEEP_EVERY, stop.wait_for(|stop| *stop)).await.is_ok() {
            return;
        }
    }
}

async fn sweep_once(services: &Services, store: &Store) {
    let before = services.clock.now().plus_seconds(-AGE_MIN_S);
    match services.files.sweep(store, &services.held, before).await {
        Ok(swept) if swept.spared > 0 => tracing::error!(
            spared = swept.spared,
            erased = swept.erased,
            "{} files of documents have no record, most of their clinic's: is this the database that they belong to? They are left",
            swept.spared
        ),
        Ok(swept) if swept.erased > 0 => {
            tracing::info!(erased = swept.erased, files = swept.files, "erased {} files that no record names", swept.erased);
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "files that no record names could not be looked for; it is tried again in an hour"),
    }
}

/// What whoever runs several nodes must know of the place.
pub fn note(files: &Files, store: &Store) -> Option<String> {
    let place = files.place();
    (store.engine() == Engine::Postgres && place.is_of_this_node()).then(|| {
        format!(
            "the bytes of documents are in `{}`: if several nodes use this database, all of them must share this directory, or \
             use object storage",
            place.shown()
        )
    })
}

/// What is wrong with the place, as far as a look at a few documents tells.
pub async fn warning(files: &Files, store: &Store) -> Option<String> {
    let shown = files.place().shown();
    match missing(files, store, Some(LOOKED_AT)).await {
        Ok(0) => None,
        Ok(missing) => Some(format!(
            "{missing} of the {LOOKED_AT} documents that were looked at have no file in `{shown}`: another node keeps them \
             elsewhere, or they were not brought back with the database"
        )),
        Err(error) => Some(format!("the files of documents in `{shown}` cannot be looked at: {error:#}")),
    }
}

/// How many documents say that they have bytes, and have no file. Of the youngest of a clinic only, if a number
/// is given.
pub async fn missing(files: &Files, store: &Store, youngest: Option<i64>) -> anyhow::Result<u64> {
    Ok(look(files, store, youngest, false).await?.lost)
}

/// What a look at the files of documents came to.
#[derive(Debug, Default)]
pub struct Looked {
    /// Documents that were looked at.
    pub documents: u64,
    /// Those of them whose bytes are damaged or gone.
    pub lost: u64,
    /// The first of those.
    pub named: Vec<Lost>,
}

/// A document whose bytes are damaged or gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The clinic.
    pub clinic: String,
    /// The document.
    pub document: String,
    /// What people call it.
    pub title: String,
    /// `damaged` or `gone`.
    pub what: &'static str,
}

/// Looks whether documents have their files; if they are to be `read`, also whether the bytes are what they were.
pub async fn look(files: &Files, store: &Store, youngest: Option<i64>, read: bool) -> anyhow::Result<Looked> {
    let (mut looked, mut after) = (Looked::default(), None);
    loop {
        let mut page = Page { youngest, after: after.take(), found: Ok(Vec::new()) };
        store.read(&mut page).await?;
        let found = page.found?;
        for named in &found {
            looked.documents += 1;
            let Some(what) = fault(files, named, read).await? else { continue };
            looked.lost += 1;
            if looked.named.len() < NAMED_MAX {
                let (clinic, document, title) = (named.clinic.clone(), named.document.clone(), named.title.clone());
                looked.named.push(Lost { clinic, document, title, what });
            }
        }
        match found.into_iter().next_back() {
            Some(last) if youngest.is_none() => after = Some((last.clinic, last.document)),
            _ => return Ok(looked),
        }
    }
}

/// What is wrong with the file of a document.
async fn fault(files: &Files, Named { clinic, sha256, .. }: &Named, read: bool) -> anyhow::Result<Option<&'static str>> {
    let Some(name) = ClinicId::parse(clinic).and_then(|clinic| FileName::new(clinic, sha256)) else { return Ok(Some("gone")) };
    if read {
        return Ok(files.look(&name).await?.err());
    }
    Ok(if files.place().has(&name).await? { None } else { Some("gone") })
}

/// A row that says that a document has bytes in a file.
struct Named {
    clinic: String,
    document: String,
    sha256: String,
    title: String,
}

struct Page {
    youngest: Option<i64>,
    after: Option<(String, String)>,
    found: Result<Vec<Named>, StoreError>,
}

impl ReadWork for Page {
    fn run<'c>(&'c mut self, conn: &'c mut dyn Conn) -> BoxFuture<'c, ()> {
        Box::pin(async move {
            self.found = match self.youngest {
                Some(limit) => rows::youngest(conn, limit).await,
                None => rows::after(conn, self.after.as_ref()).await,
            };
        })
    }
}
