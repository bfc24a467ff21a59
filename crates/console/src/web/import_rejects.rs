//! What was not imported, as files: all of it to be read, or that of one file, to be mended and sent back.

use clinicos_intake::propose::{is_lines_of_json, is_reason};
use serde_json::Value;

use super::Web;
use super::ask::{Ask, list, text, texts};
use super::csv;
use super::import_mapping::samples;
use super::imports::reject;
use super::respond::{Page, Refused};
use super::visit::Visit;
use crate::pages::imports::RejectLine;

/// What stands behind the columns of the file itself. An import takes no notice of them.
const REASONS: [&str; 4] = ["_outcome", "_line", "_column", "_reason"];

/// `GET /console/import/{id}/rejects.csv`: what was not imported, with the reasons. With `file` it is that
/// of one file alone, made of its own columns, so that it can be mended and imported.
pub async fn file(web: Web, visit: Visit) -> Page {
    let wanted = visit.asked("file");
    if wanted.is_empty() {
        return csv::file("rejects.csv", Rejects { web, visit, cursor: String::new(), header: Vec::new(), one: None }).await;
    }
    let path = vec![("import_id", visit.part("id"))];
    let import = web.ask(&visit, Ask { operation: "imports.get", path, ..Ask::default() }).await?;
    let delimiter =
        samples(&import).into_iter().find(|sample| sample.name == wanted).map_or(',', |sample| char::from(sample.delimiter));
    let one = One { name: wanted.clone(), delimiter };
    csv::file(&wanted, Rejects { web, visit, cursor: String::new(), header: Vec::new(), one: Some(one) }).await
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
    /// The columns of the file that the last record came from.
    header: Vec<String>,
    one: Option<One>,
}

impl csv::Pages for Rejects {
    async fn next(&mut self) -> Result<(String, bool), Box<Refused>> {
        // To be mended, records stand as in their file; among those of others, one file after the other.
        let sort = if self.one.is_some() { "&sort=line" } else { "" };
        let (query, path) = (format!("limit=200{sort}{}", self.cursor), vec![("import_id", self.visit.part("id"))]);
        let page = self.web.ask(&self.visit, Ask { operation: "import_rejects.list", path, query, ..Ask::default() }).await?;
        let lines = list(&page, "data").iter().map(|one| self.row(one)).collect();
        let next = text(&page, "next_cursor");
        self.cursor = format!("&cursor={next}");
        Ok((lines, !next.is_empty()))
    }
}

impl Rejects {
    /// A record's line, behind the columns of its file if that is another one than before.
    fn row(&mut self, one: &Value) -> String {
        let mut lines = String::new();
        let (columns, told) = (texts(one, "header"), reject(one));
        if let Some(wanted) = &self.one {
            if told.file != wanted.name {
                return lines;
            }
            if is_lines_of_json(&wanted.name) {
                return json_line(&texts(one, "original"), &told);
            }
            if columns != self.header {
                let own = columns.iter().filter(|name| !is_reason(name)).cloned();
                let heading: Vec<String> = own.chain(REASONS.map(str::to_owned)).collect();
                lines.push_str(&csv::line_with(wanted.delimiter, &heading));
                self.header.clone_from(&columns);
            }
            lines.push_str(&csv::line_with(wanted.delimiter, &mended(&columns, &texts(one, "original"), &told)));
            return lines;
        }
        if columns != self.header {
            let own = ["_file", "_line", "_outcome", "_column", "_reason"].map(str::to_owned);
            lines.push_str(&csv::line(&own.into_iter().chain(columns.clone()).collect::<Vec<_>>()));
            self.header = columns;
        }
        let RejectLine { file, line, column, reason, .. } = told;
        let own = [file, line.to_string(), outcome(one), column, reason];
        lines.push_str(&csv::line(&own.into_iter().chain(texts(one, "original")).collect::<Vec<_>>()));
        lines
    }
}

fn outcome(one: &Value) -> String {
    if reject(one).held_back { "held_back" } else { "rejected" }.to_owned()
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
