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
/// So many are looked for: one more than is shown tells that there are more.
const WANTED: usize = CHOICES_MAX + 1;
/// Rows of a page where some are sorted out by the given name.
const PAGE: usize = 200;
/// Pages of a list that are read for one question. A page may be empty and not be the last one.
const PAGES_MAX: usize = 5;
/// What one of those who work at the clinic is called.
const STAFF: &str = "Member of staff";
/// Most characters of what is looked for: what is longer is no name.
const CHARS_MAX: usize = 100;

/// What was found.
pub enum Meant {
    /// This id, or nothing in particular.
    Id(String),
    /// One of these, if there are any.
    Choices(Found),
}

/// Records of a number or name, and how far was looked.
#[derive(Default)]
pub struct Found {
    pub choices: Vec<RecordChoice>,
    /// What the choices are not all of, and what could not be searched, a sentence each.
    pub gaps: Vec<String>,
    /// Why there is nothing to choose from, if all was searched.
    pub none: Option<String>,
}

/// What somebody means who typed this.
pub async fn meant(web: &Web, visit: &Visit, typed: &str) -> Result<Meant, Box<Refused>> {
    if typed.is_empty() || id::parse_any(typed).is_some() {
        return Ok(Meant::Id(typed.to_owned()));
    }
    if typed.chars().count() > CHARS_MAX {
        let none = Some(format!("No name and no number has more than {CHARS_MAX} characters."));
        return Ok(Meant::Choices(Found { none, ..Found::default() }));
    }
    let (mut choices, mut gaps) = (Vec::new(), Vec::new());
    for question in questions(typed) {
        let answer = asked(web, visit, &question).await?;
        for choice in answer.records.iter().map(|record| choice(&question, record)) {
            if !choices.contains(&choice) {
                choices.push(choice);
            }
        }
        gaps.extend(answer.gap.filter(|gap| !gaps.contains(gap)));
    }
    if choices.len() > CHOICES_MAX {
        choices.truncate(CHOICES_MAX);
        let more = "Write more of it, such as the given name before the family name, or paste the record's id.";
        gaps.insert(0, format!("More than {CHOICES_MAX} records go by that name. {more}"));
    }
    Ok(match choices.as_slice() {
        [one] if gaps.is_empty() => Meant::Id(one.id.clone()),
        _ => {
            let none = (choices.is_empty() && gaps.is_empty()).then(|| no_such(typed));
            Meant::Choices(Found { choices, gaps, none })
        }
    })
}

/// What was looked for, all of it, and is not there.
fn no_such(typed: &str) -> String {
    // Names of organizations have no index: a list would be walked from end to end.
    let names =
        "Names are compared whole, letter by letter, and those of organizations are not searched: then paste the record's id.";
    match (may_be_number(typed), may_be_name(typed)) {
        (true, false) => format!("No invoice has the number “{typed}”. If it is something else, paste the record's id."),
        (true, true) => format!(
            "No invoice has the number “{typed}”, no client or member of staff that family name, and no animal and no product \
             that name. {names}"
        ),
        (false, _) => {
            format!("No client or member of staff has the family name “{typed}”, and no animal and no product that name. {names}")
        }
    }
}

/// A question to a list: which records have this value in this field. Each field has an index, or the
/// list would be walked from end to end.
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

/// What has no digit is no invoice's number, and what has no letter is no name.
fn may_be_number(typed: &str) -> bool {
    typed.contains(char::is_numeric)
}

fn may_be_name(typed: &str) -> bool {
    typed.contains(char::is_alphabetic)
}

