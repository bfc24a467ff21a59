//! `/console/import/{id}/mapping`: a mapping by choosing, column by column.

use axum::body::Body;
use clinicos_contract::{Currency, Problem, problem};
use clinicos_intake::propose::{ColumnChoice, DAYS, Facts, FileChoice, Proposal, Sample, Target, What, is_reason};
use clinicos_intake::text_of;
use serde_json::{Value, json};

use super::Web;
use super::amend::{self, Field};
use super::ask::{Ask, count, int, list, text};
use super::import_past::{can_be_chosen, read};
use super::import_upload::hints;
use super::imports::{self, stage};
use super::respond::{Page, Refused, download, redirect, render};
use super::visit::Visit;
use crate::faults::{Fault, Faults};
use crate::frame::Section;
use crate::pages::import_mapping::{ImportMapping, MappedColumn, MappedFile, Mode};
use crate::words::{Choice, counted, in_path};

/// What a file is called that is left out, and a column.
const LEFT_OUT: &str = "leave out";

/// The text of a mapping.
const TEXT: Field = Field::new("/mapping", "mapping-text", "The mapping as text");

/// Whether a mapping can still be changed: the files were seen, and nothing runs or is through.
pub fn can_change(import: &Value) -> bool {
    stage(import).can_start() && list(import, "preview").iter().any(|row| !text(row, "source").is_empty())
}

/// The form.
pub async fn show(web: Web, visit: Visit) -> Page {
    let import = import(&web, &visit).await?;
    let proposal = proposal(&web, &visit, &import).await?;
    let page = page(&web, &visit, &import, &proposal, Faults::default()).await?;
    Ok(render(&web, &visit, 200, &page))
}

/// The mapping as a file.
pub async fn file(web: Web, visit: Visit) -> Page {
    let import = import(&web, &visit).await?;
    let mapping = text(&import, "mapping");
    Ok(download("application/toml", "mapping.toml", Body::from(text_of(&mapping).unwrap_or_default().to_owned())))
}

/// Takes what was chosen or written, and has the files checked with it.
pub async fn change(web: Web, visit: Visit) -> Page {
    let import = import(&web, &visit).await?;
    let mut proposal = proposal(&web, &visit, &import).await?;
    // Who only looks is told that, and nothing about the form.
    let only_looks = web.person(&visit).await?.only_looks.is_some();
    let written = visit.text("mapping_text");
    let is_written = !written.trim().is_empty();
    let is_other = !is_written && choose(&mut proposal, &visit);
    if !only_looks && (is_other || !visit.field("show").is_empty()) {
        let page = page(&web, &visit, &import, &proposal, Faults::default()).await?;
        return Ok(render(&web, &visit, 200, &page));
    }
    let faults = if only_looks || is_written { Vec::new() } else { faults(&proposal) };
    if !faults.is_empty() {
        let page = page(&web, &visit, &import, &proposal, Faults(faults)).await?;
        let problem = Problem::new(&problem::RULE_BROKEN, "the form of a mapping was not filled in as it must be");
        let refused = Refused::by(visit.origin.clone(), problem).journaled(&web, visit.credential()).await;
        return Ok(render(&web, &visit, refused.status, &page));
    }
    let path = vec![("import_id", visit.part("id"))];
    let body = json!({"dry_run": true, "mapping": if is_written { written } else { proposal.toml() }});
    let version = Some(visit.field("version").parse().unwrap_or_default());
    match web.ask(&visit, Ask { operation: "imports.start", path, body: Some(body), version, ..Ask::default() }).await {
        Ok(_) => Ok(redirect(&format!("/console/import/{}", in_path(&visit.part("id"))))),
        Err(refused) => match imports::stale(&web, &visit, &refused) {
            Some(page) => page,
            None if refused.is_of_form() => {
                let page = page(&web, &visit, &import, &proposal, amend::faults(&visit, &refused, &[TEXT], Vec::new())).await?;
                Ok(render(&web, &visit, refused.status, &page))
            }
            None => Err(refused),
        },
    }
}

async fn import(web: &Web, visit: &Visit) -> Result<Value, Box<Refused>> {
    let path = vec![("import_id", visit.part("id"))];
    web.ask(visit, Ask { operation: "imports.get", path, ..Ask::default() }).await
}

/// How many records a file has, what all of them say of each column, and why the first one that cannot be used cannot.
type Whole = (u64, Vec<Facts>, Option<String>);

