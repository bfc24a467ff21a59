//! Files of what was not imported: each record as it stood, and why.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clinicos_intake::{Fault, Refused};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

/// What stands behind the columns of the file itself.
const ADDED: [&str; 4] = ["_outcome", "_line", "_column", "_reason"];

/// Takes what was not imported.
pub trait Rejects: Send {
    /// One record of a file with this header.
    fn take(&mut self, file: &str, header: &[String], refused: &Refused) -> anyhow::Result<()>;

    /// Hands on what was taken, where that takes time. Called now and then, and at the end.
    fn hand_on(&mut self) -> BoxFuture<'_, anyhow::Result<()>> {
        std::future::ready(Ok(())).boxed()
    }
}

/// Writes `NAME.rejects.csv` into a directory, for each file that has any.
pub struct Files {
    dir: PathBuf,
    open: BTreeMap<String, BufWriter<File>>,
}

impl Files {
    /// Writes into this directory.
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), open: BTreeMap::new() }
    }

    /// Removes what an earlier import left for these files.
    pub fn clear<'f>(&self, files: impl Iterator<Item = &'f str>) -> anyhow::Result<()> {
        for file in files {
            let path = self.dir.join(name(file));
            if path.exists() {
                std::fs::remove_file(&path).with_context(|| format!("`{}` cannot be removed", path.display()))?;
            }
        }
        Ok(())
    }

    /// Writes what is left; tells which files there are.
    pub fn finish(self) -> anyhow::Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for (file, mut out) in self.open {
            out.flush()?;
            paths.push(self.dir.join(name(&file)));
        }
        Ok(paths)
    }
}

/// What the file of rejects is called.
pub fn name(file: &str) -> String {
    format!("{}.rejects.csv", file.rsplit_once('.').map_or(file, |(stem, _)| stem))
}

impl Rejects for Files {
    fn take(&mut self, file: &str, header: &[String], refused: &Refused) -> anyhow::Result<()> {
        if !self.open.contains_key(file) {
            let path = self.dir.join(name(file));
            let mut out = BufWriter::new(File::create(&path).with_context(|| format!("`{}` cannot be written", path.display()))?);
            out.write_all(heading(header, refused.original.len()).as_bytes())?;
            self.open.insert(file.to_owned(), out);
        }
        if let Some(out) = self.open.get_mut(file) {
            out.write_all(line(refused, header.len()).as_bytes())?;
        }
        Ok(())
    }
}

fn heading(header: &[String], fields: usize) -> String {
    let own = if header.len() > 1 && fields == 1 { vec!["record"] } else { header.iter().map(String::as_str).collect() };
    csv(own.into_iter().chain(ADDED))
}

fn line(refused: &Refused, columns: usize) -> String {
    let mut own: Vec<&str> = refused.original.iter().map(String::as_str).collect();
    if own.len() != 1 {
        // A record with too many or too few fields keeps the columns behind it in place.
        own.resize(columns, "");
    }
    let columns: Vec<&str> =
        refused.faults.iter().map(|fault| fault.column.as_str()).filter(|column| !column.is_empty()).collect();
    let outcome = if refused.held { "held_back" } else { "rejected" };
    let (line, columns, reason) = (refused.line.to_string(), columns.join("; "), reason(&refused.faults));
    csv(own.into_iter().chain([outcome, line.as_str(), columns.as_str(), reason.as_str()]))
}

/// Why, in one line.
pub fn reason(faults: &[Fault]) -> String {
    let said: Vec<String> = faults
        .iter()
        .map(|fault| if fault.column.is_empty() { fault.detail.clone() } else { format!("`{}`: {}", fault.column, fault.detail) })
        .collect();
    said.join("; ")
}

/// One line of comma-separated values.
pub fn csv<'f>(fields: impl Iterator<Item = &'f str>) -> String {
    let quoted = |field: &str| {
        if field.contains(['"', ',', '\n', '\r']) || field.trim() != field {
            format!("\"{}\"", field.replace('"', "\"\""))
        } else {
            field.to_owned()
        }
    };
    let mut line = fields.map(quoted).collect::<Vec<_>>().join(",");
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_stands_as_it_was_with_the_reason_behind_it() {
        let refused = Refused {
            file: 0,
            line: 7,
            key: None,
            held: false,
            faults: vec![
                Fault::new(7, "day", "date", "must be a date as `YYYY-MM-DD`"),
                Fault::new(7, "", "ragged", "has 2 fields"),
            ],
            original: vec!["1".to_owned(), "say \"so\", he said".to_owned()],
        };
        let header = ["id".to_owned(), "note".to_owned(), "day".to_owned()];
        assert_eq!(heading(&header, 2), "id,note,day,_outcome,_line,_column,_reason\n");
        assert_eq!(
            line(&refused, 3),
            "1,\"say \"\"so\"\", he said\",,rejected,7,day,`day`: must be a date as `YYYY-MM-DD`; has 2 fields\n"
        );
        assert_eq!(name("orders.csv"), "orders.rejects.csv");
    }
}
