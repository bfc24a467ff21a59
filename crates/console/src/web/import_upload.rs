//! Files that are sent to be imported: what they are, and by which mapping they are read.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use clinicos_contract::{Problem, problem};
use clinicos_intake::Proposal;
use clinicos_intake::propose::{Hints, Sample, kinds, writes_month_first};
use serde_json::{Value, json};

use super::Web;
use super::amend::{self, Field};
use super::ask::{Ask, text};
use super::import_past::{self, Past};
use super::imports::imports;
use super::multipart::SentFile;
use super::respond::{Page, Refused, done, redirect, render};
use super::visit::Visit;
use crate::faults::{Fault, Faults};
use crate::frame::FlashKind;
use crate::words::in_path;

/// What is chosen by whoever has no mapping.
pub const PROPOSE: &str = "propose";
/// Bytes of a part of a file.
const PART_BYTES: usize = 6 << 20;
/// Most characters of the name of an import, and of that of a system.
const NAME_CHARS_MAX: usize = 120;
const SYSTEM_CHARS_MAX: usize = 60;

/// It is sent as no member of its own.
const MAPPING: Field = Field::new("-", "mapping", "Where the files come from");
const PROGRAM: Field = Field::new("-", "program", "Which program do these files come from?");
const OWN_MAPPING: Field = Field::new("/mapping", "own-mapping", "A mapping of your own");
/// The files themselves.
pub const FILES: Field = Field::new("/content", "file", "Files");
const FIELDS: [Field; 4] = [MAPPING, PROGRAM, OWN_MAPPING, FILES];

