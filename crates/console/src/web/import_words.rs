//! What an import did and how its first records are read, in words.

use std::fmt::Write as _;

use clinicos_contract::Currency;
use serde_json::Value;

use super::ask::{int, list, text};
use crate::pages::imports::{FileLine, PreviewField, PreviewFile, Stage};
use crate::words::{Count, capital, counted};

/// Records of a file that stand side by side.
const RECORDS_SHOWN: usize = 5;
/// Fields of a record that are shown.
const FIELDS_SHOWN: usize = 60;
/// Most characters of a value that are shown.
const VALUE_CHARS_MAX: usize = 200;

/// What came of all files: `42 records were read. 40 are new, 2 were rejected.`
pub fn outcome(stage: Stage, dry_run: bool, files: &[FileLine]) -> String {
    let sum = |at: usize| files.iter().map(|file| file.counts.get(at).copied().unwrap_or_default()).sum::<u64>();
    let [read, created, changed, unchanged, rejected, held_back] = [0, 1, 2, 3, 4, 5].map(sum);
    if files.is_empty() {
        return String::new();
    }
    let was = |count: u64| match (dry_run, count) {
        (true, _) => "would be",
        (false, 1) => "was",
        (false, _) => "were",
    };
    let so_far = if stage == Stage::Done || stage == Stage::Checked { "" } else { " so far" };
    let mut words = format!("{} {} read{so_far}. ", counted(read, "record", "records"), if read == 1 { "was" } else { "were" });
    let did = [(created, "created"), (changed, "changed"), (unchanged, "left as it is"), (rejected, "rejected")];
    // What nothing happened to is not told, but that nothing is new.
    let did = did.into_iter().filter(|(count, what)| *count > 0 || *what == "created").map(|(count, what)| {
        let what = if count != 1 && what == "left as it is" { "left as they are" } else { what };
        format!("{} {} {what}", Count(count), was(count))
    });
    let did: Vec<String> = did.collect();
    let _ = match did.as_slice() {
        [first @ .., last] if !first.is_empty() => write!(words, "{} and {last}.", first.join(", ")),
        all => write!(words, "{}.", all.concat()),
    };
    let is_through = matches!(stage, Stage::Done | Stage::Checked);
    for file in files.iter().filter(|file| is_through && file.counts.first() == Some(&0)) {
        let _ = write!(words, " {} has a heading and no records behind it.", file.name);
    }
    if held_back > 0 {
        let _ = write!(
            words,
            " {} held back: what they belong to was rejected, and they were looked at only as far as that.",
            Count(held_back)
        );
    }
    match (dry_run, rejected + held_back) {
        (true, 0) => words.push_str(" Nothing was written yet."),
        (true, _) => words.push_str(" Nothing was written yet. What is wrong with the others stands below."),
        (false, 0) => {}
        (false, _) => {
            words.push_str(" Mend those in the other system or in the file, and import it again: what is in already stays.")
        }
    }
    words
}

/// How far an import is that is under way; empty if it is not, or nothing was begun.
pub fn so_far(import: &Value) -> String {
    let files = list(import, "files");
    let sum = |name: &str| files.iter().map(|file| u64::try_from(int(file, name)).unwrap_or_default()).sum::<u64>();
    match (text(import, "state") == "running", sum("read"), sum("of")) {
        (true, read, of) if of > 0 => format!("{} of {} are through. ", Count(read), counted(of, "record", "records")),
        _ => String::new(),
    }
}

/// The first records of each file, field by field.
pub fn preview(import: &Value, files: &[FileLine]) -> Vec<PreviewFile> {
    let mut all: Vec<PreviewFile> = Vec::new();
    for row in list(import, "preview").iter().filter(|row| !text(row, "row").is_empty()) {
        let name = text(row, "file");
        if !all.iter().any(|file| file.file == name) {
            let resource = files.iter().find(|file| file.name == name).map(|file| file.resource.clone()).unwrap_or_default();
            all.push(PreviewFile { file: name.clone(), resource, lines: Vec::new(), fields: Vec::new(), json: String::new() });
        }
        let Some(file) = all.iter_mut().find(|file| file.file == name) else { continue };
        if file.lines.len() < RECORDS_SHOWN {
            add(file, int(row, "line"), &text(row, "row"));
        }
    }
    // A record without a field leaves its place empty.
    for file in &mut all {
        for field in &mut file.fields {
            let value = |line: &i64| field.values.iter().find(|(of, _)| of == line).map(|(_, value)| value.clone());
            field.values = file.lines.iter().map(|line| (*line, value(line).unwrap_or_default())).collect();
        }
    }
    all
}

/// Adds a record. One that is too long to be read is shown as it is.
fn add(file: &mut PreviewFile, line: i64, row: &str) {
    file.lines.push(line);
    let json: Option<Value> = serde_json::from_str(row).ok();
    let pretty = json.as_ref().and_then(|json| serde_json::to_string_pretty(json).ok());
    let _ = writeln!(file.json, "{}", pretty.as_deref().unwrap_or(row));
    let mut values = Vec::new();
    flatten("", &json.unwrap_or_default(), &mut values);
    for (name, value) in values {
        let value: String = value.chars().take(VALUE_CHARS_MAX).collect();
        let has_room = file.fields.len() < FIELDS_SHOWN;
        match file.fields.iter_mut().find(|field| field.name == name) {
            Some(field) => field.values.push((line, value)),
            None if has_room => file.fields.push(PreviewField { name, values: vec![(line, value)] }),
            None => {}
        }
    }
}

