//! A walk along the events of the clinics that are followed, in commit order.

use std::collections::{HashMap, VecDeque};

use clinicos_contract::Problem;
use clinicos_gate::follow::{FollowedClinic, Reading};
use clinicos_gate::{Cx, OrProblem as _, Telling};
use clinicos_store::journal::outbox;
use clinicos_store::page::EXAMINED_MAX;

use super::model::Change;

/// Events that are looked at with one statement, over all clinics.
const CHUNK: usize = 500;
/// The same of one clinic, however many there are.
const CHUNK_MIN: usize = 16;

/// A walk.
pub struct Walk<'f> {
    limit: usize,
    /// The last event that was looked at.
    pub position: i64,
    examined: i64,
    chunk: i64,
    sources: Vec<Source<'f>>,
    /// What there is to tell.
    pub changes: Vec<Telling>,
}

/// One clinic's events.
struct Source<'f> {
    clinic: &'f FollowedClinic,
    /// Those that were read and not looked at yet.
    waiting: VecDeque<outbox::Told>,
    /// The last that was read.
    reached: i64,
    is_at_end: bool,
    /// Records that were read already: each change of one shows the same.
    known: HashMap<String, Option<Reading>>,
}

impl<'f> Walk<'f> {
    /// Begins behind a position, for so many changes.
    pub fn begin(clinics: &'f [FollowedClinic], position: i64, limit: usize) -> Self {
        let source =
            |clinic| Source { clinic, waiting: VecDeque::new(), reached: position, is_at_end: false, known: HashMap::new() };
        let chunk = (CHUNK / clinics.len().max(1)).max(CHUNK_MIN) as i64;
        let sources = clinics.iter().map(source).collect();
        Self { limit, position, examined: 0, chunk, sources, changes: Vec::new() }
    }

    /// Goes on until the page is full, enough was looked at, or nothing is left. Tells whether there
    /// is more.
    pub async fn go(&mut self, cx: &mut Cx<'_>) -> Result<bool, Problem> {
        loop {
            for source in &mut self.sources {
                source.read(cx, self.chunk).await?;
            }
            // Positions are those of the whole database, so whichever comes first was committed first.
            let next = self.sources.iter_mut().filter(|source| !source.waiting.is_empty());
            let next = next.min_by_key(|source| source.waiting.front().map_or(i64::MAX, |told| told.position));
            let Some(source) = next else { return Ok(false) };
            if self.changes.len() == self.limit || self.examined == EXAMINED_MAX {
                return Ok(true);
            }
            let Some(told) = source.waiting.pop_front() else { return Ok(false) };
            self.examined += 1;
            self.position = told.position;
            self.changes.extend(source.tell(cx, told).await?);
        }
    }
}

impl Source<'_> {
    /// Reads on, if nothing is left of what was read.
    async fn read(&mut self, cx: &mut Cx<'_>, chunk: i64) -> Result<(), Problem> {
        if self.is_at_end || !self.waiting.is_empty() {
            return Ok(());
        }
        let clinic = self.clinic.id().to_string();
        let found = outbox::of_clinic(cx.conn(), &clinic, self.reached, chunk).await.or_problem()?;
        self.is_at_end = (found.len() as i64) < chunk;
        self.reached = found.last().map_or(self.reached, |last| last.position);
        self.waiting.extend(found);
        Ok(())
    }

    /// What to tell of an event, if the caller may read its record. What it may not read leaves no trace.
    async fn tell(&mut self, cx: &mut Cx<'_>, told: outbox::Told) -> Result<Option<Telling>, Problem> {
        let Some(kind) = self.clinic.type_of(&told.record_id) else { return Ok(None) };
        let now = match self.known.get(&told.record_id) {
            Some(known) => known.clone(),
            None => {
                let read = cx.read_followed(self.clinic, &told.record_id).await?;
                self.known.insert(told.record_id.clone(), read.clone());
                read
            }
        };
        Ok(now.and_then(|now| Change::of(self.clinic.id(), told, kind, now)).map(Change::told))
    }
}
