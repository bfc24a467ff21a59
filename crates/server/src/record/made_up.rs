//! Writes a clinic that was made up into a directory, as an export of it would be.

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::Context as _;
use clinicos_gate::Environment;
use clinicos_synth::plan::CURRENCY;
use clinicos_synth::{Record, Sorted};
use sha2::{Digest as _, Sha256};

use super::manifest::{self, Encoding, File, Manifest, hex};
use super::write::{About, Seal, prepare, seal};

/// Room for lines on their way to a file, in bytes.
const BUFFER_BYTES: usize = 1 << 20;

/// Refuses to make clinics up where there are real ones.
pub fn check_environment(here: Environment) -> anyhow::Result<()> {
    anyhow::ensure!(
        here == Environment::Sandbox,
        "clinics that are made up go into a sandbox, and this server is {}; make one with `clinicos init --environment sandbox`",
        here.name()
    );
    Ok(())
}

/// Writes it. The directory is made, or must be empty.
pub fn write(dir: &Path, record: Record) -> anyhow::Result<Manifest> {
    prepare(dir)?;
    let about = About {
        clinic_id: record.clinic.to_string(),
        currency: CURRENCY.code().to_owned(),
        // What is made up goes where what is made up is.
        environment: Environment::Sandbox.name().to_owned(),
    };
    let mut files = Vec::with_capacity(record.kinds.len());
    for kind in record.kinds {
        files.push(write_kind(dir, &kind)?);
    }
    let (as_of, last_invoice_number) = (record.as_of.to_string(), record.last_invoice_number);
    seal(dir, about, Seal { encoding: Encoding::Ndjson, as_of, last_invoice_number, files })
}

fn write_kind(dir: &Path, kind: &Sorted) -> anyhow::Result<File> {
    let name = Encoding::Ndjson.file_name(kind.resource);
    let path = dir.join(&name);
    let unwritten = || format!("`{}` cannot be written", path.display());
    let mut out = BufWriter::with_capacity(BUFFER_BYTES, fs::File::create(&path).with_context(unwritten)?);
    let (mut digest, mut bytes) = (Sha256::new(), 0);
    for line in kind.lines() {
        digest.update(line);
        bytes += line.len() as u64;
        out.write_all(line).with_context(unwritten)?;
    }
    out.flush().with_context(unwritten)?;
    let (resource, sha256) = (kind.resource.to_owned(), hex(&digest.finalize()));
    Ok(File { name, resource, records: kind.records(), bytes, sha256, fields: manifest::fields(kind.schema) })
}