/// The beginnings of the files as the last check saw them, and what it saw of all of each.
pub fn samples(import: &Value) -> Vec<Sample> {
    let mut seen: Vec<(Sample, Option<Whole>)> = Vec::new();
    for row in list(import, "preview") {
        let Ok(source) = serde_json::from_str::<Value>(&text(row, "source")) else { continue };
        let cells: Vec<(String, String)> =
            serde_json::from_value(source.get("cells").cloned().unwrap_or_default()).unwrap_or_default();
        let (header, cells): (Vec<String>, Vec<String>) = cells.into_iter().unzip();
        let name = text(row, "file");
        let delimiter = text(&source, "by").bytes().next().unwrap_or(b',');
        match seen.iter_mut().find(|(sample, _)| sample.name == name) {
            Some((sample, _)) => sample.records.push(cells),
            None if header.is_empty() => {}
            None => {
                let facts: Option<Vec<Facts>> = source.get("facts").and_then(|facts| serde_json::from_value(facts.clone()).ok());
                let broken = Some(text(&source, "broken")).filter(|why| !why.is_empty());
                let facts = facts.map(|facts| (count(&source, "count"), facts, broken));
                seen.push((Sample { name, delimiter, header, records: vec![cells], ..Sample::default() }, facts));
            }
        }
    }
    let whole = |(sample, facts): (Sample, Option<Whole>)| match facts {
        Some((count, facts, broken)) => Sample { count, facts, broken, ..sample },
        None => Sample::of_records(&sample.name, sample.delimiter, sample.header, sample.records),
    };
    let mut samples: Vec<Sample> = seen.into_iter().map(whole).collect();
    // The same order whatever the mapping is: fields of the form are named by it.
    samples.sort_by(|one, other| one.name.cmp(&other.name));
    samples
}

/// The mapping of an import as choices.
async fn proposal(web: &Web, visit: &Visit, import: &Value) -> Result<Proposal, Box<Refused>> {
    let person = web.person(visit).await?;
    let mut proposal = Proposal::with(samples(import), &hints(&person.clinic, ""));
    if let Ok(read) = read(web, &text(import, "mapping")) {
        proposal.follow(&read);
    }
    Ok(proposal)
}

/// Takes what was chosen; tells whether a file is to be something else, whose columns nobody saw yet.
fn choose(proposal: &mut Proposal, visit: &Visit) -> bool {
    let mut is_other = false;
    proposal.system = visit.field("system");
    proposal.currency = visit.field("currency").to_ascii_uppercase();
    proposal.decimal_mark = match visit.field("decimal_mark").as_str() {
        "," => Some(','),
        "." => Some('.'),
        // Nothing was chosen, or could be.
        _ => proposal.decimal_mark,
    };
    for (at, file) in proposal.files.iter_mut().enumerate() {
        let what = What::parse(&visit.field(&format!("what-{at}")));
        let was = What::parse(&visit.field(&format!("was-{at}")));
        if what != was && what.is_some() {
            *file = FileChoice::of(file.sample.clone(), what);
            is_other = true;
            continue;
        }
        file.what = what;
        let Some(what) = what else { continue };
        file.key = visit.field(&format!("key-{at}"));
        file.key_with = visit.field(&format!("with-{at}"));
        for (place, column) in file.columns.iter_mut().enumerate() {
            let name = visit.field(&format!("col-{at}-{place}"));
            column.target = what.targets().iter().find(|target| target.name == name);
            let day = visit.field(&format!("day-{at}-{place}")).parse::<usize>().ok().and_then(|day| DAYS.get(day));
            let guessed = column.day.or_else(|| DAYS.get(*file.sample.of(&column.name).days.first()?));
            column.day = day.or(guessed).filter(|_| column.is_day());
        }
    }
    is_other
}

fn faults(proposal: &Proposal) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    if proposal.system.is_empty() {
        faults.push(Fault { field: "system", label: "Name of the other program", text: "Fill this in.".to_owned() });
    }
    if Currency::parse(&proposal.currency).is_none() {
        let text = "Write three letters, such as USD or EUR.".to_owned();
        faults.push(Fault { field: "currency", label: "Currency of amounts", text });
    }
    faults.extend(proposal.lacks().into_iter().map(|lack| {
        let file = lack.file.and_then(|at| proposal.files.get(at)).map(|file| format!("{}: ", file.sample.name));
        Fault::whole(format!("{}{}", file.unwrap_or_default(), lack.text))
    }));
    faults
}

async fn page(
    web: &Web,
    visit: &Visit,
    import: &Value,
    proposal: &Proposal,
    faults: Faults,
) -> Result<ImportMapping, Box<Refused>> {
    let person = web.person(visit).await?;
    let mark = |value: char, words: &str| Choice {
        value: value.to_string(),
        words: words.to_owned(),
        selected: Some(value) == proposal.decimal_mark,
    };
    let unsaid = || {
        let is_asked = proposal.question_of_figures().is_some();
        let words = if is_asked { "choose one" } else { "nothing to choose: no amount has cents or thousands" };
        Choice { value: String::new(), words: words.to_owned(), selected: true }
    };
    let unsaid = proposal.decimal_mark.is_none().then(unsaid).into_iter();
    let marks = [mark('.', "1,234.50: a point before cents"), mark(',', "1.234,50: a comma before cents")];
    let mapping = text(import, "mapping");
    let mode = mode(web, visit, import, &mapping);
    Ok(ImportMapping {
        frame: web.frame(visit, &person, Section::Import),
        faults,
        mode,
        version: int(import, "version"),
        text: match visit.filled("mapping_text") {
            Some(_) => visit.lines("mapping_text"),
            None => text_of(&mapping).unwrap_or_default().to_owned(),
        },
        id: text(import, "id"),
        name: text(import, "name"),
        system: proposal.system.clone(),
        currency: proposal.currency.clone(),
        decimal_marks: unsaid.chain(marks).collect(),
        files: proposal.files.iter().enumerate().map(|(at, file)| mapped_file(at, file)).collect(),
    })
}

