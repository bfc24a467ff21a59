//! What was chosen for files before, to be chosen again for files with the same columns.
//!
//! Nothing is kept for it: an import that is through has its mapping, and the columns of its files.

use clinicos_intake::propose::Sample;
use clinicos_intake::{Broken, Mapping, Proposal, text_of};
use serde_json::Value;

use super::Web;
use super::ask::{Ask, list, text};
use super::import_mapping::samples;
use super::respond::Refused;
use super::visit::Visit;

/// Imports that are looked back at.
const LOOKED_AT: usize = 40;

/// An import that is through.
pub struct Past {
    /// What it is called.
    pub name: String,
    /// Its mapping.
    pub mapping: Mapping,
    text: String,
    samples: Vec<Sample>,
    /// Whether all that it says can be chosen.
    by_choosing: bool,
}

/// Reads a mapping, or the one of this name that comes with the program.
pub fn read(web: &Web, mapping: &str) -> Result<Mapping, Broken> {
    let catalogue = web.door.catalogue();
    Mapping::of_operations(text_of(mapping)?, &|id| Some(catalogue.find(id)?.spec()))
}

/// The imports that are through, the newest first.
pub async fn of(web: &Web, visit: &Visit) -> Result<Vec<Past>, Box<Refused>> {
    let query = format!("limit={LOOKED_AT}&state=done&sort=-updated_at");
    let found = web.ask(visit, Ask { operation: "imports.list", query, ..Ask::default() }).await?;
    Ok(list(&found, "data").iter().filter_map(|import| past(web, import)).collect())
}

fn past(web: &Web, import: &Value) -> Option<Past> {
    let text = |name: &str| text(import, name);
    let mapping = read(web, &text("mapping")).ok()?;
    let samples = samples(import);
    let by_choosing = can_be_chosen(web, &samples, &mapping);
    Some(Past { name: text("name"), mapping, text: text("mapping"), samples, by_choosing })
}

/// The system of the newest of these imports that has one.
pub fn last_system(web: &Web, imports: &Value) -> String {
    let mut systems = list(imports, "data").iter().filter_map(|import| read(web, &text(import, "mapping")).ok());
    systems.next().map(|mapping| mapping.system).unwrap_or_default()
}

/// A mapping that holds as it stands: every file that it reads is there, under its name and with its
/// columns, and each other file was left out by it.
pub fn whole<'p>(pasts: &'p [Past], samples: &[Sample], system: &str) -> Option<(String, &'p Past)> {
    let was_there = |past: &Past, sample: &Sample| {
        past.samples.iter().any(|known| known.name == sample.name && sample.has_columns_of(&known.header))
    };
    let is_read = |past: &Past, name: &str| {
        past.samples.iter().any(|known| known.name == name) && samples.iter().any(|one| one.name == name)
    };
    let fits = |past: &&Past| {
        past.mapping.system == system
            && !past.by_choosing
            && samples.iter().all(|sample| was_there(past, sample))
            && past.mapping.file_names().into_iter().all(|name| is_read(past, name))
    };
    pasts.iter().find(fits).map(|past| (text_of(&past.text).unwrap_or_default().to_owned(), past))
}

/// Whether a mapping says nothing of files that begin so but what can be chosen: then choosing loses
/// nothing of it.
pub fn can_be_chosen(web: &Web, samples: &[Sample], mapping: &Mapping) -> bool {
    let mut proposal = Proposal::of(samples.to_vec());
    proposal.follow(mapping);
    read(web, &proposal.toml()).is_ok_and(|again| mapping.is_within(&again))
}

/// Chooses again what was chosen last for each file of the same program with the same columns, as far as the
/// values go with it; gives the newest import that
/// had any.
pub fn follow<'p>(pasts: &'p [Past], proposal: &mut Proposal) -> Option<&'p Past> {
    let mut newest: Option<usize> = None;
    for at in 0..proposal.files.len() {
        let Some(sample) = proposal.files.get(at).map(|file| file.sample.clone()) else { continue };
        let of_past =
            |past: &Past| past.samples.iter().find(|known| sample.has_columns_of(&known.header)).map(|known| known.name.clone());
        let system = proposal.system.clone();
        let chosen = pasts.iter().enumerate().filter(|(_, past)| past.by_choosing && past.mapping.system == system);
        let found = chosen.into_iter().find_map(|(number, past)| Some((number, past, of_past(past)?)));
        if let Some((number, past, called)) = found {
            proposal.follow_file(at, &past.mapping, &called);
            newest = Some(newest.map_or(number, |known| known.min(number)));
        }
    }
    let past = pasts.get(newest?)?;
    proposal.follow_all(&past.mapping);
    proposal.values_decide();
    Some(past)
}
