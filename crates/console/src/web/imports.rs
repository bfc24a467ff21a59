//! `/console/import`

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clinicos_contract::{Problem, problem};
use clinicos_intake::propose::Sample;
use serde_json::{Value, json};

use super::Web;
use super::amend::{self, Field};
use super::ask::{Ask, Person, count, int, is, list, text, texts};
use super::csv;
use super::key::some;
use super::respond::{Page, Refused, redirect, render, told};
use super::visit::{FILES_BYTES_MAX, Visit};
use super::{import_columns, import_mapping, import_words};
use crate::faults::{Fault, Faults};
use crate::frame::Section;
use crate::pager::ROWS;
use crate::pages::imports::{FileLine, Import, ImportLine, Imports, MappingReads, RejectLine, Stage};
use crate::words::{Choice, Count, in_path};

/// The page with the form.
pub const PATH: &str = "/console/import";
/// Most that a form takes of files, in the unit that people read.
const FILES_MB_MAX: usize = FILES_BYTES_MAX >> 20;
/// What is chosen by whoever has no mapping.
const PROPOSE: &str = "propose";
/// Rejected records on a page.
const REJECTS_SHOWN: usize = 100;
/// Bytes of a part of a file.
const PART_BYTES: usize = 6 << 20;

/// It is sent as no member of its own.
const MAPPING: Field = Field::new("-", "mapping", "Where the files come from");
const OWN_MAPPING: Field = Field::new("/mapping", "own-mapping", "A mapping of your own");
const FILES: Field = Field::new("/content", "file", "Files");
const FIELDS: [Field; 3] = [MAPPING, OWN_MAPPING, FILES];

/// The form, and what was imported before.
pub async fn show(web: Web, visit: Visit) -> Page {
    let page = imports(&web, &visit, Faults::default()).await?;
    Ok(render(&web, &visit, 200, &page))
}

/// Comes back to the form from files that were more than a form takes; none of them was read.
pub async fn too_large(web: &Web, visit: &Visit, status: u16) -> Page {
    let text = format!(
        "They have more than {FILES_MB_MAX} MB together, and a form takes no more; nothing was read. On the server's own machine \
         there is no such limit: “clinicos import” imports a directory, and with “--watch” whatever appears in it."
    );
    let page = imports(web, visit, Faults(vec![FILES.fault(text)])).await?;
    Ok(render(web, visit, status, &page))
}

/// Takes files, and has them checked.
pub async fn send(web: Web, visit: Visit) -> Page {
    match sent(&web, &visit).await {
        Ok(id) => Ok(redirect(&format!("/console/import/{}", in_path(&id)))),
        Err(Sent::Wrong(faults)) => {
            let page = imports(&web, &visit, Faults(faults)).await?;
            let problem = Problem::new(&problem::RULE_BROKEN, "the form of an import was not filled in as it must be");
            let refused = Refused::by(visit.origin.clone(), problem).journaled(&web, visit.credential()).await;
            Ok(render(&web, &visit, refused.status, &page))
        }
        Err(Sent::Refused(refused)) if refused.is_of_form() => {
            let page = imports(&web, &visit, amend::faults(&visit, &refused, &FIELDS, Vec::new())).await?;
            Ok(render(&web, &visit, refused.status, &page))
        }
        Err(Sent::Refused(refused)) => Err(refused),
    }
}

/// Why nothing was sent.
enum Sent {
    Wrong(Vec<Fault>),
    Refused(Box<Refused>),
}

impl From<Box<Refused>> for Sent {
    fn from(refused: Box<Refused>) -> Self {
        Self::Refused(refused)
    }
}