/// How a mapping can be changed, if it can.
fn mode(web: &Web, visit: &Visit, import: &Value, mapping: &str) -> Mode {
    let stage = stage(import);
    if !stage.can_start() {
        return Mode::Closed;
    }
    if visit.asked("as") == "text" || visit.filled("mapping_text").is_some() {
        return Mode::Text { why: "" };
    }
    let samples = samples(import);
    if samples.is_empty() {
        return Mode::Text { why: "Its files were not looked at yet, so there are no columns to choose from." };
    }
    match read(web, mapping) {
        Ok(read) if can_be_chosen(web, &samples, &read) => Mode::Choices,
        _ => Mode::Text {
            why: "This mapping says more than can be chosen in a form: expressions, look-ups, words of its own or the like. So that \
                  nothing of it is lost, it is changed as text.",
        },
    }
}

fn mapped_file(at: usize, file: &FileChoice) -> MappedFile {
    let left_out = Choice { value: String::new(), words: LEFT_OUT.to_owned(), selected: file.what.is_none() };
    let whats = What::ALL.into_iter().map(|what| Choice {
        value: what.name().to_owned(),
        words: what.says().to_owned(),
        selected: file.what == Some(what),
    });
    let has_key = file.what.is_some_and(|what| what != What::Lines);
    let keys = file.columns.iter().filter(|column| has_key && is_shown(column)).map(|column| Choice {
        value: column.name.clone(),
        words: key_words(&file.sample, &column.name),
        selected: column.name == file.key,
    });
    let with = file.columns.iter().filter(|column| has_key && is_shown(column)).map(|column| Choice {
        value: column.name.clone(),
        words: column.name.clone(),
        selected: column.name == file.key_with,
    });
    let alone =
        Choice { value: String::new(), words: "nothing else: it is enough".to_owned(), selected: file.key_with.is_empty() };
    let with = has_key.then_some(alone).into_iter().chain(with).collect();
    let none = Choice { value: String::new(), words: "choose one".to_owned(), selected: true };
    let keys = has_key.then_some(none).filter(|_| file.key.is_empty()).into_iter().chain(keys);
    let columns = file.what.map(|what| {
        let columns = file.columns.iter().enumerate().filter(|(_, column)| is_shown(column));
        columns.map(|(place, column)| mapped_column(place, column, file, what)).collect()
    });
    MappedFile {
        at,
        name: file.sample.name.clone(),
        whats: std::iter::once(left_out).chain(whats).collect(),
        was: file.what.map(What::name).unwrap_or_default().to_owned(),
        keys: keys.collect(),
        with,
        columns: columns.unwrap_or_default(),
    }
}

fn is_shown(column: &ColumnChoice) -> bool {
    !column.name.is_empty() && !is_reason(&column.name)
}

/// A column, and whether it can tell records apart.
fn key_words(sample: &Sample, name: &str) -> String {
    let facts = sample.of(name);
    let empty = sample.count.saturating_sub(facts.filled);
    match (empty, facts.differs) {
        (0, true) => format!("{name}: differs in every record"),
        (0, false) => format!("{name}: the same in some records"),
        (empty, _) => format!("{name}: empty in {}", counted(empty, "record", "records")),
    }
}

fn mapped_column(at: usize, column: &ColumnChoice, file: &FileChoice, what: What) -> MappedColumn {
    let is_chosen = |target: &Target| column.target.is_some_and(|chosen| chosen.name == target.name);
    let left_out = Choice { value: String::new(), words: LEFT_OUT.to_owned(), selected: column.target.is_none() };
    let targets = what.targets().iter().map(|target| Choice {
        value: target.name.to_owned(),
        words: target.says.to_owned(),
        selected: is_chosen(target),
    });
    let facts = file.sample.of(&column.name);
    let fitting = &facts.days;
    let is_offered = |place: usize| column.is_day() && (fitting.is_empty() || fitting.contains(&place));
    let offered = DAYS.iter().enumerate().filter(|(place, _)| is_offered(*place));
    let days = offered.map(|(place, day)| Choice {
        value: place.to_string(),
        words: day.says.to_owned(),
        selected: column.day == Some(day),
    });
    MappedColumn {
        at,
        name: column.name.clone(),
        first: file.sample.values(&column.name).first().copied().unwrap_or_default().to_owned(),
        targets: std::iter::once(left_out).chain(targets).collect(),
        days: days.collect(),
        is_open: facts.open.is_some(),
    }
}