/// The name of a field, as people call what it holds: a record of another file is named by what tells it apart there.
pub fn field_words(name: &str) -> String {
    match name.strip_suffix("external_id") {
        Some("") => "number in the other program".to_owned(),
        Some(of) => of.trim_end_matches('_').replace('_', " "),
        None => name.replace('_', " "),
    }
}

/// The values of a record, by the words that lead to each: `Address, city`.
pub fn flatten(at: &str, json: &Value, values: &mut Vec<(String, String)>) {
    let under = |name: &str| {
        let name = field_words(name);
        if at.is_empty() { capital(&name) } else { format!("{at}, {name}") }
    };
    match json {
        Value::Object(fields) => {
            for (name, value) in fields {
                match money(value) {
                    Some(money) => values.push((under(name), money)),
                    None => flatten(&under(name), value, values),
                }
            }
        }
        Value::Array(all) if all.iter().all(Value::is_string) => {
            values.push((at.to_owned(), all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")));
        }
        Value::Array(all) => {
            for (number, value) in all.iter().enumerate() {
                let place = if all.len() == 1 { at.to_owned() } else { format!("{at} {}", number + 1) };
                flatten(&place, value, values);
            }
        }
        Value::Null => {}
        Value::String(text) => values.push((at.to_owned(), text.clone())),
        Value::Bool(yes) => values.push((at.to_owned(), if *yes { "yes" } else { "no" }.to_owned())),
        Value::Number(number) => values.push((at.to_owned(), number.to_string())),
    }
}

/// An amount: `68.00 USD`.
fn money(json: &Value) -> Option<String> {
    let fields = json.as_object().filter(|fields| fields.len() == 2)?;
    let (amount, code) = (fields.get("amount")?.as_i64()?, fields.get("currency")?.as_str()?);
    let digits = Currency::parse(code)?.minor_digits();
    let unit = 10_u64.checked_pow(digits).filter(|unit| *unit > 1);
    let (sign, amount) = (if amount < 0 { "-" } else { "" }, amount.unsigned_abs());
    Some(match unit {
        Some(unit) => format!("{sign}{}.{:0width$} {code}", amount / unit, amount % unit, width = digits as usize),
        None => format!("{sign}{amount} {code}"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn file(counts: [u64; 6]) -> FileLine {
        FileLine { name: "owners.csv".to_owned(), resource: "clients".to_owned(), counts }
    }

    #[test]
    fn parts_of_records_have_no_page() {
        let of = |resource: &str| FileLine { resource: resource.to_owned(), ..file([0; 6]) }.has_page();
        assert_eq!((of("invoices"), of("parts of invoices"), of("")), (true, false, false));
    }

    #[test]
    fn what_happened_is_said_in_sentences() {
        let one = [file([10, 9, 0, 0, 1, 0])];
        assert_eq!(
            outcome(Stage::Checked, true, &one),
            "10 records were read. 9 would be created and 1 would be rejected. \
             Nothing was written yet. What is wrong with the others stands below."
        );
        let two = [file([1, 0, 0, 1, 0, 0])];
        assert_eq!(outcome(Stage::Done, false, &two), "1 record was read. 0 were created and 1 was left as it is.");
        assert!(
            outcome(Stage::Done, false, &[file([3, 1, 0, 0, 1, 1])]).contains(" 1 held back: what they belong to was rejected,")
        );
        assert_eq!(outcome(Stage::Waiting, true, &[]), "");
    }

    #[test]
    fn records_stand_side_by_side() {
        let row = |line: i64, row: Value| json!({"file": "owners.csv", "line": line, "row": row.to_string()});
        let import = json!({"preview": [
            row(2, json!({"family_name": "Franklin", "address": {"city": "Madison"}, "emails": ["a@b.example", "c@d.example"]})),
            row(3, json!({"family_name": "Davis", "balance": {"amount": -1205, "currency": "USD"}, "lines": [{"quantity": 2}]})),
        ]});
        let shown = preview(&import, &[file([2, 2, 0, 0, 0, 0])]);
        assert_eq!((shown.len(), &*shown[0].resource, &*shown[0].lines), (1, "clients", &[2, 3][..]));
        let told: Vec<(&str, Vec<&str>)> = shown[0]
            .fields
            .iter()
            .map(|field| (&*field.name, field.values.iter().map(|(_, value)| &**value).collect()))
            .collect();
        assert!(told.contains(&("Family name", vec!["Franklin", "Davis"])), "{told:?}");
        assert!(told.contains(&("Address, city", vec!["Madison", ""])), "{told:?}");
        assert!(told.contains(&("Emails", vec!["a@b.example, c@d.example", ""])), "{told:?}");
        assert!(told.contains(&("Balance", vec!["", "-12.05 USD"])), "{told:?}");
        assert!(told.contains(&("Lines, quantity", vec!["", "2"])), "{told:?}");
        let cut = json!({"preview": [{"file": "a.csv", "line": 2, "row": "{\"name\": \"cut sh"}]});
        assert!(preview(&cut, &[])[0].json.contains("cut sh"));
    }

    #[test]
    fn fields_are_called_as_people_call_them() {
        let told = ["external_id", "client_external_id", "family_name"].map(field_words);
        assert_eq!(told, ["number in the other program", "client", "family name"]);
    }

    #[test]
    fn what_is_under_way_is_told_with_how_much_there_is() {
        let files = json!([{"name": "a.csv", "read": 1_200, "of": 5_000}, {"name": "b.csv", "read": 0, "of": 300}]);
        let told = |state: &str| so_far(&json!({"state": state, "files": files}));
        assert_eq!((told("running").as_str(), told("done").as_str()), ("1,200 of 5,300 records are through. ", ""));
        assert_eq!(so_far(&json!({"state": "running", "files": []})), "");
    }
}
