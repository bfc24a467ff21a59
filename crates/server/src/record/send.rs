//! Sends an export that was checked to a door, some lines at a time.

use anyhow::{Context as _, bail, ensure};
use bytes::Bytes;
use clinicos_contract::FieldError;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::Progress;
use super::manifest::hex;
use super::read::{Batch, Directory, told};

/// The operator's way to the door of a clinic.
pub trait Way: Send + Sync {
    /// Calls an operation; gives the status and the answer.
    fn post(&self, path: &'static str, key: String, body: Bytes) -> BoxFuture<'_, anyhow::Result<(u16, Value)>>;
}

#[derive(Deserialize)]
struct Begun {
    id: String,
    taken: Vec<Taken>,
}

#[derive(Deserialize)]
struct Taken {
    resource: String,
    records: u64,
}

/// Takes a directory's record in, and says how many records that are. What was cut off goes on.
pub async fn send(directory: &Directory, way: &dyn Way, nonce: &str, progress: &mut dyn Progress) -> anyhow::Result<u64> {
    let (manifest, digest) = (&directory.manifest, &directory.origin.manifest_sha256);
    let files: Vec<Value> =
        manifest.files.iter().map(|file| json!({"resource": file.resource, "records": file.records})).collect();
    let body = json!({
        "digest": digest, "currency": manifest.currency, "last_invoice_number": manifest.last_invoice_number, "files": files,
    });
    let begun = ask(way, "/v1/record_imports/begin", nonce.to_owned(), &body).await.map_err(Told::plain)?;
    let begun: Begun = serde_json::from_value(begun).context("the answer is not the one of a record import")?;
    send_lines(directory, way, &begun, progress).await.context(CUT_OFF)
}

/// What is said of the clinic once something of the record can be in.
const CUT_OFF: &str = "the clinic holds a part of the record, and nothing else is written to it. Give the same command again when what \
     follows is mended, and it goes on from there; or give it up with `clinicos import-record --abandon`, which takes out what is in";

async fn send_lines(directory: &Directory, way: &dyn Way, begun: &Begun, progress: &mut dyn Progress) -> anyhow::Result<u64> {
    let digest = &directory.origin.manifest_sha256;
    let mut records = 0;
    for (file, _) in directory.files() {
        progress.begin(&file.name, file.records);
        let mut done = begun.taken.iter().find(|taken| taken.resource == file.resource).map_or(0, |taken| taken.records);
        ensure!(done <= file.records, "the clinic has more records in `{}` than the export", file.resource);
        let mut batches = directory.batches(file, done, None)?;
        while let Some(batch) = batches.next_batch()? {
            let body = json!({"digest": digest, "resource": file.resource, "after": batch.after, "lines": batch.lines});
            // The same lines of the same import have the same key: what came through is not repeated.
            let key = Sha256::digest(format!("{}\n{}\n{}", begun.id, file.resource, batch.first_line));
            let added = ask(way, "/v1/record_imports/add", hex(&key), &body).await;
            added.map_err(|told| told.about(&file.name, &batch))?;
            done += batch.count;
            progress.done(done);
        }
        records += done;
    }
    let key = hex(&Sha256::digest(format!("{}\nfinish", begun.id)));
    ask(way, "/v1/record_imports/finish", key, &json!({"digest": digest})).await.map_err(Told::plain)?;
    Ok(records)
}

/// Why a call came to nothing.
enum Told {
    /// The door was not reached.
    Error(anyhow::Error),
    /// The door refused.
    Problem(Value),
}

async fn ask(way: &dyn Way, path: &'static str, key: String, body: &Value) -> Result<Value, Told> {
    let (status, answer) = way.post(path, key, Bytes::from(body.to_string())).await.map_err(Told::Error)?;
    if status < 300 { Ok(answer) } else { Err(Told::Problem(answer)) }
}

impl Told {
    fn plain(self) -> anyhow::Error {
        match self {
            Self::Error(error) => error,
            Self::Problem(problem) => {
                let mut told = vec![text(&problem, "detail")];
                told.extend(errors(&problem).iter().map(|error| text(error, "detail")));
                anyhow::anyhow!("{}", told.join(": "))
            }
        }
    }

    /// Names the line of the file that it is about.
    fn about(self, file: &str, batch: &Batch) -> anyhow::Error {
        let Self::Problem(problem) = &self else { return self.plain() };
        let about_lines = errors(problem).iter().filter_map(|error| {
            let pointer = text(error, "pointer");
            let rest = pointer.strip_prefix("/lines/")?;
            let (at, field) = rest.split_once('/').unwrap_or((rest, ""));
            let line = batch.first_line + at.parse::<u64>().ok()?;
            Some(told(file, line, &[FieldError::new(format!("/{field}"), "refused", text(error, "detail"))]))
        });
        let lines: Vec<String> = about_lines.collect();
        if lines.is_empty() {
            return self.plain().context(format!("`{file}`, lines {} and on", batch.first_line));
        }
        anyhow::anyhow!("{}", lines.join("\n  "))
    }
}

fn errors(problem: &Value) -> &[Value] {
    problem.get("errors").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Refuses an export of another environment: what is real stays where what is real is.
pub fn check_environment(directory: &Directory, here: &str) -> anyhow::Result<()> {
    let there = &directory.origin.environment;
    if there != here {
        bail!("the export is from a {there} server, and this one is {here}");
    }
    Ok(())
}
