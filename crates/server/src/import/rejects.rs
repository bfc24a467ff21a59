//! Files of what was not imported: each record as it stood, and why.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufWriter, Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clinicos_intake::{Refused, index};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

pub use super::reject_line::reason;
use super::reject_line::{heading, line};

/// Places of records that are kept in memory for each file: 3 MiB.
const PLACES_MAX: usize = 1 << 17;
/// Reasons that are told of a dry run whose rejects go nowhere.
const TOLD_MAX: usize = 10;
/// What the names of these files end with.
pub const SUFFIX: &str = ".rejects.csv";

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
    /// What the file of rejects is called, by the name of the file.
    names: BTreeMap<String, String>,
    /// What divides the columns of each file, and of its rejects: they are imported by the same mapping.
    delimiters: BTreeMap<String, char>,
    open: BTreeMap<String, Out>,
}

/// A file of rejects that is being written.
struct Out {
    file: BufWriter<File>,
    bytes: u64,
    /// The bytes of the line with the names of the columns.
    heading: u64,
    /// The line of the last record, and whether each stood behind the one before it.
    last: u64,
    is_sorted: bool,
    /// Of each record its line, where it begins here, and how long it is; what is much goes to disk.
    places: index::Builder,
}

impl Out {
    fn create(path: &Path, heading: &str) -> std::io::Result<Self> {
        let (file, places) = (BufWriter::new(File::create(path)?), index::Builder::in_runs_of(PLACES_MAX));
        let mut out = Self { file, bytes: 0, heading: heading.len() as u64, last: 0, is_sorted: true, places };
        out.write(heading)?;
        Ok(out)
    }

    /// Writes the text of the record in this line.
    fn add(&mut self, line: u64, text: &str) -> std::io::Result<()> {
        self.is_sorted &= self.last <= line;
        self.last = line;
        // An index sorts what stands in front: there, the line.
        self.places.add(index::Entry { hash: line, offset: self.bytes, line: text.len() as u64 })?;
        self.write(text)
    }

    fn write(&mut self, text: &str) -> std::io::Result<()> {
        self.bytes += text.len() as u64;
        self.file.write_all(text.as_bytes())
    }

    /// Ends it, in the order of the lines. Records are refused as they are found: when their file is read,
    /// when their batch is answered, and when nothing took them.
    fn finish(mut self, path: &Path) -> anyhow::Result<()> {
        self.file.flush()?;
        if self.is_sorted {
            return Ok(());
        }
        let mut places = self.places.finish()?;
        let dir = path.parent().context("a file of rejects stands in a directory")?;
        let mut written = File::open(path)?;
        let mut sorted = tempfile::NamedTempFile::new_in(dir)?;
        // A file of its own may be read by whoever may read the other ones.
        sorted.as_file().set_permissions(written.metadata()?.permissions())?;
        let mut out = BufWriter::new(sorted.as_file_mut());
        std::io::copy(&mut Read::by_ref(&mut written).take(self.heading), &mut out)?;
        let mut at = 0;
        while let Some((place, next)) = places.unseen(at)? {
            at = next;
            written.seek(SeekFrom::Start(place.offset))?;
            std::io::copy(&mut Read::by_ref(&mut written).take(place.line), &mut out)?;
        }
        out.flush()?;
        drop(out);
        // It takes the place of the only list of what was not imported.
        sorted.as_file().sync_all()?;
        sorted.persist(path)?;
        Ok(())
    }
}

impl Files {
    /// Writes into this directory what is not imported of these files, each with what divides its columns.
    pub fn new<'f>(dir: &Path, files: impl Iterator<Item = (&'f str, char)>) -> Self {
        let delimiters: BTreeMap<String, char> = files.map(|(name, delimiter)| (name.to_owned(), delimiter)).collect();
        let names = names(delimiters.keys().map(String::as_str));
        Self { dir: dir.to_owned(), names, delimiters, open: BTreeMap::new() }
    }

    /// Makes the directory if it is not there, and makes sure that it can be written to, before anything else is done.
    pub fn check(&self) -> anyhow::Result<()> {
        let dir = self.dir.display();
        if !self.dir.exists() {
            std::fs::create_dir_all(&self.dir).with_context(|| format!("--rejects: `{dir}` cannot be made"))?;
        }
        anyhow::ensure!(self.dir.is_dir(), "--rejects: `{dir}` is no directory");
        let tried = tempfile::NamedTempFile::new_in(&self.dir);
        tried
            .map(drop)
            .with_context(|| format!("what is not imported cannot be written to `{dir}`; name another place with --rejects"))
    }

    /// Removes what an earlier import left for these files.
    pub fn clear(&self) -> anyhow::Result<()> {
        for path in self.names.values().map(|name| self.dir.join(name)).filter(|path| path.exists()) {
            std::fs::remove_file(&path).with_context(|| format!("`{}` cannot be removed", path.display()))?;
        }
        Ok(())
    }

    /// Writes what is left; tells which files there are.
    pub fn finish(self) -> anyhow::Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for (name, out) in self.open {
            let path = self.dir.join(name);
            out.finish(&path).with_context(|| format!("`{}` cannot be written", path.display()))?;
            paths.push(path);
        }
        Ok(paths)
    }
}

