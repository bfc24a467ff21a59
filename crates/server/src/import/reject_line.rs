//! A record that was not imported, as a line of a file.

use clinicos_intake::read::torn;
use clinicos_intake::{Fault, Refused, formula};

/// What stands in front of the columns of the file itself. Behind them a record with too many fields
/// would push it aside.
const ADDED: [&str; 4] = ["_outcome", "_line", "_column", "_reason"];

/// A record that is a line of JSON stands in one column, whatever columns are asked of it.
pub(super) fn heading(header: &[String], is_line: bool, delimiter: char) -> String {
    let own = if is_line { vec!["record"] } else { header.iter().map(String::as_str).filter(|name| is_own(name)).collect() };
    csv(ADDED.into_iter().chain(own), delimiter)
}

/// Whether a column is the file's own: one that comes back has those that were added to it before.
fn is_own(name: &str) -> bool {
    !ADDED.contains(&name)
}

pub(super) fn line(header: &[String], refused: &Refused, delimiter: char) -> String {
    if refused.is_torn
        && let Some(lines) = torn::mendable(&refused.original, refused.line, delimiter)
    {
        return torn_lines(&lines, refused, delimiter);
    }
    let columns: Vec<&str> =
        refused.faults.iter().map(|fault| fault.column.as_str()).filter(|column| !column.is_empty()).collect();
    let outcome = if refused.held { "held_back" } else { "rejected" };
    let (line, columns, mut reason) = (refused.line.to_string(), columns.join("; "), reason(&refused.faults));
    if refused.is_torn && !refused.original.is_empty() {
        reason.push_str("; all of it stands in one cell here, so mend it in the file itself");
    }
    let added = [outcome, line.as_str(), columns.as_str(), reason.as_str()];
    let whole = refused.is_torn.then(|| vec![refused.original.concat()]);
    let own = whole.as_ref().unwrap_or(&refused.original).iter().enumerate();
    let own =
        own.filter(|(at, _)| refused.is_line || header.get(*at).is_none_or(|name| is_own(name))).map(|(_, text)| text.as_str());
    csv(added.into_iter().chain(own), delimiter)
}

/// The lines of a record in which a quote is not closed, as they stand: with the cells in front of each, the record is
/// whole when the quote is closed, and so is each one behind it.
fn torn_lines(lines: &[(u64, String)], refused: &Refused, delimiter: char) -> String {
    let own = (refused.faults.first().map(|fault| fault.column.clone()).unwrap_or_default(), reason(&refused.faults));
    let behind = (String::new(), torn::behind_quote(refused.line));
    let mut text = String::new();
    for (at, (line, original)) in lines.iter().enumerate() {
        let (column, reason) = if at == 0 { &own } else { &behind };
        let added = ["rejected".to_owned(), line.to_string(), column.clone(), reason.clone()];
        for cell in added {
            text.push_str(&torn::plain_cell(&cell, delimiter));
            text.push(delimiter);
        }
        text.push_str(original);
        text.push('\n');
    }
    text
}

/// Why, in one line.
pub fn reason(faults: &[Fault]) -> String {
    let said: Vec<String> = faults
        .iter()
        .map(|fault| if fault.column.is_empty() { fault.detail.clone() } else { format!("`{}`: {}", fault.column, fault.detail) })
        .collect();
    said.join("; ")
}