/// The mapping that was chosen or written: what it is called, its text, and the files that it reads.
fn mapping(web: &Web, visit: &Visit, currency: &str) -> Result<(String, String, BTreeSet<String>), Fault> {
    let (own, chosen) = (visit.text("own_mapping"), visit.field("mapping"));
    if own.trim().is_empty() && chosen == PROPOSE {
        return propose(visit, currency);
    }
    let (field, name, mapping) = match clinicos_intake::built_in(&chosen) {
        _ if !own.trim().is_empty() => (OWN_MAPPING, "A mapping of your own".to_owned(), own),
        Some(text) => (MAPPING, chosen, text.to_owned()),
        None => return Err(MAPPING.fault("Choose a mapping, or write one.")),
    };
    let catalogue = web.door.catalogue();
    match clinicos_intake::Mapping::of_operations(&mapping, &|id| Some(catalogue.find(id)?.spec())) {
        Ok(read) => Ok((name, mapping, read.file_names().into_iter().map(str::to_owned).collect())),
        Err(error) => Err(field.fault(format!("{}.", crate::words::capital(&error.to_string())))),
    }
}

/// A mapping that the files themselves speak for; all of them are kept, those that it leaves out too.
fn propose(visit: &Visit, currency: &str) -> Result<(String, String, BTreeSet<String>), Fault> {
    let samples: Vec<Sample> = visit.files.iter().filter_map(|file| Sample::read(&file.name, &file.bytes)).collect();
    let names = samples.iter().map(|sample| sample.name.clone()).collect();
    let no_columns = "No columns can be told apart in them: send CSV files whose first line names the columns, each once.";
    let mapping = import_mapping::proposed(samples, currency).ok_or_else(|| match visit.files.is_empty() {
        true => FILES.fault("Choose the files."),
        false => FILES.fault(no_columns),
    })?;
    Ok(("Files of another system".to_owned(), mapping, names))
}

/// The files that a mapping reads and that were not sent.
fn missing(visit: &Visit, names: &BTreeSet<String>) -> Vec<Fault> {
    let is_missing = |name: &&String| visit.files.iter().all(|file| file.name != **name);
    let missing: Vec<String> = names.iter().filter(is_missing).map(|name| format!("`{name}`")).collect();
    match missing.as_slice() {
        [] => Vec::new(),
        [one] => vec![FILES.fault(format!("The mapping reads {one}, and no file with this name was sent."))],
        all => vec![FILES.fault(format!("The mapping reads {}, and no files with these names were sent.", all.join(", ")))],
    }
}

async fn sent(web: &Web, visit: &Visit) -> Result<String, Sent> {
    // Amounts without a currency are in the clinic's own.
    let clinic = web.person(visit).await?.clinic;
    let (name, mapping, names) = match mapping(web, visit, &text(&clinic, "currency")) {
        Ok(read) => read,
        Err(fault) => {
            let none = (visit.files.is_empty() && fault.field != FILES.id).then(|| FILES.fault("Choose the files."));
            return Err(Sent::Wrong([fault].into_iter().chain(none).collect()));
        }
    };
    let missing = missing(visit, &names);
    if !missing.is_empty() {
        return Err(Sent::Wrong(missing));
    }
    let body = json!({"name": name, "mapping": mapping, "dry_run": true});
    let made = web.ask(visit, Ask { operation: "imports.create", body: Some(body), ..Ask::default() }).await?;
    let id = text(&made, "id");
    for file in visit.files.iter().filter(|file| names.contains(&file.name)) {
        for (at, part) in file.bytes.chunks(PART_BYTES).enumerate() {
            let body = json!({"name": file.name, "part": at + 1, "content": STANDARD.encode(part)});
            let path = vec![("import_id", id.clone())];
            web.ask(visit, Ask { operation: "import_files.create", path, body: Some(body), ..Ask::default() }).await?;
        }
    }
    let path = vec![("import_id", id.clone())];
    web.ask(visit, Ask { operation: "imports.start", path, body: Some(json!({"dry_run": true})), ..Ask::default() }).await?;
    Ok(id)
}