/// Where what is not imported goes.
pub enum Place {
    /// Into files.
    Files(Files),
    /// Nowhere: the first reasons are told, and that is all.
    Told(Vec<String>),
}

impl Place {
    /// Removes what an earlier import left there.
    pub fn clear(&self) -> anyhow::Result<()> {
        match self {
            Self::Files(files) => files.clear(),
            Self::Told(_) => Ok(()),
        }
    }

    /// Ends it; gives the files that there are, and what is told instead.
    pub fn finish(self) -> anyhow::Result<(Vec<PathBuf>, Vec<String>)> {
        match self {
            Self::Files(files) => Ok((files.finish()?, Vec::new())),
            Self::Told(told) => Ok((Vec::new(), told)),
        }
    }
}

impl Rejects for Place {
    fn take(&mut self, file: &str, header: &[String], refused: &Refused) -> anyhow::Result<()> {
        match self {
            Self::Files(files) => files.take(file, header, refused)?,
            // What is held back follows from what is wrong.
            Self::Told(told) if told.len() < TOLD_MAX && !refused.held => {
                told.push(format!("{file}, line {}: {}", refused.line, reason(&refused.faults)));
            }
            Self::Told(_) => {}
        }
        Ok(())
    }
}

/// What the file of rejects of each file is called: `owners.rejects.csv` of `owners.csv`. No two are
/// called the same, and none as a file that is read.
fn names<'f>(files: impl Iterator<Item = &'f str>) -> BTreeMap<String, String> {
    let files: BTreeSet<&str> = files.collect();
    let mut taken: BTreeSet<String> = files.iter().map(|file| file.to_lowercase()).collect();
    let mut names = BTreeMap::new();
    for file in files {
        let stem = file.strip_suffix(".csv").unwrap_or(file);
        let further = (2..).map(|number| format!("{file}.{number}{SUFFIX}"));
        let mut possible = [format!("{stem}{SUFFIX}"), format!("{file}{SUFFIX}")].into_iter().chain(further);
        if let Some(name) = possible.find(|name| taken.insert(name.to_lowercase())) {
            names.insert(file.to_owned(), name);
        }
    }
    names
}

impl Rejects for Files {
    fn take(&mut self, file: &str, header: &[String], refused: &Refused) -> anyhow::Result<()> {
        let name = self.names.get(file).context("a record of a file that the mapping does not read")?;
        let delimiter = self.delimiters.get(file).copied().unwrap_or(',');
        if !self.open.contains_key(name) {
            let path = self.dir.join(name);
            let out = Out::create(&path, &heading(header, refused.is_line, delimiter));
            let out = out.with_context(|| format!("`{}` cannot be written", path.display()))?;
            self.open.insert(name.clone(), out);
        }
        if let Some(out) = self.open.get_mut(name) {
            out.add(refused.line, &line(header, refused, delimiter))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clinicos_intake::Fault;

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

    /// However they are found, they stand as in their file.
    #[test]
    fn records_stand_in_the_order_of_their_lines() {
        let dir = tempfile::tempdir().unwrap();
        let header = ["id".to_owned()];
        let mut files = Files::new(dir.path(), [("a.csv", ',')].into_iter());
        for (line, id) in [(9, "nine"), (2, "two\nlines"), (30, "thirty"), (3, "three")] {
            files.take("a.csv", &header, &Refused { line, ..refused(&[id]) }).unwrap();
        }
        let paths = files.finish().unwrap();
        let text = std::fs::read_to_string(&paths[0]).unwrap();
        let at = |text_of: &str| text.find(text_of).unwrap();
        assert!(
            text.starts_with("_outcome,") && at("\"two") < at("three") && at("three") < at("nine") && at("nine") < at("thirty"),
            "{text}"
        );
        assert_eq!((text.lines().count(), paths.len(), std::fs::read_dir(dir.path()).unwrap().count()), (6, 1, 1));
    }

    /// Many more of them than stay in memory are written, and stand in their order.
    #[test]
    fn more_records_than_memory_holds_stand_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let header = ["id".to_owned()];
        let path = dir.path().join("a.rejects.csv");
        let mut out = Out::create(&path, &heading(&header, false, ',')).unwrap();
        out.places = index::Builder::in_runs_of(7);
        for line in (1..=200_u64).rev() {
            out.add(line, &super::line(&header, &Refused { line, ..refused(&["x"]) }, ',')).unwrap();
        }
        out.finish(&path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<u64> = text.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().parse().unwrap()).collect();
        assert_eq!(lines, (1..=200).collect::<Vec<u64>>());
    }

    #[test]
    fn no_two_files_of_rejects_are_called_the_same() {
        let files = ["orders.csv", "orders.tsv", "orders", "Orders.csv", "orders.rejects.csv"];
        let names = names(files.into_iter());
        assert_eq!(names["orders.tsv"], "orders.tsv.rejects.csv");
        let mut all: Vec<String> = names.values().map(|name| name.to_lowercase()).collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), files.len());
        assert!(names.values().all(|name| !files.contains(&name.as_str())), "no file that is read is written over");
        assert_eq!(super::names(["orders.csv"].into_iter())["orders.csv"], "orders.rejects.csv");
    }
}
