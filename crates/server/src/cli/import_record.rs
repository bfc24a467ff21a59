//! `clinicos import-record`

use std::path::PathBuf;

use anyhow::Context as _;
use bytes::Bytes;
use clap::Args;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::bar::Bar;
use super::client::Client;
use super::{Place, System, clinic, output};
use crate::record::read::Directory;
use crate::record::send::{self, Way};

/// What `import-record` takes.
#[derive(Args, Clone)]
pub struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The clinic's id; the clinic must be empty
    #[arg(long)]
    clinic: String,
    /// The directory of an export
    #[arg(long, value_name = "DIR", required_unless_present = "abandon")]
    from: Option<PathBuf>,
    /// Give up an import that was cut off: take out again what is in, so that the clinic is empty
    #[arg(long, conflicts_with = "from")]
    abandon: bool,
}

/// Runs it.
pub async fn run(arguments: Arguments, system: System) -> anyhow::Result<()> {
    let Some(from) = &arguments.from else { return abandon(&arguments, system).await };
    let directory = Directory::open(from)?;
    let client = Client::open(&arguments.place, system).await?;
    let taken = import(&client, &arguments, &directory).await;
    client.close().await?;
    let records = taken?;
    if arguments.place.json {
        output::json(&json!({"clinic_id": arguments.clinic, "records": records}));
    } else {
        output::line(&format!("{records} records are in {}, as they stood on {}", arguments.clinic, directory.origin.as_of));
    }
    Ok(())
}

async fn import(client: &Client, arguments: &Arguments, directory: &Directory) -> anyhow::Result<u64> {
    let clinic = &arguments.clinic;
    let own = client.call("GET", &format!("/v1/clinics/{clinic}"), None).await;
    clinic::explain(client, &arguments.place, clinic, None, own).await?;
    send::check_environment(directory, client.environment().name())?;
    let mut bar = Bar::new(arguments.place.json);
    let checked = directory.check(&mut bar);
    if checked.is_err() {
        bar.clear();
    }
    checked.context("this export cannot be taken in, and nothing of it was sent: the clinic is as it was")?;
    let sent = send::send(directory, &Operator { client, clinic }, &client.nonce(), &mut bar).await;
    bar.clear();
    sent
}

async fn abandon(arguments: &Arguments, system: System) -> anyhow::Result<()> {
    let client = Client::open(&arguments.place, system).await?;
    let clinic = &arguments.clinic;
    let target = format!("/v1/record_imports/abandon?clinic_id={clinic}");
    let ended = client.call("POST", &target, Some(&json!({}))).await;
    let ended = clinic::explain(&client, &arguments.place, clinic, None, ended).await;
    client.close().await?;
    let ended = ended?;
    if arguments.place.json {
        output::json(&ended);
    } else {
        output::line(&format!("the import was given up, and what was in was taken out again: {clinic} is empty"));
    }
    Ok(())
}

/// The operator's way to the clinic.
pub struct Operator<'c> {
    /// The door.
    pub client: &'c Client,
    /// The clinic's id.
    pub clinic: &'c str,
}

impl Way for Operator<'_> {
    fn post(&self, path: &'static str, key: String, body: Bytes) -> BoxFuture<'_, anyhow::Result<(u16, Value)>> {
        async move { self.client.ask(&format!("{path}?clinic_id={}", self.clinic), &key, body).await }.boxed()
    }
}
