//! Writes a proposal as the text of a mapping.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::guess::plain;
use super::lacks::Lack;
use super::notices::{self, Unknown};
use super::shares;
use super::words::OF_SEXES;
use super::{ColumnChoice, FileChoice, Form, Proposal, Target, What, is_reason};

/// The text. What is written to a `String` cannot fail. It can always be read: a file of which something
/// is left to be said is left out until then, and `todo` says what.
pub(super) fn toml(proposal: &Proposal, guesses: &[String]) -> String {
    let mut out = String::from("# Proposed from the columns of the files.\n");
    // How figures are written keeps no file out: what can be two numbers is refused until it is said.
    let (question, mut lacks) = (proposal.question_of_figures(), proposal.lacks());
    lacks.retain(|lack| Some(&lack.text) != question.as_ref());
    let is_ready = |at: usize, file: &FileChoice| file.what.is_some() && is_ready(proposal, &lacks, at, file);
    let ready: Vec<&FileChoice> =
        proposal.files.iter().enumerate().filter(|(at, file)| is_ready(*at, file)).map(|(_, file)| file).collect();
    for file in &proposal.files {
        let names = |columns: Vec<&str>| columns.join(", ").replace(['\n', '\r'], " ");
        let left = file
            .columns
            .iter()
            .filter(|column| column.target.is_none() && column.name != file.key && column.name != file.key_with);
        let left: Vec<&str> = left.map(|column| column.name.as_str()).filter(|name| !is_reason(name)).collect();
        let name = names(vec![&file.sample.name]);
        match file.what {
            None => {
                writeln!(out, "# {name} is left out. {}", super::lacks::why_left_out(&file.sample).replace(['\n', '\r'], " "))
            }
            Some(_) if left.is_empty() => Ok(()),
            Some(_) => writeln!(out, "# Left out of {name}: {}.", names(left)),
        }
        .unwrap_or_default();
        for notice in notices::of(file) {
            let _ = writeln!(out, "# {}", notice.replace(['\n', '\r'], " "));
        }
    }
    let said = lacks.iter().map(|lack| {
        let file = lack.file.and_then(|at| proposal.files.get(at)).map(|file| format!("{}: ", file.sample.name));
        format!("{}{}", file.unwrap_or_default(), lack.text)
    });
    let said: Vec<String> = said.chain(question).chain(guesses.iter().cloned()).map(|sentence| quoted(&sentence)).collect();
    if !said.is_empty() {
        let _ =
            writeln!(out, "# As long as something is to do, files are checked and not imported.\ntodo = [{}]", said.join(", "));
    }
    let _ = writeln!(out, "\nsystem = {}\ncurrency = {}", quoted(&proposal.system), quoted(&proposal.currency));
    if let Some(zone) = &proposal.zone {
        let _ = writeln!(out, "zone = {}", quoted(zone));
    }
    out.push_str(match proposal.decimal_mark {
        Some(',') => "decimal_mark = \",\"\ngroup_mark = \".\"\n",
        Some(_) => "decimal_mark = \".\"\ngroup_mark = \",\"\n",
        None => "",
    });
    for what in What::ALL.into_iter().filter(|what| *what != What::Lines) {
        for file in ready.iter().filter(|file| file.what == Some(what)) {
            let lines = ready.iter().find(|file| file.what == Some(What::Lines) && what == What::Invoices);
            let digits = clinicos_contract::Currency::parse(&proposal.currency).map_or(2, |currency| currency.minor_digits());
            one(file, what, &mut out);
            match (what, lines) {
                (What::Invoices, Some(lines)) => children(lines, digits, &mut out),
                (What::Invoices, None) => one_line(file, &mut out),
                _ => {}
            }
        }
    }
    out
}

/// Whether a file can stand in the mapping. Invoices and their lines can only together.
fn is_ready(proposal: &Proposal, lacks: &[Lack], at: usize, file: &FileChoice) -> bool {
    let is_of_invoices = |what: Option<What>| matches!(what, Some(What::Invoices | What::Lines));
    let together = proposal.has_lines() && is_of_invoices(file.what);
    lacks.iter().all(|lack| match lack.file {
        Some(other) if other == at => false,
        Some(other) => !(together && proposal.files.get(other).is_some_and(|file| is_of_invoices(file.what))),
        None => !together,
    })
}