async fn imports(web: &Web, visit: &Visit, faults: Faults) -> Result<Imports, Box<Refused>> {
    let person = web.person(visit).await?;
    let cursor = Some(visit.asked("cursor")).filter(|cursor| !cursor.is_empty());
    let from = cursor.as_deref().map(|cursor| format!("&cursor={}", in_path(cursor))).unwrap_or_default();
    let query = format!("limit={ROWS}&sort=-updated_at{from}");
    let found = web.ask(visit, Ask { operation: "imports.list", query, ..Ask::default() }).await?;
    let chosen = visit.field("mapping");
    let own =
        Choice { value: PROPOSE.to_owned(), words: "Start a mapping from my files".to_owned(), selected: chosen == PROPOSE };
    let mappings = std::iter::once(own).chain(clinicos_intake::BUILT_IN.iter().map(|(name, _)| Choice {
        value: (*name).to_owned(),
        words: crate::words::capital(name),
        selected: *name == chosen,
    }));
    Ok(Imports {
        frame: web.frame(visit, &person, Section::Import),
        faults,
        mappings: mappings.collect(),
        reads: reads(web),
        own_mapping: visit.lines("own_mapping"),
        imports: list(&found, "data").iter().map(|import| line(import, &person)).collect(),
        newest: cursor.map(|_| "/console/import".to_owned()),
        older: some(&found, "next_cursor").map(|next| format!("/console/import?cursor={}#before", in_path(&next))),
    })
}

/// Which files the mappings read that come with the program.
fn reads(web: &Web) -> Vec<MappingReads> {
    let catalogue = web.door.catalogue();
    let reads = |(name, text): &(&str, &str)| {
        let mapping = clinicos_intake::Mapping::of_operations(text, &|id| Some(catalogue.find(id)?.spec())).ok()?;
        let files = mapping.file_names().into_iter().map(str::to_owned).collect();
        Some(MappingReads { name: crate::words::capital(name), files })
    };
    clinicos_intake::BUILT_IN.iter().filter_map(reads).collect()
}

fn line(import: &Value, person: &Person) -> ImportLine {
    let files = list(import, "files");
    let sum = |name: &str| files.iter().map(|file| count(file, name)).sum::<u64>();
    let (created, changed, rejected) = (sum("created"), sum("changed"), sum("rejected"));
    ImportLine {
        id: text(import, "id"),
        name: text(import, "name"),
        at: person.zone.when(&text(import, "updated_at")),
        state: stage(import).words().to_owned(),
        outcome: if files.is_empty() {
            String::new()
        } else {
            format!("{} new, {} changed, {} rejected", Count(created), Count(changed), Count(rejected))
        },
    }
}

fn stage(import: &Value) -> Stage {
    match text(import, "state").as_str() {
        "running" => Stage::Running,
        "checked" => Stage::Checked,
        "done" => Stage::Done,
        "failed" => Stage::Failed,
        "cancelled" => Stage::Cancelled,
        _ => Stage::Waiting,
    }
}

/// One import.
pub async fn one(web: Web, visit: Visit) -> Page {
    let person = web.person(&visit).await?;
    let id = visit.part("id");
    let path = || vec![("import_id", id.clone())];
    let import = web.ask(&visit, Ask { operation: "imports.get", path: path(), ..Ask::default() }).await?;
    let query = format!("limit={REJECTS_SHOWN}");
    let rejects = web.ask(&visit, Ask { operation: "import_rejects.list", path: path(), query, ..Ask::default() }).await?;
    let files: Vec<FileLine> = list(&import, "files").iter().map(file).collect();
    let more = some(&rejects, "next_cursor").is_some();
    let page = Import {
        frame: web.frame(&visit, &person, Section::Import),
        name: text(&import, "name"),
        stage: stage(&import),
        dry_run: is(&import, "dry_run"),
        detail: crate::words::capital(&text(&import, "detail")),
        rejected: files.iter().map(|file| file.counts.get(4).copied().unwrap_or_default()).sum(),
        outcome: import_words::so_far(&import) + &import_words::outcome(stage(&import), is(&import, "dry_run"), &files),
        mapped: import_columns::of(&web, &import),
        can_map: list(&import, "preview").iter().any(|row| !text(row, "source").is_empty()),
        preview: import_words::preview(&import, &files),
        rejects_words: more.then(|| format!("The first {REJECTS_SHOWN} are shown; the file has all of them.")),
        files,
        rejects: list(&rejects, "data").iter().map(reject).collect(),
        version: int(&import, "version"),
        id,
    };
    Ok(render(&web, &visit, 200, &page))
}