/// Takes files, and has them checked.
pub async fn send(web: Web, visit: Visit) -> Page {
    match sent(&web, &visit).await {
        Ok((id, again)) => {
            let to = format!("/console/import/{}", in_path(&id));
            Ok(match again {
                Some(again) => done(&web, &to, FlashKind::Success, &again),
                None => redirect(&to),
            })
        }
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

/// How the files are read.
struct Reading {
    /// What the import is called.
    name: String,
    mapping: String,
    /// The files that are kept.
    names: BTreeSet<String>,
    /// That what was chosen for the same columns before holds again, in a sentence.
    again: Option<String>,
}

/// The import that was made, and what is to be said of it.
async fn sent(web: &Web, visit: &Visit) -> Result<(String, Option<String>), Sent> {
    // Amounts without a currency are in the clinic's own.
    let clinic = web.person(visit).await?.clinic;
    let files: Vec<SentFile> = visit.files.iter().map(plain).collect();
    let is_proposed = visit.text("own_mapping").trim().is_empty() && visit.field("mapping") == PROPOSE;
    let pasts = if is_proposed { import_past::of(web, visit).await? } else { Vec::new() };
    let read = if is_proposed { propose(visit, &files, &clinic, &pasts) } else { mapping(web, visit, &files) };
    let mut faults = no_tables(&files);
    faults.extend(twice(&files));
    let read = match read {
        Ok(read) if faults.is_empty() => read,
        Ok(_) => return Err(Sent::Wrong(faults)),
        Err(fault) => {
            // What is wrong with a file is told once, by what it is.
            faults
                .splice(0..0, fault.into_iter().filter(|fault| fault.field != FILES.id || faults.is_empty()).collect::<Vec<_>>());
            return Err(Sent::Wrong(faults));
        }
    };
    let missing = missing(&files, &read.names);
    if !missing.is_empty() {
        return Err(Sent::Wrong(missing));
    }
    let body = json!({"name": read.name, "mapping": read.mapping, "dry_run": true});
    let made = web.ask(visit, Ask { operation: "imports.create", body: Some(body), ..Ask::default() }).await?;
    let id = text(&made, "id");
    for file in files.iter().filter(|file| read.names.contains(&file.name)) {
        for (at, part) in file.bytes.chunks(PART_BYTES).enumerate() {
            let body = json!({"name": file.name, "part": at + 1, "content": STANDARD.encode(part)});
            let path = vec![("import_id", id.clone())];
            web.ask(visit, Ask { operation: "import_files.create", path, body: Some(body), ..Ask::default() }).await?;
        }
    }
    let path = vec![("import_id", id.clone())];
    web.ask(visit, Ask { operation: "imports.start", path, body: Some(json!({"dry_run": true})), ..Ask::default() }).await?;
    Ok((id, read.again))
}

/// A file as it is read: in UTF-8.
fn plain(file: &SentFile) -> SentFile {
    let decoded = kinds::from_utf16(&file.bytes).map(Bytes::from);
    SentFile { name: file.name.clone(), bytes: decoded.unwrap_or_else(|| file.bytes.clone()) }
}

/// Files that are no tables at all, each with what it is and what to do; whatever the mapping is.
fn no_tables(files: &[SentFile]) -> Vec<Fault> {
    let told = files.iter().filter_map(|file| kinds::no_table(&file.bytes).map(|why| format!("“{}”: {why}", file.name)));
    let told: Vec<String> = told.collect();
    if told.is_empty() { Vec::new() } else { vec![FILES.fault(told.join(" "))] }
}

/// Files of one name, of which only one could be kept.
fn twice(files: &[SentFile]) -> Option<Fault> {
    let is_again = |(at, file): &(usize, &SentFile)| files.iter().take(*at).any(|before| before.name == file.name);
    let (_, again) = files.iter().enumerate().find(is_again)?;
    Some(FILES.fault(format!(
        "Two files are called “{}”, and only one of them could be read. Give each a name of its own, and send them again.",
        again.name
    )))
}

/// The mapping that was chosen or written.
fn mapping(web: &Web, visit: &Visit, files: &[SentFile]) -> Result<Reading, Vec<Fault>> {
    let (own, chosen) = (visit.text("own_mapping"), visit.field("mapping"));
    let none = || files.is_empty().then(|| FILES.fault("Choose the files."));
    let wrong = |fault: Fault| -> Vec<Fault> { [fault].into_iter().chain(none()).collect() };
    let (field, called, mapping) = match clinicos_intake::built_in(&chosen) {
        _ if !own.trim().is_empty() => (OWN_MAPPING, None, own),
        Some(text) => (MAPPING, Some(crate::words::capital(&chosen)), text.to_owned()),
        None => return Err(wrong(MAPPING.fault("Choose a mapping, or write one."))),
    };
    match import_past::read(web, &mapping) {
        Ok(read) => {
            let names: BTreeSet<String> = read.file_names().into_iter().map(str::to_owned).collect();
            Ok(Reading { name: name(called, &names), mapping, names, again: None })
        }
        Err(error) => Err(wrong(field.fault(format!("{}.", crate::words::capital(&error.to_string()))))),
    }
}

/// What an import is called: its files, behind the mapping if that has a name.
fn name(called: Option<String>, names: &BTreeSet<String>) -> String {
    let called = called.map(|called| format!("{called}: ")).unwrap_or_default();
    for shown in (1..=names.len()).rev() {
        let some = names.iter().take(shown).cloned().collect::<Vec<_>>().join(", ");
        let more = if shown == names.len() { String::new() } else { format!(" and {} more", names.len() - shown) };
        let name = format!("{called}{some}{more}");
        if name.chars().count() <= NAME_CHARS_MAX {
            return name;
        }
    }
    format!("{called}{} files", names.len())
}

/// A mapping that the files themselves speak for; all of them are kept, those that it leaves out too.
fn propose(visit: &Visit, files: &[SentFile], clinic: &Value, pasts: &[Past]) -> Result<Reading, Vec<Fault>> {
    if files.is_empty() {
        return Err(vec![FILES.fault("Choose the files.")]);
    }
    let (mut samples, mut wrong) = (Vec::new(), Vec::new());
    for file in files {
        match Sample::read(&file.name, &file.bytes) {
            Ok(sample) => samples.push(sample),
            Err(why) => wrong.push(format!("“{}”: {why}", file.name)),
        }
    }
    if !wrong.is_empty() {
        return Err(vec![FILES.fault(wrong.join(" "))]);
    }
    let names: BTreeSet<String> = samples.iter().map(|sample| sample.name.clone()).collect();
    let typed = visit.filled("program").map(|program| system(&program)).filter(|system| !system.is_empty());
    let Some(system) = typed.or_else(|| pasts.first().map(|past| past.mapping.system.clone())) else {
        return Err(vec![PROGRAM.fault("Write the name of the program that these files were exported from.")]);
    };
    let called = name(None, &names);
    if let Some((mapping, past)) = import_past::whole(pasts, &samples, &system) {
        return Ok(Reading { name: called, mapping, names, again: Some(again(past)) });
    }
    let mut proposal = Proposal::with(samples, &hints(clinic, &system));
    let past = import_past::follow(pasts, &mut proposal);
    proposal.system = system;
    Ok(Reading { name: called, mapping: proposal.toml(), names, again: past.map(again) })
}

fn again(past: &Past) -> String {
    format!("Files with these columns were imported before, as “{}”. What was chosen then is chosen again.", past.name)
}

/// What a clinic knows that its files do not say.
pub fn hints(clinic: &Value, system: &str) -> Hints {
    let country = clinic.get("address").map(|address| text(address, "country")).filter(|country| !country.is_empty());
    let given = |name: &str| Some(text(clinic, name)).filter(|text| !text.is_empty());
    Hints {
        system: Some(system.to_owned()),
        currency: given("currency"),
        zone: given("timezone"),
        month_first: country.map(|country| writes_month_first(&country)),
    }
}

/// The name of a program as one of a system: the same however it is typed.
fn system(program: &str) -> String {
    let words = program.split(|letter: char| !letter.is_alphanumeric() && letter != '.').filter(|word| !word.is_empty());
    let name = words.map(str::to_lowercase).collect::<Vec<_>>().join("-");
    name.chars().take(SYSTEM_CHARS_MAX).collect()
}

/// The files that a mapping reads and that were not sent.
fn missing(files: &[SentFile], names: &BTreeSet<String>) -> Vec<Fault> {
    let is_missing = |name: &&String| files.iter().all(|file| file.name != **name);
    let missing: Vec<String> = names.iter().filter(is_missing).map(|name| format!("`{name}`")).collect();
    match missing.as_slice() {
        [] => Vec::new(),
        [one] => vec![FILES.fault(format!("The mapping reads {one}, and no file with this name was sent."))],
        all => vec![FILES.fault(format!("The mapping reads {}, and no files with these names were sent.", all.join(", ")))],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_has_one_name_however_it_is_typed() {
        for program in ["AVImark", " avi-mark ".replace('-', "").trim(), "AVIMARK"] {
            assert_eq!(system(program), "avimark");
        }
        assert_eq!(
            (system("Vet's  Ledger 2.0").as_str(), system("Élan!").as_str(), system("?").as_str()),
            ("vet-s-ledger-2.0", "élan", "")
        );
    }

    #[test]
    fn an_import_is_called_by_its_files() {
        let names = |count: usize| (0..count).map(|at| format!("file-{at:02}.csv")).collect::<BTreeSet<_>>();
        assert_eq!(name(Some("Petclinic".to_owned()), &names(2)), "Petclinic: file-00.csv, file-01.csv");
        let many = name(None, &names(30));
        assert!(many.ends_with(" and 22 more") && many.chars().count() <= 120, "{many}");
    }
}