fn one(file: &FileChoice, what: What, out: &mut String) {
    let (name, first) = (quoted(&file.sample.name), quoted(&file.key));
    let is_one = file.key_with.is_empty() || file.key_with == file.key;
    let key = if is_one { first.clone() } else { format!("[{first}, {}]", quoted(&file.key_with)) };
    let _ = writeln!(out, "\n[[file]]\nname = {name}\nresource = {}\nkey = {key}", quoted(what.name()));
    delimiter(file, out);
    out.push_str("\n[file.fields]\n");
    fields(file, what, 0, out);
    let has = |name: &str| file.column(name).is_some();
    match what {
        // What a column of sexes says of this is taken from there, too.
        What::Patients if !has("reproductive_status") => {
            if let Some(column) = file.column("sex") {
                let map = words(file, column, OF_SEXES, &any_other("unknown"));
                let _ = writeln!(out, "reproductive_status = {map}");
            }
        }
        What::Products if !has("kind") => out.push_str("kind = { value = \"retail\" }\n"),
        What::Invoices => {
            out.push_str("stage = { value = \"open\" }\n");
            if !has("number") {
                let _ = writeln!(out, "number = {first}");
            }
        }
        What::Payments if !has("method") => out.push_str("method = { value = \"other\" }\n"),
        _ => {}
    }
    if what == What::Products && (has("on_hand") || has("reorder_point")) {
        out.push_str("tracked = { value = true }\n");
    }
}

/// The one line of an invoice that has a row to itself. What it is called names the key, which no row
/// lacks: so there is a line in any case, and one without an amount is refused.
fn one_line(file: &FileChoice, out: &mut String) {
    let amount = file.column("amount").map(|column| quoted(&column.name)).unwrap_or_default();
    let fallback = "As billed";
    let description = match file.column("description") {
        Some(column) => format!("{{ column = {}, default = {} }}", quoted(&column.name), quoted(fallback)),
        None if file.key.contains(['{', '}']) => {
            format!("{{ column = {}, map = {{}}, otherwise = {} }}", quoted(&file.key), quoted(fallback))
        }
        None => format!("{{ template = {} }}", quoted(&format!("Invoice {{{}}}", file.key))),
    };
    let _ = writeln!(out, "lines = [{{ description = {description}, quantity = {{ value = 1 }}, unit_price = {amount} }}]");
}

fn children(file: &FileChoice, digits: u32, out: &mut String) {
    let parent = file.column("parent").map(|column| quoted(&column.name)).unwrap_or_default();
    let _ = writeln!(out, "\n[file.fields.lines]\nfile = {}\nparent = {parent}", quoted(&file.sample.name));
    delimiter(file, out);
    out.push_str("\n[file.fields.lines.fields]\n");
    fields(file, What::Lines, digits, out);
}

fn delimiter(file: &FileChoice, out: &mut String) {
    if super::sample::is_lines_of_json(&file.sample.name) {
        return;
    }
    let expected = if file.sample.name.to_ascii_lowercase().ends_with(".tsv") { b'\t' } else { b',' };
    if file.sample.delimiter != expected {
        let _ = writeln!(out, "delimiter = {}", quoted(&char::from(file.sample.delimiter).to_string()));
    }
}

fn fields(file: &FileChoice, what: What, digits: u32, out: &mut String) {
    let mut lists: Vec<(&str, Vec<String>)> = Vec::new();
    for target in what.targets().iter().filter(|target| !target.path.is_empty() && target.form != Form::Line) {
        for column in file.columns.iter().filter(|column| column.target.is_some_and(|one| one.name == target.name)) {
            let (path, value) = value(file, column, target, digits);
            match target.form {
                Form::FullName => {
                    for part in ["given", "family"] {
                        let _ = writeln!(out, "{part}_name = {{ column = {}, part = {} }}", quoted(&column.name), quoted(part));
                    }
                }
                Form::Phone(_) | Form::Item | Form::Member { .. } => match lists.iter_mut().find(|(known, _)| *known == path) {
                    Some((_, items)) => items.push(value),
                    None => lists.push((path, vec![value])),
                },
                _ => {
                    let _ = writeln!(out, "{path} = {value}");
                }
            }
        }
    }
    for (path, items) in lists {
        let _ = writeln!(out, "{path} = [{}]", items.join(", "));
    }
}