fn file(file: &Value) -> FileLine {
    let counts = ["read", "created", "changed", "unchanged", "rejected", "held_back"].map(|name| count(file, name));
    FileLine { name: text(file, "name"), resource: text(file, "resource"), counts }
}

fn reject(reject: &Value) -> RejectLine {
    let faults = list(reject, "faults");
    let columns: Vec<String> = faults.iter().map(|fault| text(fault, "column")).filter(|column| !column.is_empty()).collect();
    let reasons: Vec<String> = faults.iter().map(|fault| text(fault, "detail")).collect();
    RejectLine {
        file: text(reject, "file"),
        line: int(reject, "line"),
        column: columns.join(", "),
        reason: reasons.join("; "),
        held_back: is(reject, "held_back"),
    }
}

/// Starts it, or has it checked again.
pub async fn start(web: Web, visit: Visit) -> Page {
    let dry_run = visit.field("dry_run") != "false";
    let id = visit.part("id");
    let ask = Ask {
        operation: "imports.start",
        path: vec![("import_id", id.clone())],
        body: Some(json!({"dry_run": dry_run})),
        once: Some(format!("{id}-{}-{dry_run}", visit.field("version"))),
        ..Ask::default()
    };
    turned(&web, &visit, ask, if dry_run { "The files are being checked." } else { "The import has started." }).await
}

/// Stops it.
pub async fn cancel(web: Web, visit: Visit) -> Page {
    let path = vec![("import_id", visit.part("id"))];
    turned(&web, &visit, Ask { operation: "imports.cancel", path, ..Ask::default() }, "The import was cancelled.").await
}

async fn turned(web: &Web, visit: &Visit, ask: Ask<'_>, well: &str) -> Page {
    let to = format!("/console/import/{}", in_path(&visit.part("id")));
    let result = web.ask(visit, ask).await.map(drop);
    told(web, visit, &to, result, well).await
}

/// `GET /console/import/{id}/rejects.csv`: what was not imported, with the reasons.
pub async fn rejects(web: Web, visit: Visit) -> Page {
    csv::file("rejects.csv", Rejects { web, visit, cursor: String::new(), header: Vec::new() }).await
}

/// Rejected records that are written down, and how far they have come.
struct Rejects {
    web: Web,
    visit: Visit,
    cursor: String,
    /// The columns of the file that the last record came from.
    header: Vec<String>,
}

impl csv::Pages for Rejects {
    async fn next(&mut self) -> Result<(String, bool), Box<Refused>> {
        let (query, path) = (format!("limit=200{}", self.cursor), vec![("import_id", self.visit.part("id"))]);
        let page = self.web.ask(&self.visit, Ask { operation: "import_rejects.list", path, query, ..Ask::default() }).await?;
        let lines = list(&page, "data").iter().map(|one| self.row(one)).collect();
        let next = text(&page, "next_cursor");
        self.cursor = format!("&cursor={next}");
        Ok((lines, !next.is_empty()))
    }
}

impl Rejects {
    /// A record's line, behind the columns of its file if that is another one than before.
    fn row(&mut self, one: &Value) -> String {
        let mut lines = String::new();
        let columns = texts(one, "header");
        if columns != self.header {
            let own = ["_file", "_line", "_outcome", "_column", "_reason"].map(str::to_owned);
            lines.push_str(&csv::line(&own.into_iter().chain(columns.clone()).collect::<Vec<_>>()));
            self.header = columns;
        }
        let RejectLine { file, line, column, reason, held_back } = reject(one);
        let outcome = if held_back { "held_back" } else { "rejected" };
        let own = [file, line.to_string(), outcome.to_owned(), column, reason];
        lines.push_str(&csv::line(&own.into_iter().chain(texts(one, "original")).collect::<Vec<_>>()));
        lines
    }
}
