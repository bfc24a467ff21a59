//! What was not imported, as files: all of it to be read, or that of one file, to be mended and sent back.

use std::collections::VecDeque;

use clinicos_intake::propose::{is_lines_of_json, is_reason};
use clinicos_intake::read::torn;
use serde_json::Value;

use super::Web;
use super::ask::{Ask, list, text, texts};
use super::csv;
use super::import_mapping::samples;
use super::import_refused::{self, outcome};
use super::imports::reject;
use super::respond::{Page, Refused};
use super::visit::Visit;
use crate::pages::imports::RejectLine;
use crate::words::in_path;

/// What stands behind the columns of the file itself. An import takes no notice of them.
const REASONS: [&str; 4] = ["_outcome", "_line", "_column", "_reason"];

/// What stands in front of each record in the file of all of them. The record itself is one cell, because each file
/// has columns of its own, and a table has one line of names.
const ALL: [&str; 6] = ["_file", "_line", "_outcome", "_column", "_reason", "record"];

/// `GET /console/import/{id}/rejects.csv`: what was not imported, with the reasons. With `file` it is that
/// of one file alone, made of its own columns, so that it can be mended and imported.
pub async fn file(web: Web, visit: Visit) -> Page {
    let wanted = visit.asked("file");
    let path = vec![("import_id", visit.part("id"))];
    let import = web.ask(&visit, Ask { operation: "imports.get", path, ..Ask::default() }).await?;
    let rejects =
        |files: Vec<String>, one| Rejects { web, visit, cursor: String::new(), files: files.into(), header: Vec::new(), one };
    if wanted.is_empty() {
        return csv::file("rejects.csv", rejects(import_refused::files_of(&import), None)).await;
    }
    let delimiter =
        samples(&import).into_iter().find(|sample| sample.name == wanted).map_or(',', |sample| char::from(sample.delimiter));
    let one = One { name: wanted.clone(), delimiter };
    csv::file(&wanted, rejects(vec![wanted.clone()], Some(one))).await
}

/// A file of which alone the rejects are wanted.
struct One {
    name: String,
    delimiter: char,
}

/// Rejected records that are written down, and how far they have come.
struct Rejects {
    web: Web,
    visit: Visit,
    cursor: String,
    /// The files that are left, each in the order of its lines; none, if nobody knows of any.
    files: VecDeque<String>,
    /// The columns that were written last.
    header: Vec<String>,
    one: Option<One>,
}

impl csv::Pages for Rejects {
    async fn next(&mut self) -> Result<(String, bool), Box<Refused>> {
        let file = self.files.front().map(|name| format!("&file={}", in_path(name))).unwrap_or_default();
        let (query, path) = (format!("limit=200&sort=line{file}{}", self.cursor), vec![("import_id", self.visit.part("id"))]);
        let page = self.web.ask(&self.visit, Ask { operation: "import_rejects.list", path, query, ..Ask::default() }).await?;
        let lines = list(&page, "data").iter().map(|one| self.row(one)).collect();
        let next = text(&page, "next_cursor");
        if next.is_empty() {
            self.cursor.clear();
            self.files.pop_front();
            return Ok((lines, !self.files.is_empty()));
        }
        self.cursor = format!("&cursor={next}");
        Ok((lines, true))
    }
}

impl Rejects {
    /// A record's line, behind the names of the columns if they were not written yet.
    fn row(&mut self, one: &Value) -> String {
        let (columns, told) = (texts(one, "header"), reject(one));
        let Some(wanted) = &self.one else { return self.row_of_all(one, told) };
        if is_lines_of_json(&wanted.name) {
            return json_line(&texts(one, "original"), &told);
        }
        let mut lines = String::new();
        if columns != self.header {
            let own = columns.iter().filter(|name| !is_reason(name)).cloned();
            let heading: Vec<String> = own.chain(REASONS.map(str::to_owned)).collect();
            lines.push_str(&csv::line_with(wanted.delimiter, &heading));
            self.header.clone_from(&columns);
        }
        let original = texts(one, "original");
        if is_torn(one) {
            lines.push_str(&torn_lines(&columns, &original, &told, wanted.delimiter));
        } else {
            lines.push_str(&csv::line_with(wanted.delimiter, &mended(&columns, &original, &told)));
        }
        lines
    }

