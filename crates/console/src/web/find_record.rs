//! Which record somebody means who typed an invoice's number or a name instead of an id. It is asked
//! of the lists that the person who is signed in may read anyway; each question stands in the log.

use clinicos_contract::id;
use serde_json::Value;

use super::Web;
use super::ask::{Ask, list, text, texts};
use super::respond::Refused;
use super::visit::Visit;
use crate::pages::log::RecordChoice;
use crate::words::in_path;

/// Records to choose from at most.
const CHOICES_MAX: usize = 20;
/// Pages of a list that are read for one question. A page may be empty and not be the last one.
const PAGES_MAX: usize = 5;
/// Most characters of what is looked for: what is longer is no name.
const CHARS_MAX: usize = 100;

/// What was found.
pub enum Meant {
    /// This id, or nothing in particular.
    Id(String),
    /// One of these; of none, if there is none of that name.
    Choices(Vec<RecordChoice>),
}

/// What somebody means who typed this.
pub async fn meant(web: &Web, visit: &Visit, typed: &str) -> Result<Meant, Box<Refused>> {
    if typed.is_empty() || id::parse_any(typed).is_some() {
        return Ok(Meant::Id(typed.to_owned()));
    }
    if typed.chars().count() > CHARS_MAX {
        return Ok(Meant::Choices(Vec::new()));
    }
    let mut choices = Vec::new();
    for question in questions(typed) {
        for record in asked(web, visit, &question).await? {
            let choice = choice(&question, &record);
            if choices.len() < CHOICES_MAX && !choices.contains(&choice) && question.fits(&record) {
                choices.push(choice);
            }
        }
    }
    Ok(match choices.as_slice() {
        [one] => Meant::Id(one.id.clone()),
        _ => Meant::Choices(choices),
    })
}

/// A question to a list: which records have this value in this field.
struct Question {
    operation: &'static str,
    kind: &'static str,
    field: &'static str,
    value: String,
    fields: &'static str,
    /// How the given name must begin, in small letters, if a first name was typed, too.
    given: Option<String>,
}

impl Question {
    fn fits(&self, record: &Value) -> bool {
        self.given.as_ref().is_none_or(|given| text(record, "given_name").to_lowercase().starts_with(given))
    }
}

fn questions(typed: &str) -> Vec<Question> {
    let question = |operation, kind, field, value: &str, fields, given| {
        let value = value.to_owned();
        Question { operation, kind, field, value, fields, given }
    };
    let number = typed.trim_start_matches('#').trim();
    let mut all = vec![question("invoices.list", "Invoice", "number", number, "number,issued_on", None)];
    if !typed.contains(char::is_alphabetic) {
        return all;
    }
    let client = "given_name,family_name,organization_name,emails";
    for name in spellings(typed) {
        all.push(question("clients.list", "Client", "family_name", &name, client, None));
        all.push(question("clients.list", "Client", "organization_name", &name, client, None));
        all.push(question("patients.list", "Patient", "name", &name, "name,species,breed", None));
        if let Some((given, family)) = name.split_once(' ') {
            all.push(question("clients.list", "Client", "family_name", family, client, Some(given.to_lowercase())));
        }
    }
    all
}

/// As it was typed, and with capitals: the lists compare letter by letter.
fn spellings(typed: &str) -> Vec<String> {
    let words: Vec<&str> = typed.split_whitespace().collect();
    let capital: Vec<String> = words.iter().map(|word| crate::words::capital(&word.to_lowercase())).collect();
    let mut all = vec![words.join(" "), capital.join(" ")];
    all.dedup();
    all
}

/// What a list answers. What this person may not read has no such record for them.
async fn asked(web: &Web, visit: &Visit, question: &Question) -> Result<Vec<Value>, Box<Refused>> {
    let Question { operation, field, value, fields, .. } = question;
    let mut found = Vec::new();
    let mut cursor = String::new();
    for _ in 0..PAGES_MAX {
        let query = format!("limit={CHOICES_MAX}&fields={fields}&{field}={}{cursor}", in_path(value));
        let page = match web.ask(visit, Ask { operation, query, ..Ask::default() }).await {
            Ok(page) => page,
            Err(refused) if [400, 403].contains(&refused.status) => break,
            Err(refused) => return Err(refused),
        };
        found.extend(list(&page, "data").iter().cloned());
        let next = text(&page, "next_cursor");
        if next.is_empty() || found.len() >= CHOICES_MAX {
            break;
        }
        cursor = format!("&cursor={next}");
    }
    Ok(found)
}

/// A record as people tell it from others.
fn choice(question: &Question, record: &Value) -> RecordChoice {
    let parts = match question.kind {
        "Client" => {
            let name = [text(record, "given_name"), text(record, "family_name")].join(" ").trim().to_owned();
            vec![name, text(record, "organization_name"), texts(record, "emails").into_iter().next().unwrap_or_default()]
        }
        "Patient" => vec![text(record, "name"), text(record, "species"), text(record, "breed")],
        _ => vec![text(record, "number"), text(record, "issued_on")],
    };
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    RecordChoice { kind: question.kind.to_owned(), words: parts.join(", "), id: text(record, "id"), href: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked_for(typed: &str) -> Vec<(&'static str, String)> {
        questions(typed).into_iter().map(|question| (question.field, question.value)).collect()
    }

    #[test]
    fn what_was_typed_becomes_questions() {
        assert_eq!(asked_for("#1042"), [("number", "1042".to_owned())]);
        let names = asked_for("jane  miller");
        for question in
            [("family_name", "miller"), ("family_name", "Miller"), ("family_name", "Jane Miller"), ("name", "jane miller")]
        {
            assert!(names.contains(&(question.0, question.1.to_owned())), "{question:?}: {names:?}");
        }
        assert_eq!(spellings("Miller"), ["Miller"], "nothing is asked twice");
    }
}
