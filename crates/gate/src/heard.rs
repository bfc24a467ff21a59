//! Of which clinics something was committed: asked once for all who wait, so that a commit costs those alone
//! who follow its clinic.

use std::collections::HashMap;

use clinicos_contract::Problem;
use clinicos_store::journal::outbox;
use clinicos_store::{Conn, ReadWork, Store, StoreError};
use futures_util::future::BoxFuture;
use tokio::sync::Mutex;

use crate::ids::ClinicId;

/// The last event of each clinic, as far as somebody asked.
#[derive(Default)]
pub(crate) struct Heard(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// Events up to here were not asked for.
    from: Option<i64>,
    /// Those up to here were.
    to: i64,
    last: HashMap<ClinicId, i64>,
}

impl Heard {
    /// Whether one of these clinics has an event behind a position, up to another one. What is not known any more
    /// may be.
    pub(crate) async fn concerns(
        &self,
        store: &Store,
        clinics: impl Iterator<Item = ClinicId>,
        (after, last): (i64, i64),
    ) -> Result<bool, Problem> {
        let mut known = self.0.lock().await;
        let from = *known.from.get_or_insert(after);
        if known.to < last {
            let mut between = Between { after: known.to.max(from), last, found: Ok(Vec::new()) };
            store.read(&mut between).await.map_err(Problem::unavailable)?;
            let found = between.found.map_err(Problem::unavailable)?;
            known.last.extend(found.into_iter().filter_map(|(clinic, at)| Some((ClinicId::from_stored(&clinic)?, at))));
            known.to = last;
        }
        let mut clinics = clinics;
        Ok(after < from || clinics.any(|clinic| known.last.get(&clinic).is_some_and(|at| *at > after)))
    }
}

struct Between {
    after: i64,
    last: i64,
    found: Result<Vec<(String, i64)>, StoreError>,
}

impl ReadWork for Between {
    fn run<'c>(&'c mut self, conn: &'c mut dyn Conn) -> BoxFuture<'c, ()> {
        Box::pin(async move { self.found = outbox::clinics_between(conn, self.after, self.last).await })
    }
}