fn questions(typed: &str) -> Vec<Question> {
    let question = |operation, kind, field, value: &str, fields, given| {
        let value = value.to_owned();
        Question { operation, kind, field, value, fields, given }
    };
    let mut all = Vec::new();
    if may_be_number(typed) {
        let number = typed.trim_start_matches('#').trim();
        all.push(question("invoices.list", "Invoice", "number", number, "number,issued_on", None));
    }
    if !may_be_name(typed) {
        return all;
    }
    let client = "given_name,family_name,organization_name,emails";
    let staff = "given_name,family_name,credentials";
    for name in spellings(typed) {
        all.push(question("clients.list", "Client", "family_name", &name, client, None));
        all.push(question("patients.list", "Patient", "name", &name, "name,species,breed", None));
        all.push(question("staff.list", STAFF, "family_name", &name, staff, None));
        all.push(question("products.list", "Product", "name", &name, "name,sku", None));
        // `Anna van Dyke`, and `Mary Ann Smith`.
        let mut splits = vec![name.split_once(' '), name.rsplit_once(' ')];
        splits.dedup();
        for (given, family) in splits.into_iter().flatten() {
            all.push(question("clients.list", "Client", "family_name", family, client, Some(given.to_lowercase())));
            all.push(question("staff.list", STAFF, "family_name", family, staff, Some(given.to_lowercase())));
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

/// What a list answered.
struct Answer {
    records: Vec<Value>,
    /// What was not looked at, in a sentence.
    gap: Option<String>,
}

/// The records that fit, as many as are wanted. What this person may not ask for is not said to be
/// missing.
async fn asked(web: &Web, visit: &Visit, question: &Question) -> Result<Answer, Box<Refused>> {
    let Question { operation, kind, field, value, fields, given } = question;
    let limit = if given.is_some() { PAGE } else { WANTED };
    let (mut records, mut cursor) = (Vec::new(), String::new());
    for _ in 0..PAGES_MAX {
        let query = format!("limit={limit}&fields={fields}&{field}={}{cursor}", in_path(value));
        let page = match web.ask(visit, Ask { operation, query, ..Ask::default() }).await {
            Ok(page) => page,
            Err(refused) if [400, 403].contains(&refused.status) => {
                return Ok(Answer { records, gap: Some(format!("{} could not be searched for it.", several(kind))) });
            }
            Err(refused) => return Err(refused),
        };
        records.extend(list(&page, "data").iter().filter(|record| question.fits(record)).cloned());
        let next = text(&page, "next_cursor");
        if next.is_empty() || records.len() >= WANTED {
            return Ok(Answer { records, gap: None });
        }
        cursor = format!("&cursor={next}");
    }
    let kinds = several(kind).to_lowercase();
    let gap = Some(format!("Not all {kinds} of the name “{value}” were looked at. Paste the record's id to be sure."));
    Ok(Answer { records, gap })
}

/// Several records of a kind.
fn several(kind: &str) -> String {
    if kind == STAFF { "Members of staff".to_owned() } else { format!("{kind}s") }
}

/// A record as people tell it from others.
fn choice(question: &Question, record: &Value) -> RecordChoice {
    let parts = match question.kind {
        "Client" => {
            let name = [text(record, "given_name"), text(record, "family_name")].join(" ").trim().to_owned();
            vec![name, text(record, "organization_name"), texts(record, "emails").into_iter().next().unwrap_or_default()]
        }
        "Patient" => vec![text(record, "name"), text(record, "species"), text(record, "breed")],
        STAFF => {
            vec![format!("{} {}", text(record, "given_name"), text(record, "family_name")), text(record, "credentials")]
        }
        "Product" => vec![text(record, "name"), text(record, "sku")],
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
        // Two spellings, each as the name of a client, an animal, somebody on the staff and a product, and
        // split into given and family name for the two kinds of people.
        assert_eq!(names.len(), 12, "{names:?}");
        let miller = |field| (field, "Miller".to_owned());
        assert_eq!(asked_for("Miller"), ["family_name", "name", "family_name", "name"].map(miller));
        let given = |typed: &str| {
            questions(typed).into_iter().filter_map(|question| Some((question.given?, question.value))).collect::<Vec<_>>()
        };
        let split = [("mary", "Ann Smith"), ("mary", "Ann Smith"), ("mary ann", "Smith"), ("mary ann", "Smith")];
        assert_eq!(given("Mary Ann Smith"), split.map(|(given, family)| (given.to_owned(), family.to_owned())));
        assert_eq!(spellings("Miller"), ["Miller"], "nothing is asked twice");
    }

    #[test]
    fn what_is_said_to_be_missing_was_looked_for() {
        for (typed, invoices, names) in [("1042", true, false), ("A-77", true, true), ("Miller", false, true)] {
            let asks = |operation: &str| questions(typed).iter().any(|question| question.operation == operation);
            assert_eq!([asks("invoices.list"), asks("clients.list"), asks("patients.list")], [invoices, names, names], "{typed}");
            let said = no_such(typed);
            assert_eq!(
                [
                    said.contains("No invoice"),
                    said.contains("o client or member of staff") && said.contains("no animal and no product")
                ],
                [invoices, names],
                "{said}"
            );
        }
    }
}
