//! Reads an export from a directory: all of it is checked before anything of it is sent.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use clinicos_clinic::standing::AnyStanding;
use clinicos_clinic::sums::{Contradiction, Sums};
use clinicos_contract::FieldError;
use sha2::{Digest as _, Sha256};

use super::manifest::{Encoding, FORMAT, File, MANIFEST, Manifest, ORIGIN, Origin, VERSION, hex};
use super::{Progress, kind};

/// Most bytes of a manifest.
const MANIFEST_BYTES_MAX: u64 = 4 << 20;
/// Most bytes of a line.
const LINE_BYTES_MAX: u64 = 16 << 20;
/// Lines that are sent at once.
const LINES_AT_ONCE: usize = 500;
/// Bytes after which no more lines are sent at once.
const BYTES_AT_ONCE: usize = 4 << 20;

/// An export in a directory.
pub struct Directory {
    dir: PathBuf,
    /// What its files are.
    pub manifest: Manifest,
    /// Whose they are.
    pub origin: Origin,
}

/// Lines that follow one another in a file.
#[derive(Default)]
pub struct Batch {
    /// The id in the line before.
    pub after: Option<String>,
    /// The number of the first line, from 1.
    pub first_line: u64,
    /// The lines.
    pub lines: String,
    /// How many.
    pub count: u64,
}

impl Directory {
    /// Reads what is said of the files.
    pub fn open(dir: &Path) -> anyhow::Result<Self> {
        let text = small(&dir.join(MANIFEST))?;
        let manifest: Manifest = serde_json::from_str(&text).with_context(|| format!("`{MANIFEST}` is not one of an export"))?;
        let origin: Origin =
            serde_json::from_str(&small(&dir.join(ORIGIN))?).with_context(|| format!("`{ORIGIN}` is not one of an export"))?;
        ensure!(manifest.format == FORMAT, "`{MANIFEST}` is not one of an export: its format is `{}`", manifest.format);
        ensure!(
            manifest.version == VERSION,
            "the export has version {} of the format, and this program reads version {VERSION}",
            manifest.version
        );
        ensure!(
            hex(&Sha256::digest(text.as_bytes())) == origin.manifest_sha256,
            "`{MANIFEST}` was changed: its SHA-256 is not the one in `{ORIGIN}`"
        );
        ensure!(
            manifest.encoding == Encoding::Ndjson,
            "the export is a table for spreadsheets; only one with `--format ndjson` can be taken in"
        );
        for (at, file) in manifest.files.iter().enumerate() {
            ensure!(kind(&file.resource).is_some(), "`{MANIFEST}`: there is no resource `{}`", file.resource);
            // A name is never a path: it follows from the resource.
            let expected = manifest.encoding.file_name(&file.resource);
            ensure!(
                file.name == expected,
                "`{MANIFEST}`: the file of `{}` is called `{expected}`, not `{}`",
                file.resource,
                file.name
            );
            let again = manifest.files.iter().take(at).any(|other| other.resource == file.resource);
            ensure!(!again, "`{MANIFEST}` names `{}` twice", file.resource);
        }
        Ok(Self { dir: dir.to_owned(), manifest, origin })
    }

