//! What is wrong with a form that the door refused, by the names that the form itself uses: the
//! door names members of a body.

use clinicos_gate::addresses::{AddressRange, NoRange};
use clinicos_gate::credential::masked;
use serde_json::Value;

use super::ask::int;
use super::respond::{Refused, Wrong};
use super::visit::Visit;
use crate::faults::{Fault, Faults};
use crate::words::{capital, quoted};

/// A field of a form, and the member of the body that it is sent as.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its JSON pointer.
    pub pointer: &'static str,
    /// The field's id on the page; of a field with lines, its name as well.
    pub id: &'static str,
    /// What the form calls it.
    pub label: &'static str,
}

impl Field {
    /// A field that is sent as this member.
    pub const fn new(pointer: &'static str, id: &'static str, label: &'static str) -> Self {
        Self { pointer, id, label }
    }

    /// Something that is wrong with it.
    pub fn fault(&self, text: impl Into<String>) -> Fault {
        Fault { field: self.id, label: self.label, text: text.into() }
    }
}

/// From where calls may come: on several forms.
pub const ADDRESSES: Field = Field::new("/allowed_addresses", "addresses", "From where it may be used");
/// Which web pages may call.
pub const ORIGINS: Field = Field::new("/browser_origins", "origins", "Origins");

/// What a refusal says of a form, beside what the form itself sees to be wrong. The door looks at
/// shapes first and at rules later; `own` tells of a rule before the shapes are right, so that
/// nobody mends a form in rounds.
pub fn faults(visit: &Visit, refused: &Refused, fields: &[Field], own: Vec<Fault>) -> Faults {
    if refused.errors.is_empty() && ![400, 422].contains(&refused.status) {
        return Faults(vec![Fault::whole(format!("{}.", capital(&quoted(&refused.detail))))]);
    }
    let told = |fault: &Fault, own: &[Fault]| !fault.field.is_empty() && own.iter().any(|one| one.field == fault.field);
    let of_door: Vec<Fault> = refused.errors.iter().map(|wrong| fault(visit, wrong, fields)).collect();
    let mut all: Vec<Fault> = of_door.into_iter().filter(|fault| !told(fault, &own)).collect();
    all.extend(own);
    if all.is_empty() {
        all.push(Fault::whole(format!("{}.", capital(&quoted(&refused.detail)))));
    }
    // In the order of the form; what is about all of it comes last.
    all.sort_by_key(|fault| fields.iter().position(|field| field.id == fault.field).unwrap_or(usize::MAX));
    // One line of the summary for each field.
    let mut faults: Vec<Fault> = Vec::new();
    for fault in all {
        match faults.last_mut().filter(|last| !fault.field.is_empty() && last.field == fault.field) {
            Some(last) => last.text = format!("{} {}", last.text, fault.text),
            None => faults.push(fault),
        }
    }
    Faults(faults)
}

fn fault(visit: &Visit, wrong: &Wrong, fields: &[Field]) -> Fault {
    let behind =
        |field: &&Field| wrong.pointer.strip_prefix(field.pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let Some(field) = fields.iter().find(behind) else {
        return Fault::whole(format!("{}.", capital(&quoted(&wrong.detail))));
    };
    if ["empty", "required"].contains(&wrong.code.as_str()) && wrong.pointer == field.pointer {
        return field.fault(format!("{}.", if field.id == "scope" { NOTHING_TICKED } else { "Fill this in" }));
    }
    // Of a list it is said which one is meant.
    let at = wrong.pointer.get(field.pointer.len() + 1..).and_then(|at| at.parse::<usize>().ok());
    match at.and_then(|at| several(visit, field.id).into_iter().nth(at)).map(|word| masked(&word)) {
        Some(word) => field.fault(format!("“{word}” {}.", quoted(&wrong.detail))),
        None => field.fault(format!("{}.", capital(&quoted(&wrong.detail)))),
    }
}

/// What is said of a change that was taken: who saved what was there already changed nothing, which
/// the version tells.
pub fn came_of(version: Option<i64>, answer: &Value, well: &'static str) -> &'static str {
    if version == Some(int(answer, "version")) { "Nothing changed: it was like that already." } else { well }
}

/// What was typed in a field that takes several, one on each line or between commas.
pub fn several(visit: &Visit, name: &str) -> Vec<String> {
    let text = visit.text(name);
    let parts = text.split(|letter: char| letter.is_whitespace() || [',', ';'].contains(&letter));
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// The origins that were typed. An address that ends with its host and a slash, as a browser shows it, is
/// that of an origin.
pub fn origins(visit: &Visit) -> Vec<String> {
    let origin = |typed: String| match typed.strip_suffix('/') {
        Some(cut) if cut.split_once("://").is_some_and(|(_, host)| !host.is_empty() && !host.contains('/')) => cut.to_owned(),
        _ => typed,
    };
    several(visit, ORIGINS.id).into_iter().map(origin).collect()
}

/// The fields that were left empty and must not be; each by its name in the form.
pub fn empty(visit: &Visit, fields: &[(&str, Field)]) -> Vec<Fault> {
    let left = fields.iter().filter(|(name, _)| visit.field(name).is_empty());
    left.map(|(_, field)| field.fault("Fill this in.")).collect()
}

/// What is asked of who allows nothing.
pub const NOTHING_TICKED: &str = "Tick at least one thing that it may do";

/// What is wrong with addresses that were typed, a line each.
pub fn addresses(visit: &Visit) -> Vec<Fault> {
    let wrong = |word: &str| match AddressRange::parse(word) {
        Ok(_) => None,
        Err(NoRange::Unreadable) => {
            let word = masked(word);
            Some(format!("“{word}” must be an address or a network, such as 203.0.113.7 or 203.0.113.0/24."))
        }
        Err(NoRange::HostBits(network)) => {
            Some(format!("“{word}” is neither: write {network} for the network, or the address alone."))
        }
        Err(NoRange::Mixed) => Some(format!("“{word}” takes in too much: write an IPv4 network and an IPv6 network.")),
    };
    several(visit, ADDRESSES.id).into_iter().filter_map(|word| Some(ADDRESSES.fault(wrong(&word)?))).collect()
}