    fn row_of_all(&mut self, one: &Value, told: RejectLine) -> String {
        let mut lines = String::new();
        if self.header.is_empty() {
            self.header = ALL.map(str::to_owned).to_vec();
            lines.push_str(&csv::line(&self.header));
        }
        let RejectLine { file, line, column, reason, .. } = told;
        let record = match texts(one, "original").as_slice() {
            // A line of JSON stands as it is.
            [whole] if is_lines_of_json(&file) => whole.clone(),
            whole if is_torn(one) => whole.concat(),
            fields => csv::plain_line(fields),
        };
        lines.push_str(&csv::line(&[file, line.to_string(), outcome(one).to_owned(), column, reason, record]));
        lines
    }
}

/// A record in the columns of its file, with the reasons behind them. One with too few fields, or with too
/// many, keeps what fits in place.
fn mended(columns: &[String], original: &[String], told: &RejectLine) -> Vec<String> {
    let own = columns.iter().enumerate().filter(|(_, name)| !is_reason(name));
    let own = own.map(|(at, _)| original.get(at).cloned().unwrap_or_default());
    let outcome = if told.held_back { "held_back" } else { "rejected" };
    let reasons = [outcome.to_owned(), told.line.to_string(), told.column.clone(), told.reason.clone()];
    own.chain(reasons).collect()
}

/// Whether what is kept of a record are its lines as they stand, because a quote in them is not closed.
fn is_torn(one: &Value) -> bool {
    list(one, "faults").iter().any(|fault| text(fault, "code") == "open_quote")
}

/// Those lines, with the reasons behind each, so that each is a record when the quote is closed. One that cannot stand
/// like that is a cell of its own.
fn torn_lines(columns: &[String], original: &[String], told: &RejectLine, delimiter: char) -> String {
    let Some(lines) = torn::mendable(original, told.line.unsigned_abs(), delimiter) else {
        let reason = match original {
            [] => told.reason.clone(),
            _ => format!("{}; all of it stands in one cell here, so mend it in the file itself", told.reason),
        };
        let told = RejectLine { reason, ..told.clone() };
        return csv::line_with(delimiter, &mended(columns, &[original.concat()], &told));
    };
    let behind = torn::behind_quote(told.line.unsigned_abs());
    let mut text = String::new();
    for (at, (line, own)) in lines.into_iter().enumerate() {
        let (column, reason) = if at == 0 { (told.column.as_str(), told.reason.as_str()) } else { ("", behind.as_str()) };
        text.push_str(&own);
        for cell in ["rejected", &line.to_string(), column, reason] {
            text.push(delimiter);
            text.push_str(&torn::plain_cell(cell, delimiter));
        }
        text.push_str("\r\n");
    }
    text
}

/// A line of JSON as it stood, with the reason as one more member if it is an object.
fn json_line(original: &[String], told: &RejectLine) -> String {
    let line = original.first().map(|line| line.trim()).unwrap_or_default();
    let reason = serde_json::json!(told.reason);
    match line.strip_suffix('}').filter(|_| serde_json::from_str::<Value>(line).is_ok_and(|one| one.is_object())) {
        Some(open) if !open.ends_with('{') && !open.contains("\"_reason\"") => format!("{open},\"_reason\":{reason}}}\n"),
        _ => format!("{line}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_json_keeps_its_figures() {
        let told = |reason: &str| RejectLine {
            file: String::new(),
            line: 1,
            column: String::new(),
            reason: reason.to_owned(),
            held_back: false,
        };
        let line = ["{\"fee\": 1.10}".to_owned()];
        assert_eq!(json_line(&line, &told("no \"x\"")), "{\"fee\": 1.10,\"_reason\":\"no \\\"x\\\"\"}\n");
        assert_eq!(json_line(&["not so".to_owned()], &told("no")), "not so\n");
    }
}