/// Where a column goes, and how it is said.
fn value(file: &FileChoice, column: &ColumnChoice, target: &Target, digits: u32) -> (&'static str, String) {
    let (name, path) = (quoted(&column.name), target.path);
    let list = path.split('.').next().unwrap_or(path);
    let with_default = |default: Option<&str>| match default {
        Some(default) => format!("{{ column = {name}, default = {default} }}"),
        None => name.clone(),
    };
    // The static path again, which lives longer than the target's borrow.
    match target.form {
        Form::Plain | Form::FullName => (path, name),
        Form::Otherwise(default) => (path, with_default(Some(&quoted(default)))),
        Form::Amount { default } | Form::Quantity { default } => (path, with_default(default)),
        Form::Share { of_hundred } => {
            let expression = shares::amount(file, &column.name, of_hundred, digits).unwrap_or_default();
            (path, format!("{{ expression = {}, default = 0 }}", quoted(&expression)))
        }
        Form::Nothing => (path, "{ value = 0 }".to_owned()),
        Form::Item => (list, name),
        Form::Phone(kind) => (list, format!("{{ number = {name}, kind = {{ value = {} }} }}", quoted(kind))),
        Form::Member { member, others: "amount" } => {
            let amount = file.column("amount").map(|column| quoted(&column.name)).unwrap_or_default();
            (list, format!("{{ {member} = {name}, amount = {amount} }}"))
        }
        Form::Member { member, others: "" } => (list, format!("{{ {member} = {name} }}")),
        Form::Member { member, others } => (list, format!("{{ {member} = {name}, {others} }}")),
        Form::Day { optional } => {
            let format = column.day.and_then(|day| day.format).map(|format| format!(", format = {}", quoted(format)));
            let optional = if optional { ", optional = true" } else { "" };
            match (format, optional) {
                (None, "") => (path, name),
                (format, optional) => (path, format!("{{ column = {name}{}{optional} }}", format.unwrap_or_default())),
            }
        }
        // Where nothing is said, it is sold as anything is.
        Form::Words { words: known, otherwise: "" } if target.name == "discontinued" => {
            (path, words(file, column, known, ", optional = true"))
        }
        Form::Words { words: known, otherwise: "" } => {
            let is_empty = Unknown::of(&file.sample, &column.name, known).are_left_empty(target.name);
            (path, words(file, column, known, if is_empty { ", otherwise = \"\"" } else { "" }))
        }
        Form::Words { words: known, otherwise } => (path, words(file, column, known, &any_other(otherwise))),
        // It stands in the line of its invoice.
        Form::Line => (path, String::new()),
    }
}

/// What any other word becomes, and no word.
fn any_other(otherwise: &str) -> String {
    let otherwise = quoted(otherwise);
    format!(", otherwise = {otherwise}, default = {otherwise}")
}

/// Words of a column and what they become: those that it has, and the same in other spellings; `rest` says what
/// becomes of anything else.
fn words(file: &FileChoice, column: &ColumnChoice, known: &[(&str, &str)], rest: &str) -> String {
    let mut spelled: BTreeMap<String, &str> = BTreeMap::new();
    for (word, becomes) in known {
        // As in `United States of America`.
        let title: Vec<String> = word.split(' ').map(|part| if part == "of" { part.to_owned() } else { capital(part) }).collect();
        for spelling in [(*word).to_owned(), capital(word), title.join(" "), word.to_uppercase()] {
            spelled.insert(spelling, becomes);
        }
    }
    for (word, _) in notices::words(&file.sample, &column.name).0 {
        if let Some((_, becomes)) = known.iter().find(|(known, _)| plain(known) == plain(&word)) {
            spelled.insert(word, becomes);
        }
    }
    let spelled: Vec<String> = spelled.iter().map(|(word, becomes)| format!("{} = {}", quoted(word), quoted(becomes))).collect();
    format!("{{ column = {}, map = {{ {} }}{rest} }}", quoted(&column.name), spelled.join(", "))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A text of TOML.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            letter if letter.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}
