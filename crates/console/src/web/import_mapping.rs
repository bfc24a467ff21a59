//! `/console/import/{id}/mapping`: a mapping by choosing, column by column.

use axum::body::Body;
use clinicos_contract::{Currency, Problem, problem};
use clinicos_intake::propose::{ColumnChoice, DAYS, FileChoice, Proposal, Sample, Target, What, days_of};
use clinicos_intake::{Mapping, text_of};
use serde_json::{Value, json};

use super::Web;
use super::amend;
use super::ask::{Ask, list, text};
use super::respond::{Page, Refused, download, redirect, render};
use super::visit::Visit;
use crate::faults::{Fault, Faults};
use crate::frame::Section;
use crate::pages::import_mapping::{ImportMapping, MappedColumn, MappedFile};
use crate::words::{Choice, in_path};

/// What a file is called that is left out, and a column.
const LEFT_OUT: &str = "leave out";

/// The mapping that files themselves speak for. It can always be read: what is not whole is left
/// out, and if nothing is, the first column of the first file stands for a name, to be changed.
pub fn proposed(samples: Vec<Sample>, currency: &str) -> Option<String> {
    let mut proposal = Proposal::of(samples);
    currency.clone_into(&mut proposal.currency);
    while let Some(lack) = proposal.lacks().into_iter().next() {
        let lines = proposal.files.iter().position(|file| file.what == Some(What::Lines));
        match lack.file.or(lines) {
            Some(at) => proposal.files.get_mut(at)?.what = None,
            None => {
                let file = proposal.files.first_mut()?;
                let name = What::Clients.targets().iter().find(|target| target.name == "organization_name");
                let column = file.columns.iter_mut().find(|column| !column.name.is_empty())?;
                (file.what, file.key, column.target) = (Some(What::Clients), column.name.clone(), name);
            }
        }
    }
    Some(proposal.toml())
}

/// The form.
pub async fn show(web: Web, visit: Visit) -> Page {
    let import = import(&web, &visit).await?;
    let proposal = proposal(&web, &import);
    let page = page(&web, &visit, &import, &proposal, Faults::default()).await?;
    Ok(render(&web, &visit, 200, &page))
}

/// The mapping as a file.
pub async fn file(web: Web, visit: Visit) -> Page {
    let import = import(&web, &visit).await?;
    let mapping = text(&import, "mapping");
    Ok(download("application/toml", "mapping.toml", Body::from(text_of(&mapping).unwrap_or_default().to_owned())))
}

/// Takes what was chosen, and has the files checked with it.
pub async fn change(web: Web, visit: Visit) -> Page {
    let import = import(&web, &visit).await?;
    let mut proposal = proposal(&web, &import);
    // Who only looks is told that, and nothing about the form.
    let only_looks = web.person(&visit).await?.only_looks.is_some();
    let is_other = choose(&mut proposal, &visit);
    if !only_looks && (is_other || !visit.field("show").is_empty()) {
        let page = page(&web, &visit, &import, &proposal, Faults::default()).await?;
        return Ok(render(&web, &visit, 200, &page));
    }
    let faults = if only_looks { Vec::new() } else { faults(&proposal) };
    if !faults.is_empty() {
        let page = page(&web, &visit, &import, &proposal, Faults(faults)).await?;
        let problem = Problem::new(&problem::RULE_BROKEN, "the form of a mapping was not filled in as it must be");
        let refused = Refused::by(visit.origin.clone(), problem).journaled(&web, visit.credential()).await;
        return Ok(render(&web, &visit, refused.status, &page));
    }
    let path = vec![("import_id", visit.part("id"))];
    let body = json!({"dry_run": true, "mapping": proposal.toml()});
    match web.ask(&visit, Ask { operation: "imports.start", path, body: Some(body), ..Ask::default() }).await {
        Ok(_) => Ok(redirect(&format!("/console/import/{}", in_path(&visit.part("id"))))),
        Err(refused) if refused.is_of_form() => {
            let page = page(&web, &visit, &import, &proposal, amend::faults(&visit, &refused, &[], Vec::new())).await?;
            Ok(render(&web, &visit, refused.status, &page))
        }
        Err(refused) => Err(refused),
    }
}

async fn import(web: &Web, visit: &Visit) -> Result<Value, Box<Refused>> {
    let path = vec![("import_id", visit.part("id"))];
    web.ask(visit, Ask { operation: "imports.get", path, ..Ask::default() }).await
}

