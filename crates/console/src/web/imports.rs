//! `/console/import`

use serde_json::{Value, json};

use super::Web;
use super::ask::{Ask, Person, count, int, is, list, text};
use super::import_refused::{NotImported, SHOWN_MAX};
use super::import_upload::{FILES, PROPOSE};
use super::key::some;
use super::respond::{Page, Refused, done, render, told};
use super::visit::{FILES_BYTES_MAX, Visit};
use super::{import_columns, import_mapping, import_notes, import_past, import_refused, import_words};
use crate::faults::Faults;
use crate::frame::{FlashKind, Section};
use crate::pager::ROWS;
use crate::pages::imports::{FileLine, Import, ImportLine, Imports, MappingReads, RejectLine, Stage};
use crate::words::{Choice, Count, in_path};

/// The page with the form.
pub const PATH: &str = "/console/import";
/// Most that a form takes of files, in the unit that people read.
const FILES_MB_MAX: usize = FILES_BYTES_MAX >> 20;
/// The status of a form whose record has changed.
const STALE: u16 = 412;
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

/// The page with the form, and with what is wrong with it.
pub async fn imports(web: &Web, visit: &Visit, faults: Faults) -> Result<Imports, Box<Refused>> {
    let person = web.person(visit).await?;
    let cursor = Some(visit.asked("cursor")).filter(|cursor| !cursor.is_empty());
    let from = cursor.as_deref().map(|cursor| format!("&cursor={}", in_path(cursor))).unwrap_or_default();
    let query = format!("limit={ROWS}&sort=-updated_at{from}");
    let found = web.ask(visit, Ask { operation: "imports.list", query, ..Ask::default() }).await?;
    let chosen = visit.field("mapping");
    // What was said once is there again the next time.
    let program = match visit.filled("program") {
        Some(_) => visit.again("program"),
        None => import_past::last_system(web, &found),
    };
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
        program,
        imports: list(&found, "data").iter().map(|import| line(web, import, &person)).collect(),
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

fn line(web: &Web, import: &Value, person: &Person) -> ImportLine {
    let stage = stage(import);
    let is_unfinished = || import_past::read(web, &text(import, "mapping")).is_ok_and(|mapping| !mapping.todo.is_empty());
    let files = list(import, "files");
    let sum = |name: &str| files.iter().map(|file| count(file, name)).sum::<u64>();
    let (created, changed, rejected) = (sum("created"), sum("changed"), sum("rejected"));
    ImportLine {
        id: text(import, "id"),
        name: text(import, "name"),
        at: person.zone.when(&text(import, "updated_at")),
        state: if stage.can_start() && is_unfinished() { "Something is left to be said" } else { stage.words() }.to_owned(),
        outcome: if files.is_empty() {
            String::new()
        } else {
            format!("{} new, {} changed, {} rejected", Count(created), Count(changed), Count(rejected))
        },
    }
}

/// How far an import is.
pub fn stage(import: &Value) -> Stage {
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
    let files: Vec<FileLine> = list(&import, "files").iter().map(file).collect();
    let refused = import_refused::of(&web, &visit, &files).await?;
    let notes = import_notes::of(&web, &import, stage(&import).can_start());
    let page = Import {
        frame: web.frame(&visit, &person, Section::Import),
        name: text(&import, "name"),
        stage: stage(&import),
        dry_run: is(&import, "dry_run"),
        detail: crate::words::capital(&text(&import, "detail")),
        sent: person.zone.when(&text(&import, "created_at")),
        todo: notes.todo,
        notes: notes.notes,
        mends: mends(&files, &refused),
        rejected: files.iter().map(|file| file.counts.get(4).copied().unwrap_or_default()).sum(),
        outcome: import_words::so_far(&import) + &import_words::outcome(stage(&import), is(&import, "dry_run"), &files),
        mapped: import_columns::of(&web, &import),
        can_map: import_mapping::can_change(&import),
        preview: import_words::preview(&import, &files),
        rejects_words: refused.more.then(|| format!("The first {SHOWN_MAX} are shown; the file has all of them.")),
        files,
        rejects: refused.rejected,
        held_back: refused.held_back,
        version: int(&import, "version"),
        id,
    };
    Ok(render(&web, &visit, 200, &page))
}

fn file(file: &Value) -> FileLine {
    let counts = ["read", "created", "changed", "unchanged", "rejected", "held_back"].map(|name| count(file, name));
    FileLine { name: text(file, "name"), resource: text(file, "resource"), counts }
}

/// A record that was not imported, and why.
pub fn reject(reject: &Value) -> RejectLine {
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

/// The files of which something was not imported, to be mended one by one.
fn mends(files: &[FileLine], refused: &NotImported) -> Vec<String> {
    let some = |file: &&FileLine| file.counts.iter().skip(4).sum::<u64>() > 0;
    let mut names: Vec<String> = files.iter().filter(some).map(|file| file.name.clone()).collect();
    for one in refused.rejected.iter().chain(&refused.held_back) {
        if !names.contains(&one.file) {
            names.push(one.file.clone());
        }
    }
    names
}

/// Starts it, or has it checked again: as its page showed it, and not as somebody else has it by now.
pub async fn start(web: Web, visit: Visit) -> Page {
    let dry_run = visit.field("dry_run") != "false";
    let id = visit.part("id");
    let version: i64 = visit.field("version").parse().unwrap_or_default();
    let ask = Ask {
        operation: "imports.start",
        path: vec![("import_id", id.clone())],
        body: Some(json!({"dry_run": dry_run})),
        version: Some(version),
        once: Some(format!("{id}-{version}-{dry_run}")),
        ..Ask::default()
    };
    turned(&web, &visit, ask, if dry_run { "The files are being checked." } else { "The import has started." }).await
}

/// In place of a form that shows what is so no more: the import as it is now, and that nothing was done.
pub fn stale(web: &Web, visit: &Visit, refused: &Refused) -> Option<Page> {
    let text = "Nothing was started: this import has changed since the page that you sent was shown. Somebody had its files checked \
                with other choices, or started it, perhaps in another tab. This is how it is now: look at it, and decide again.";
    let to = format!("/console/import/{}", in_path(&visit.part("id")));
    (refused.status == STALE).then(|| Ok(done(web, &to, FlashKind::Error, text)))
}

/// Stops it.
pub async fn cancel(web: Web, visit: Visit) -> Page {
    let path = vec![("import_id", visit.part("id"))];
    turned(&web, &visit, Ask { operation: "imports.cancel", path, ..Ask::default() }, "The import was cancelled.").await
}

async fn turned(web: &Web, visit: &Visit, ask: Ask<'_>, well: &str) -> Page {
    let to = format!("/console/import/{}", in_path(&visit.part("id")));
    let result = web.ask(visit, ask).await.map(drop);
    if let Err(refused) = &result
        && let Some(page) = stale(web, visit, refused)
    {
        return page;
    }
    told(web, visit, &to, result, well).await
}
