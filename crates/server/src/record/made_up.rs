//! Writes a clinic that is made up into a directory, as an export of it would be.
//!
//! Lines come in runs, each in the order of ids. They are kept in a file without a name for each kind, and
//! merged into the file of the export when there are no more: neither years nor visits grow the memory
//! that it takes, beside the clients and patients whose lives go on.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File as Disk;
use std::io::{BufReader, BufWriter, Read, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use anyhow::Context as _;
use clinicos_gate::Environment;
use clinicos_synth::plan::CURRENCY;
use clinicos_synth::{Kind, Life, Plan, Run};
use sha2::{Digest as _, Sha256};

use super::manifest::{self, Encoding, File, Manifest, hex};
use super::write::{About, Seal, prepare, seal};

/// Room for lines on their way to a file, in bytes.
const BUFFER_BYTES: usize = 1 << 18;
/// Room for what is read of a run, in bytes.
const RUN_BUFFER_BYTES: usize = 1 << 15;

/// Refuses to make clinics up where there are real ones.
pub fn check_environment(here: Environment) -> anyhow::Result<()> {
    anyhow::ensure!(
        here == Environment::Sandbox,
        "clinics that are made up go into a sandbox, and this server is {}; make one with `clinicos init --environment sandbox`",
        here.name()
    );
    Ok(())
}

/// Lives the years of a clinic and writes them. The directory is made, or must be empty.
pub fn write(dir: &Path, plan: &Plan) -> anyhow::Result<Manifest> {
    prepare(dir)?;
    let mut kinds = clinicos_synth::kinds().map(|kind| Kept::of(dir, kind)).collect::<anyhow::Result<Vec<_>>>()?;
    let mut life = Life::of(plan);
    while let Some(run) = life.next_run() {
        let kept = kinds.get_mut(run.kind).context("a run is of no kind")?;
        kept.keep(&run).with_context(|| format!("lines cannot be kept in `{}`", dir.display()))?;
    }
    let mut files = Vec::with_capacity(kinds.len());
    for kept in kinds {
        files.push(kept.merge(dir)?);
    }
    let ended = life.end();
    let about = About {
        clinic_id: ended.clinic.to_string(),
        currency: CURRENCY.code().to_owned(),
        // What is made up goes where what is made up is.
        environment: Environment::Sandbox.name().to_owned(),
    };
    let (as_of, last_invoice_number) = (ended.as_of.to_string(), ended.last_invoice_number);
    seal(dir, about, Seal { encoding: Encoding::Ndjson, as_of, last_invoice_number, files })
}

/// The runs of one kind, one behind the other in a file that has no name: each line behind its id and its length.
struct Kept {
    of: Kind,
    disk: Disk,
    /// Where each begins and ends.
    runs: Vec<(u64, u64)>,
    records: u64,
}

impl Kept {
    fn of(dir: &Path, of: Kind) -> anyhow::Result<Self> {
        let disk = tempfile::tempfile_in(dir).with_context(|| format!("`{}` takes no files", dir.display()))?;
        Ok(Self { of, disk, runs: Vec::new(), records: 0 })
    }

    fn keep(&mut self, run: &Run) -> std::io::Result<()> {
        let begin = self.runs.last().map_or(0, |(_, end)| *end);
        let (mut out, mut end) = (BufWriter::with_capacity(BUFFER_BYTES, &self.disk), begin);
        for (id, line) in run.lines() {
            let length = u32::try_from(line.len()).map_err(std::io::Error::other)?;
            out.write_all(&id)?;
            out.write_all(&length.to_le_bytes())?;
            out.write_all(line)?;
            end += (id.len() + size_of_val(&length) + line.len()) as u64;
            self.records += 1;
        }
        out.flush()?;
        drop(out);
        self.runs.push((begin, end));
        Ok(())
    }

    /// Writes all runs as one file, in the order of ids.
    fn merge(self, dir: &Path) -> anyhow::Result<File> {
        let name = Encoding::Ndjson.file_name(self.of.resource);
        let path = dir.join(&name);
        let unwritten = || format!("`{}` cannot be written", path.display());
        let mut out = BufWriter::with_capacity(BUFFER_BYTES, Disk::create(&path).with_context(unwritten)?);
        let (mut digest, mut bytes) = (Sha256::new(), 0);
        let mut runs: Vec<Cursor<'_>> = self.runs.iter().map(|(at, end)| Cursor::of(&self.disk, *at, *end)).collect();
        let mut firsts = BinaryHeap::with_capacity(runs.len());
        for (place, run) in runs.iter_mut().enumerate() {
            firsts.extend(run.advance()?.map(|id| Reverse((id, place))));
        }
        while let Some(Reverse((_, place))) = firsts.pop() {
            let Some(run) = runs.get_mut(place) else { continue };
            digest.update(&run.line);
            bytes += run.line.len() as u64;
            out.write_all(&run.line).with_context(unwritten)?;
            firsts.extend(run.advance()?.map(|id| Reverse((id, place))));
        }
        out.flush().with_context(unwritten)?;
        let (resource, sha256) = (self.of.resource.to_owned(), hex(&digest.finalize()));
        Ok(File { name, resource, records: self.records, bytes, sha256, fields: manifest::fields(self.of.schema) })
    }
}

/// A run that is read.
struct Cursor<'d> {
    rest: BufReader<Part<'d>>,
    line: Vec<u8>,
}

impl<'d> Cursor<'d> {
    fn of(disk: &'d Disk, at: u64, end: u64) -> Self {
        Self { rest: BufReader::with_capacity(RUN_BUFFER_BYTES, Part { disk, at, end }), line: Vec::new() }
    }

    /// Reads the next line; tells its id, or `None` behind the last.
    fn advance(&mut self) -> anyhow::Result<Option<[u8; 16]>> {
        let (mut id, mut length) = ([0; 16], [0; 4]);
        if std::io::BufRead::fill_buf(&mut self.rest)?.is_empty() {
            return Ok(None);
        }
        self.rest.read_exact(&mut id)?;
        self.rest.read_exact(&mut length)?;
        self.line.resize(usize::try_from(u32::from_le_bytes(length))?, 0);
        self.rest.read_exact(&mut self.line)?;
        Ok(Some(id))
    }
}

/// A part of a file that others read parts of, too.
struct Part<'d> {
    disk: &'d Disk,
    at: u64,
    end: u64,
}

impl Read for Part<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.disk.seek(SeekFrom::Start(self.at))?;
        let read = Read::take(self.disk, self.end - self.at).read(into)?;
        self.at += read as u64;
        Ok(read)
    }
}
