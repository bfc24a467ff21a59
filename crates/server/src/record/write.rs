//! Writes an export into a directory, a chunk at a time.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::manifest::{self, Encoding, FORMAT, File, MANIFEST, Manifest, ORIGIN, Origin, VERSION, hex};
use super::{Progress, csv, kind};

/// What the door says of an export.
#[derive(Debug, Deserialize)]
pub struct Export {
    /// Its id.
    pub id: String,
    /// The point in time.
    pub as_of: String,
    /// What there is of each resource.
    pub files: Vec<ExportFile>,
    /// How far invoices are counted.
    pub last_invoice_number: i64,
}

/// What there is of a resource.
#[derive(Debug, Deserialize)]
pub struct ExportFile {
    /// Its name.
    pub resource: String,
    /// How many records.
    pub records: u64,
    /// Its first chunk.
    pub first_chunk: u64,
    /// How many chunks.
    pub chunks: u64,
}

/// Where chunks come from.
pub trait Chunks: Send + Sync {
    /// The lines of a chunk.
    fn read(&self, chunk: u64) -> BoxFuture<'_, anyhow::Result<Bytes>>;
}

/// What is told beside the records.
pub struct About {
    /// The clinic.
    pub clinic_id: String,
    /// What it bills in.
    pub currency: String,
    /// `live` or `sandbox`.
    pub environment: String,
}

/// Makes the directory, unless it is there; refuses one that holds something.
pub fn prepare(dir: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(dir).with_context(|| format!("`{}` cannot be made", dir.display()))?;
    let mut entries = fs::read_dir(dir).with_context(|| format!("`{}` cannot be read", dir.display()))?;
    anyhow::ensure!(entries.next().is_none(), "`{}` is not empty; name a directory that is", dir.display());
    Ok(())
}

/// Writes all files. The manifest comes last: a directory without one is no export.
pub async fn write(
    dir: &Path,
    encoding: Encoding,
    export: &Export,
    about: About,
    chunks: &dyn Chunks,
    progress: &mut dyn Progress,
) -> anyhow::Result<Manifest> {
    let mut files = Vec::with_capacity(export.files.len());
    for file in &export.files {
        files.push(write_file(dir, encoding, file, chunks, progress).await?);
    }
    let last_invoice_number = export.last_invoice_number;
    seal(dir, about, Seal { encoding, as_of: export.as_of.clone(), last_invoice_number, files })
}

/// What is told of files that are written.
pub(super) struct Seal {
    /// How records are written.
    pub encoding: Encoding,
    /// The point in time.
    pub as_of: String,
    /// How far invoices are counted.
    pub last_invoice_number: i64,
    /// They.
    pub files: Vec<File>,
}

/// Says beside files what they are, and whose.
pub(super) fn seal(
    dir: &Path,
    about: About,
    Seal { encoding, as_of, last_invoice_number, files }: Seal,
) -> anyhow::Result<Manifest> {
    let (format, version, currency) = (FORMAT.to_owned(), VERSION, about.currency);
    let manifest = Manifest { format, version, encoding, currency, last_invoice_number, files };
    let text = serde_json::to_string_pretty(&manifest)? + "\n";
    let origin = Origin {
        clinic_id: about.clinic_id,
        as_of,
        environment: about.environment,
        program: format!("clinicos {}", env!("CARGO_PKG_VERSION")),
        manifest_sha256: hex(&Sha256::digest(text.as_bytes())),
    };
    put(dir, ORIGIN, &(serde_json::to_string_pretty(&origin)? + "\n"))?;
    put(dir, MANIFEST, &text)?;
    Ok(manifest)
}

fn put(dir: &Path, name: &str, text: &str) -> anyhow::Result<()> {
    let path = dir.join(name);
    let written = fs::File::create(&path).and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
    written.with_context(|| format!("`{}` cannot be written", path.display()))
}

async fn write_file(
    dir: &Path,
    encoding: Encoding,
    file: &ExportFile,
    chunks: &dyn Chunks,
    progress: &mut dyn Progress,
) -> anyhow::Result<File> {
    let kind =
        kind(&file.resource).with_context(|| format!("the server has `{}`, which this program does not know", file.resource))?;
    let name = encoding.file_name(&file.resource);
    progress.begin(&name, file.records);
    let path = dir.join(&name);
    let unwritten = || format!("`{}` cannot be written", path.display());
    let mut out = fs::File::create(&path).with_context(unwritten)?;
    let (mut digest, mut size, mut records) = (Sha256::new(), 0, 0);
    let mut add = |bytes: &[u8]| {
        digest.update(bytes);
        size += bytes.len() as u64;
        out.write_all(bytes).with_context(unwritten)
    };
    if encoding == Encoding::Csv {
        add(csv::heading(kind.schema()).as_bytes())?;
    }
    for chunk in file.first_chunk..file.first_chunk + file.chunks {
        let lines = chunks.read(chunk).await?;
        records += lines.iter().filter(|byte| **byte == b'\n').count() as u64;
        match encoding {
            Encoding::Ndjson => add(&lines)?,
            Encoding::Csv => add(csv::rows(kind.schema(), &lines)?.as_bytes())?,
        }
        progress.done(records);
    }
    anyhow::ensure!(records == file.records, "`{name}` came with {records} records in place of {}", file.records);
    out.sync_all().with_context(unwritten)?;
    let sha256 = hex(&digest.finalize());
    let fields = manifest::fields(kind.schema());
    Ok(File { name, resource: file.resource.clone(), records, bytes: size, sha256, fields })
}