/// The beginnings of the files as the last check saw them.
fn samples(import: &Value) -> Vec<Sample> {
    let mut samples: Vec<Sample> = Vec::new();
    for row in list(import, "preview") {
        let Ok(source) = serde_json::from_str::<Value>(&text(row, "source")) else { continue };
        let cells: Vec<(String, String)> =
            serde_json::from_value(source.get("cells").cloned().unwrap_or_default()).unwrap_or_default();
        let (header, cells): (Vec<String>, Vec<String>) = cells.into_iter().unzip();
        let name = text(row, "file");
        let delimiter = text(&source, "by").bytes().next().unwrap_or(b',');
        match samples.iter_mut().find(|sample| sample.name == name) {
            Some(sample) => sample.records.push(cells),
            None if header.is_empty() => {}
            None => samples.push(Sample { name, delimiter, header, records: vec![cells] }),
        }
    }
    // The same order whatever the mapping is: fields of the form are named by it.
    samples.sort_by(|one, other| one.name.cmp(&other.name));
    samples
}

/// The mapping of an import as choices.
fn proposal(web: &Web, import: &Value) -> Proposal {
    let mut proposal = Proposal::of(samples(import));
    let mapping = text(import, "mapping");
    let catalogue = web.door.catalogue();
    let read = text_of(&mapping).and_then(|text| Mapping::of_operations(text, &|id| Some(catalogue.find(id)?.spec())));
    if let Ok(read) = read {
        proposal.follow(&read);
    }
    proposal
}

/// Takes what was chosen; tells whether a file is to be something else, whose columns nobody saw yet.
fn choose(proposal: &mut Proposal, visit: &Visit) -> bool {
    let mut is_other = false;
    proposal.system = visit.field("system");
    proposal.currency = visit.field("currency").to_ascii_uppercase();
    proposal.decimal_mark = if visit.field("decimal_mark") == "," { ',' } else { '.' };
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
        for (place, column) in file.columns.iter_mut().enumerate() {
            let name = visit.field(&format!("col-{at}-{place}"));
            column.target = what.targets().iter().find(|target| target.name == name);
            let day = visit.field(&format!("day-{at}-{place}")).parse::<usize>().ok().and_then(|day| DAYS.get(day));
            let guessed = days_of(&file.sample.values(&column.name)).first().copied();
            column.day = day.or(guessed).filter(|_| column.is_day());
        }
    }
    is_other
}

fn faults(proposal: &Proposal) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    if proposal.system.is_empty() {
        faults.push(Fault { field: "system", label: "Name of the other system", text: "Fill this in.".to_owned() });
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
        selected: value == proposal.decimal_mark,
    };
    Ok(ImportMapping {
        frame: web.frame(visit, &person, Section::Import),
        faults,
        id: text(import, "id"),
        name: text(import, "name"),
        system: proposal.system.clone(),
        currency: proposal.currency.clone(),
        decimal_marks: vec![mark('.', "1,234.50: a point before cents"), mark(',', "1.234,50: a comma before cents")],
        files: proposal.files.iter().enumerate().map(|(at, file)| mapped_file(at, file)).collect(),
    })
}

fn mapped_file(at: usize, file: &FileChoice) -> MappedFile {
    let left_out = Choice { value: String::new(), words: LEFT_OUT.to_owned(), selected: file.what.is_none() };
    let whats = What::ALL.into_iter().map(|what| Choice {
        value: what.name().to_owned(),
        words: what.says().to_owned(),
        selected: file.what == Some(what),
    });
    let has_key = file.what.is_some_and(|what| what != What::Lines);
    let keys = file.columns.iter().filter(|column| has_key && !column.name.is_empty()).map(|column| Choice {
        value: column.name.clone(),
        words: column.name.clone(),
        selected: column.name == file.key,
    });
    let columns = file.what.map(|what| {
        let columns = file.columns.iter().enumerate().filter(|(_, column)| !column.name.is_empty());
        columns.map(|(place, column)| mapped_column(place, column, file, what)).collect()
    });
    MappedFile {
        at,
        name: file.sample.name.clone(),
        whats: std::iter::once(left_out).chain(whats).collect(),
        was: file.what.map(What::name).unwrap_or_default().to_owned(),
        keys: keys.collect(),
        columns: columns.unwrap_or_default(),
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
    let fitting = days_of(&file.sample.values(&column.name));
    let offered = DAYS.iter().enumerate().filter(|(_, day)| column.is_day() && (fitting.is_empty() || fitting.contains(day)));
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
        is_open: fitting.len() > 1,
    }
}
