//! Writes a proposal as the text of a mapping.

use std::fmt::Write as _;

use super::{ColumnChoice, FileChoice, Form, Proposal, Target, What};

/// The text. What is written to a `String` cannot fail.
pub(super) fn toml(proposal: &Proposal) -> String {
    let mut out = String::from("# Proposed from the columns of the files.\n");
    for file in &proposal.files {
        let names = |columns: Vec<&str>| columns.join(", ").replace(['\n', '\r'], " ");
        let left = file.columns.iter().filter(|column| column.target.is_none() && column.name != file.key);
        let left: Vec<&str> = left.map(|column| column.name.as_str()).collect();
        let name = names(vec![&file.sample.name]);
        match file.what {
            None => writeln!(out, "# {name} is left out."),
            Some(_) if left.is_empty() => Ok(()),
            Some(_) => writeln!(out, "# Left out of {name}: {}.", names(left)),
        }
        .unwrap_or_default();
    }
    for lack in proposal.lacks() {
        let file = lack.file.and_then(|at| proposal.files.get(at)).map(|file| format!("{}: ", file.sample.name));
        let _ = writeln!(
            out,
            "# To do: {}{}",
            file.unwrap_or_default().replace(['\n', '\r'], " "),
            lack.text.replace(['\n', '\r'], " ")
        );
    }
    let _ = writeln!(out, "\nsystem = {}\ncurrency = {}", quoted(&proposal.system), quoted(&proposal.currency));
    if proposal.decimal_mark == ',' {
        out.push_str("decimal_mark = \",\"\ngroup_mark = \".\"\n");
    } else {
        out.push_str("group_mark = \",\"\n");
    }
    for what in What::ALL.into_iter().filter(|what| *what != What::Lines) {
        for file in proposal.files.iter().filter(|file| file.what == Some(what)) {
            one(file, what, &mut out);
            let lines = proposal.files.iter().find(|file| file.what == Some(What::Lines));
            if let (What::Invoices, Some(lines)) = (what, lines) {
                children(lines, &mut out);
            }
        }
    }
    out
}

fn one(file: &FileChoice, what: What, out: &mut String) {
    let (name, key) = (quoted(&file.sample.name), quoted(&file.key));
    let _ = writeln!(out, "\n[[file]]\nname = {name}\nresource = {}\nkey = {key}", quoted(what.name()));
    delimiter(file, out);
    out.push_str("\n[file.fields]\n");
    fields(file, what, out);
    let has = |name: &str| file.columns.iter().any(|column| column.target.is_some_and(|target| target.name == name));
    match what {
        What::Products if !has("kind") => out.push_str("kind = { value = \"retail\" }\n"),
        What::Invoices => {
            out.push_str("stage = { value = \"open\" }\n");
            if !has("number") {
                let _ = writeln!(out, "number = {key}");
            }
        }
        What::Payments if !has("method") => out.push_str("method = { value = \"other\" }\n"),
        _ => {}
    }
    if what == What::Products && (has("on_hand") || has("reorder_point")) {
        out.push_str("tracked = { value = true }\n");
    }
}

fn children(file: &FileChoice, out: &mut String) {
    let parent = file.columns.iter().find(|column| column.target.is_some_and(|target| target.name == "parent"));
    let parent = parent.map(|column| quoted(&column.name)).unwrap_or_default();
    let _ = writeln!(out, "\n[file.fields.lines]\nfile = {}\nparent = {parent}", quoted(&file.sample.name));
    delimiter(file, out);
    out.push_str("\n[file.fields.lines.fields]\n");
    fields(file, What::Lines, out);
}

fn delimiter(file: &FileChoice, out: &mut String) {
    let expected = if file.sample.name.to_ascii_lowercase().ends_with(".tsv") { b'\t' } else { b',' };
    if file.sample.delimiter != expected {
        let _ = writeln!(out, "delimiter = {}", quoted(&char::from(file.sample.delimiter).to_string()));
    }
}

fn fields(file: &FileChoice, what: What, out: &mut String) {
    let mut lists: Vec<(&str, Vec<String>)> = Vec::new();
    for target in what.targets().iter().filter(|target| !target.path.is_empty()) {
        for column in file.columns.iter().filter(|column| column.target.is_some_and(|one| one.name == target.name)) {
            let (path, value) = value(file, column, target);
            match target.form {
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
fn value(file: &FileChoice, column: &ColumnChoice, target: &Target) -> (&'static str, String) {
    let (name, path) = (quoted(&column.name), target.path);
    let list = path.split('.').next().unwrap_or(path);
    let with_default = |default: Option<&str>| match default {
        Some(default) => format!("{{ column = {name}, default = {default} }}"),
        None => name.clone(),
    };
    // The static path again, which lives longer than the target's borrow.
    match target.form {
        Form::Plain => (path, name),
        Form::Otherwise(default) => (path, with_default(Some(&quoted(default)))),
        Form::Amount { default } | Form::Quantity { default } => (path, with_default(default)),
        Form::Item => (list, name),
        Form::Phone(kind) => (list, format!("{{ number = {name}, kind = {{ value = {} }} }}", quoted(kind))),
        Form::Member { member, others: "amount" } => {
            let amount = file.columns.iter().find(|column| column.target.is_some_and(|target| target.name == "amount"));
            let amount = amount.map(|column| quoted(&column.name)).unwrap_or_default();
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
        Form::Words { words, otherwise } => {
            let spelled = words.iter().flat_map(|(word, becomes)| {
                let mut all = vec![(*word).to_owned(), capital(word), word.to_uppercase()];
                all.dedup();
                all.into_iter().map(move |word| format!("{} = {}", quoted(&word), quoted(becomes)))
            });
            let spelled: Vec<String> = spelled.collect();
            let otherwise = quoted(otherwise);
            (
                path,
                format!(
                    "{{ column = {name}, map = {{ {} }}, otherwise = {otherwise}, default = {otherwise} }}",
                    spelled.join(", ")
                ),
            )
        }
    }
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