    /// Its files in the order in which their records name one another, whatever order they are named in.
    pub fn files(&self) -> impl Iterator<Item = (&File, &'static dyn AnyStanding)> {
        let of = |kind: &'static dyn AnyStanding| {
            self.manifest.files.iter().find(|file| file.resource == kind.name()).map(|file| (file, kind))
        };
        clinicos_clinic::record().filter_map(of)
    }

    /// Checks sizes, hashes and counts of all files, each line by itself, and whether lines contradict one another.
    pub fn check(&self, progress: &mut dyn Progress) -> anyhow::Result<()> {
        let mut sums = Sums::default();
        for (file, kind) in self.files() {
            progress.begin(&file.name, file.records);
            self.check_hash(file)?;
            let (mut records, mut batches) = (0, self.batches(file, 0, None)?);
            while let Some(batch) = batches.next_batch()? {
                kind.check(&mut batch.lines.lines(), batch.first_line, &mut sums).map_err(|wrong| {
                    anyhow::anyhow!("{}", told(&file.name, batch.first_line + wrong.at as u64, &wrong.errors))
                })?;
                records += batch.count;
                progress.done(records);
            }
            ensure!(records == file.records, "`{}` has {records} records, and the manifest says {}", file.name, file.records);
        }
        let wrong = sums.contradiction();
        wrong.map_or(Ok(()), |Contradiction { resource, line, error }| {
            bail!("{}", told(&self.manifest.encoding.file_name(resource), line, &[error]))
        })
    }

    fn check_hash(&self, file: &File) -> anyhow::Result<()> {
        let mut reader = self.reader(file)?;
        let (mut digest, mut size) = (Sha256::new(), 0);
        let mut buffer = vec![0; 256 << 10];
        loop {
            let read = reader.read(&mut buffer).with_context(|| format!("`{}` cannot be read", file.name))?;
            if read == 0 {
                break;
            }
            size += read as u64;
            digest.update(buffer.get(..read).unwrap_or_default());
        }
        ensure!(size == file.bytes, "`{}` has {size} bytes, and the manifest says {}", file.name, file.bytes);
        ensure!(
            hex(&digest.finalize()) == file.sha256,
            "`{}` was changed: its SHA-256 is not the one in the manifest",
            file.name
        );
        Ok(())
    }

    fn reader(&self, file: &File) -> anyhow::Result<BufReader<fs::File>> {
        let path = self.dir.join(&file.name);
        let opened = fs::File::open(&path).with_context(|| format!("`{}` cannot be read", path.display()))?;
        Ok(BufReader::with_capacity(256 << 10, opened))
    }

    /// The lines of a file behind so many.
    pub fn batches<'d>(&'d self, file: &'d File, skip: u64, after: Option<String>) -> anyhow::Result<Batches<'d>> {
        let mut batches = Batches { file, reader: self.reader(file)?, line: 0, after };
        let mut line = String::new();
        while batches.line < skip {
            ensure!(batches.read(&mut line)?, "`{}` has fewer lines than were taken in of it", file.name);
            batches.after = Some(id_of(&line));
        }
        Ok(batches)
    }
}

/// Reads the lines of a file.
pub struct Batches<'d> {
    file: &'d File,
    reader: BufReader<fs::File>,
    line: u64,
    after: Option<String>,
}

impl Batches<'_> {
    /// The next lines; none at the end.
    pub fn next_batch(&mut self) -> anyhow::Result<Option<Batch>> {
        let mut batch = Batch { after: self.after.clone(), first_line: self.line + 1, ..Batch::default() };
        let mut line = String::new();
        while batch.count < LINES_AT_ONCE as u64 && batch.lines.len() < BYTES_AT_ONCE && self.read(&mut line)? {
            batch.lines.push_str(&line);
            batch.count += 1;
        }
        if batch.count == 0 {
            return Ok(None);
        }
        self.after = Some(id_of(&line));
        Ok(Some(batch))
    }

    /// Reads a line in place of the one before; false at the end, where the line before stays.
    fn read(&mut self, line: &mut String) -> anyhow::Result<bool> {
        let mut next = String::new();
        let name = &self.file.name;
        let read = self.reader.by_ref().take(LINE_BYTES_MAX).read_line(&mut next);
        if read.with_context(|| format!("`{name}`, line {}", self.line + 1))? == 0 {
            return Ok(false);
        }
        self.line += 1;
        ensure!(next.ends_with('\n'), "`{name}`, line {}: it does not end, or is too long", self.line);
        *line = next;
        Ok(true)
    }
}

/// The id in a line; whatever is wrong with the line is told by whoever takes it in.
fn id_of(line: &str) -> String {
    #[derive(serde::Deserialize)]
    struct Named {
        id: String,
    }
    serde_json::from_str::<Named>(line).map(|named| named.id).unwrap_or_default()
}

/// What is wrong with a line, for people.
pub fn told(file: &str, line: u64, errors: &[FieldError]) -> String {
    let told = errors.iter().map(|error| match error.pointer.trim_start_matches('/') {
        "" => format!("`{file}`, line {line}: {}", error.detail),
        field => format!("`{file}`, line {line}, `{}`: {}", field.replace('/', "."), error.detail),
    });
    told.collect::<Vec<_>>().join("\n  ")
}

fn small(path: &Path) -> anyhow::Result<String> {
    let file = fs::File::open(path).with_context(|| format!("`{}` cannot be read; is this an export?", path.display()))?;
    let mut text = String::new();
    file.take(MANIFEST_BYTES_MAX + 1)
        .read_to_string(&mut text)
        .with_context(|| format!("`{}` cannot be read", path.display()))?;
    if text.len() as u64 > MANIFEST_BYTES_MAX {
        bail!("`{}` is too large for what it should be", path.display());
    }
    Ok(text)
}
