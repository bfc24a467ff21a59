//! `clinicos export`

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use bytes::Bytes;
use clap::Args;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::json;

use super::bar::Bar;
use super::client::Client;
use super::{Place, System, clinic, output};
use crate::record::manifest::{Encoding, Manifest};
use crate::record::write::{self, About, Chunks, Export};

/// What `export` takes.
#[derive(Args, Clone)]
pub struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The clinic's id
    #[arg(long)]
    clinic: String,
    /// The directory to write into; it is made, or must be empty
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// How to write records
    #[arg(long, value_enum, default_value_t = Encoding::Ndjson)]
    format: Encoding,
}

/// Runs it.
pub async fn run(arguments: Arguments, system: System) -> anyhow::Result<()> {
    write::prepare(&arguments.to)?;
    let client = Arc::new(Client::open(&arguments.place, system).await?);
    let written = export(&client, &arguments).await;
    if let Some(client) = Arc::into_inner(client) {
        client.close().await?;
    }
    tell(&arguments, &written?);
    Ok(())
}

async fn export(client: &Arc<Client>, arguments: &Arguments) -> anyhow::Result<Manifest> {
    let Arguments { place, clinic, to, format } = arguments;
    let own = client.call("GET", &format!("/v1/clinics/{clinic}"), None).await;
    let own = clinic::explain(client, place, clinic, None, own).await?;
    let begun = client.call("POST", &format!("/v1/exports?clinic_id={clinic}"), Some(&json!({}))).await?;
    let id = output::text(&begun, "id");
    let about = About {
        clinic_id: clinic.clone(),
        currency: output::text(&own, "currency"),
        environment: client.environment().name().to_owned(),
    };
    let got = client.call("GET", &format!("/v1/exports/{id}?clinic_id={clinic}"), None).await?;
    let export: Export = serde_json::from_value(got).context("the answer is not the one of an export")?;
    let chunks = Operator { client: client.clone(), clinic: clinic.clone(), id: id.clone() };
    let mut bar = Bar::new(place.json);
    let written = write::write(to, *format, &export, about, &chunks, &mut bar).await;
    bar.clear();
    let ended = client.call("POST", &format!("/v1/exports/{id}/cancel?clinic_id={clinic}"), Some(&json!({}))).await;
    let manifest = written?;
    ended?;
    Ok(manifest)
}

fn tell(arguments: &Arguments, manifest: &Manifest) {
    let records: u64 = manifest.files.iter().map(|file| file.records).sum();
    let dir = arguments.to.display();
    if arguments.place.json {
        let files: Vec<_> = manifest
            .files
            .iter()
            .map(|file| json!({"name": file.name, "records": file.records, "bytes": file.bytes, "sha256": file.sha256}))
            .collect();
        output::json(&json!({"directory": dir.to_string(), "records": records, "files": files}));
        return;
    }
    let row = |file: &crate::record::manifest::File| vec![file.name.clone(), file.records.to_string(), file.bytes.to_string()];
    output::table(&["FILE", "RECORDS", "BYTES"], &manifest.files.iter().map(row).collect::<Vec<_>>());
    output::line(&format!("{records} records are in `{dir}`; what they are stands in `manifest.json`"));
}

/// The operator's way to the chunks.
struct Operator {
    client: Arc<Client>,
    clinic: String,
    id: String,
}

impl Chunks for Operator {
    fn read(&self, chunk: u64) -> BoxFuture<'_, anyhow::Result<Bytes>> {
        async move { self.client.lines(&format!("/v1/exports/{}/chunks/{chunk}?clinic_id={}", self.id, self.clinic)).await }
            .boxed()
    }
}
