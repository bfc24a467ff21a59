//! Which chunk holds what. Chunks are counted when the point in time is taken, and are the same from
//! then on: each can be read again, and none depends on another one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use clinicos_contract::wire::Doc;
use clinicos_contract::{Problem, Timestamp};
use clinicos_gate::files::WantedFile;
use clinicos_gate::held::Held;
use clinicos_gate::{Cx, OrProblem as _};
use clinicos_store::Conn;

use super::model::{Export, ExportFile, ExportFiles, LostContent, LostContents, ResourceNames};
use crate::ids::ExportId;
use crate::invoices;
use crate::standing::{self, AnyStanding, Part, Place};

/// What was asked for.
pub struct Asked {
    /// Which kinds of record.
    pub kinds: Vec<&'static dyn AnyStanding>,
    /// When.
    pub at: Timestamp,
}

/// The chunks of an export.
pub struct Plan {
    place: Place,
    files: Vec<(&'static dyn AnyStanding, ExportFile)>,
    last_invoice_number: i64,
    /// The last record of each chunk that was read.
    ends: Mutex<BTreeMap<i64, String>>,
    /// What chunks could not show, by document.
    lost: Mutex<BTreeSet<String>>,
}

impl Plan {
    /// The plan of an export; the first who asks makes it.
    pub async fn of(cx: &mut Cx<'_>, asked: &Asked, held: &Held) -> Result<std::sync::Arc<Self>, Problem> {
        if let Some(plan) = held.kept::<Self>() {
            return Ok(plan);
        }
        let place = Place { clinic: cx.clinic_id()?, today: cx.today()? };
        let (mut files, mut first_chunk) = (Vec::new(), 0);
        for kind in &asked.kinds {
            let records = standing::rows::count(cx.conn(), place.clinic, kind.list()).await.or_problem()?;
            let chunks = records.unsigned_abs().div_ceil(kind.at_once().unsigned_abs()).cast_signed();
            files.push((*kind, ExportFile { resource: kind.name().to_owned(), records, first_chunk, chunks }));
            first_chunk += chunks;
        }
        let last_invoice_number = invoices::rows::last_number(cx.conn(), place.clinic).await.or_problem()?;
        held.keep(std::sync::Arc::new(Self {
            place,
            files,
            last_invoice_number,
            ends: Mutex::default(),
            lost: Mutex::default(),
        }));
        held.kept().ok_or_else(|| Problem::unavailable("the plan of an export was not kept"))
    }

    /// The part of which kind a chunk is.
    pub async fn part(&self, conn: &mut dyn Conn, chunk: i64) -> Result<(&'static dyn AnyStanding, Part), Problem> {
        let holds = |file: &ExportFile| (file.first_chunk..file.first_chunk + file.chunks).contains(&chunk);
        let found = self.files.iter().find(|(_, file)| holds(file));
        let (kind, file) = found.ok_or_else(Problem::not_found)?;
        let before = (chunk - file.first_chunk) * kind.at_once();
        let after = match (before, self.end(chunk - 1)) {
            (0, _) => None,
            (_, Some(end)) => Some(end),
            (_, None) => standing::rows::id_at(conn, self.place.clinic, kind.list(), before - 1).await.or_problem()?,
        };
        Ok((*kind, Part { place: self.place, after, limit: kind.at_once() }))
    }

    /// Files are about to be read: none of them counts as lost before that is known again.
    pub fn look_for(&self, wanted: &[WantedFile]) {
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        for file in wanted {
            lost.remove(&file.record.to_string());
        }
    }

    /// Remembers a document whose bytes are damaged or gone.
    pub fn lose(&self, file: &WantedFile) {
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        lost.insert(file.record.to_string());
    }

    fn lost(&self) -> Vec<LostContent> {
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        lost.iter().map(|id| LostContent { document_id: id.clone() }).collect()
    }

    /// Remembers the last record of a chunk.
    pub fn read_to(&self, chunk: i64, last: String) {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner).insert(chunk, last);
    }

    fn end(&self, chunk: i64) -> Option<String> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner).get(&chunk).cloned()
    }

    fn chunks_read(&self) -> i64 {
        i64::try_from(self.ends.lock().unwrap_or_else(PoisonError::into_inner).len()).unwrap_or(i64::MAX)
    }
}

/// The export as people see it.
pub fn shown(
    id: ExportId,
    cx: &Cx<'_>,
    asked: &Asked,
    plan: Option<(&Plan, Option<Timestamp>)>,
) -> Result<Export<'static>, Problem> {
    let names = asked.kinds.iter().map(|kind| kind.name().to_owned()).collect();
    let files: Vec<ExportFile> = plan.iter().flat_map(|(plan, _)| plan.files.iter().map(|(_, file)| file.clone())).collect();
    Ok(Export {
        id,
        clinic_id: cx.clinic_id()?,
        resources: Doc::of(&ResourceNames(names)),
        as_of: plan.and_then(|(_, as_of)| as_of),
        records: files.iter().map(|file| file.records).sum(),
        chunks: files.iter().map(|file| file.chunks).sum(),
        files: Doc::of(&ExportFiles(files)),
        chunks_read: plan.map_or(0, |(plan, _)| plan.chunks_read()),
        lost: Doc::of(&LostContents(plan.map(|(plan, _)| plan.lost()).unwrap_or_default())),
        last_invoice_number: plan.map_or(0, |(plan, _)| plan.last_invoice_number),
        created_at: asked.at,
        version: 1,
    })
}