/// One line of values, of which no spreadsheet takes any for a formula.
fn csv<'f>(fields: impl Iterator<Item = &'f str>, delimiter: char) -> String {
    let quoted = |field: &str| {
        let field = formula::escaped(field);
        if field.contains(['"', delimiter, '\n', '\r']) || field.trim() != field {
            format!("\"{}\"", field.replace('"', "\"\""))
        } else {
            field.into_owned()
        }
    };
    let mut line = fields.map(quoted).collect::<Vec<_>>().join(delimiter.encode_utf8(&mut [0; 4]));
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clinicos_intake::read::{Format, Table};

    use super::super::rejects::{Files, Rejects as _};
    use super::*;

    fn refused(original: &[&str]) -> Refused {
        Refused {
            line: 7,
            faults: vec![
                Fault::new(7, "day", "date", "must be a date as `YYYY-MM-DD`"),
                Fault::new(7, "", "ragged", "has 2 fields"),
            ],
            original: original.iter().map(|text| (*text).to_owned()).collect(),
            ..Refused::default()
        }
    }

    #[test]
    fn a_record_stands_as_it_was_with_the_reason_beside_it() {
        let header = ["id".to_owned(), "note".to_owned(), "day".to_owned()];
        assert_eq!(heading(&header, false, ','), "_outcome,_line,_column,_reason,id,note,day\n");
        let reason = "rejected,7,day,`day`: must be a date as `YYYY-MM-DD`; has 2 fields";
        assert_eq!(
            line(&header, &refused(&["1", "say \"so\", he said"]), ','),
            format!("{reason},1,\"say \"\"so\"\", he said\"\n")
        );
        assert_eq!(
            line(&header, &refused(&["1", "2", "3", "4"]), ','),
            format!("{reason},1,2,3,4\n"),
            "what is too much is not lost"
        );
        assert_eq!(line(&header, &refused(&["=HYPERLINK(\"x\")"]), ','), format!("{reason},\"'=HYPERLINK(\"\"x\"\")\"\n"));
        // A record that lacks all fields but one is no line of JSON, and leaves the heading as it is.
        assert_eq!(heading(&header, refused(&["1"]).is_line, ','), heading(&header, false, ','));
        assert_eq!(heading(&header, true, ','), "_outcome,_line,_column,_reason,record\n");
    }

    /// What comes back and is rejected again has the reasons of this time, and the divider of its file.
    #[test]
    fn a_record_that_comes_back_has_its_reasons_once() {
        let header = ["_outcome", "_line", "_column", "_reason", "id", "note"].map(str::to_owned);
        assert_eq!(heading(&header, false, ';'), "_outcome;_line;_column;_reason;id;note\n");
        let back = refused(&["rejected", "3", "id", "was wrong", "1", "a;b"]);
        let expected = "rejected;7;day;\"`day`: must be a date as `YYYY-MM-DD`; has 2 fields\";1;\"a;b\"\n";
        assert_eq!(line(&header, &back, ';'), expected);
    }

    /// The file of rejects of a record in which a quote is not closed, which opens in the second line.
    fn torn(dir: &Path, name: &str, text: &str, delimiter: char) -> String {
        std::fs::write(dir.join(name), text).unwrap();
        let mut table = Table::open(dir, name, Format::Csv(delimiter as u8), &[]).unwrap();
        let (header, record) = (table.header().to_vec(), table.next_record().unwrap().unwrap());
        let faults = vec![Fault::new(record.line, "name", "open_quote", "the quote; \"so\", is not closed")];
        let refused = Refused { line: record.line, faults, original: record.original(), is_torn: true, ..Refused::default() };
        let mut files = Files::new(dir, [(name, delimiter)].into_iter());
        files.take(name, &header, &refused).unwrap();
        std::fs::read_to_string(&files.finish().unwrap()[0]).unwrap()
    }

    /// What a quote took in stands as it did. Whoever closes the quote there has whole records, whoever does not has the
    /// same lines again.
    #[test]
    fn a_quote_can_be_closed_where_what_it_took_in_stands() {
        let dir = tempfile::tempdir().unwrap();
        let text = "id,name,note\n1,\"Quick,-5\n2,Bob,=x\n3,\"Zoe \"Quick\"\",\"two\nlines\"\n";
        let rejects = torn(dir.path(), "a.csv", text, ',');
        let told = "the quote; 'so' is not closed";
        let behind = "stands behind the quote of line 2 that is not closed";
        let expected = format!(
            "_outcome,_line,_column,_reason,id,name,note\nrejected,2,name,`name`: {told},1,\"Quick,-5\n\
             rejected,3,,{behind},2,Bob,'=x\nrejected,4,,{behind},3,\"Zoe \"Quick\"\",\"two\nlines\"\n"
        );
        assert_eq!(rejects, expected);
        let again = torn(dir.path(), "b.csv", &rejects, ',');
        let own = |text: &str| text.lines().map(|line| line.rsplit("closed,").next().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(own(&again), own(&rejects), "it comes back as it was");
        std::fs::write(dir.path().join("c.csv"), rejects.replace("Quick,-5", "Quick\",-5")).unwrap();
        let mut table = Table::open(dir.path(), "c.csv", Format::Csv(b','), &[]).unwrap();
        let mut found = Vec::new();
        while let Some(record) = table.next_record().unwrap() {
            assert_eq!(record.flaw, None);
            found.push(record.original()[4..].join("|"));
        }
        assert_eq!(found, ["1|Quick|-5", "2|Bob|=x", "3|Zoe Quick\"\"|two\nlines"]);
        // What could be a formula behind that quote is no cell of its own, and says so.
        let rejects = torn(dir.path(), "d.csv", "id;name;note\n1;\"Quick;x\n2;\"a;=cmd()\";b\n", ';');
        assert!(rejects.contains("mend it in the file itself") && rejects.contains("\"1;\"\"Quick;x\n2;\"\"a;=cmd"), "{rejects}");
    }
}
