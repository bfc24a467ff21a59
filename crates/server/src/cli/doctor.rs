//! `clinicos doctor`: checks what must hold in a data directory that is not being served.

use clap::Args;
use clinicos_store::check;
use serde_json::json;

use super::client::open_store;
use super::{Place, System, output};
use crate::data_dir::DataDir;

/// What `doctor` takes.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    place: Place,
}

/// Opens the store, which recovers it, and counts what must be zero.
pub async fn run(arguments: &Arguments, system: &System) -> anyhow::Result<()> {
    let place = &arguments.place;
    let (dir, _keyring) = DataDir::open(&place.data_dir, place.database_url.clone())?;
    let Some(_lock) = dir.lock()? else {
        anyhow::bail!("`{}` is being served; stop the server first", place.data_dir.display());
    };
    let store = open_store(&dir, system).await?;
    let health = check::run(&store).await?;
    store.close().await?;
    let sound = health.position_gaps == 0 && health.sequence_gaps == 0 && health.events_without_entry == 0;
    if place.json {
        output::json(&json!({
            "audit_entries": health.audit_entries,
            "events": health.events,
            "position_gaps": health.position_gaps,
            "sequence_gaps": health.sequence_gaps,
            "events_without_entry": health.events_without_entry,
            "sound": sound,
        }));
    } else {
        output::line(&format!("{} audit entries, {} events", health.audit_entries, health.events));
        output::line(&format!(
            "{} gaps in positions, {} gaps in sequences, {} events without an entry",
            health.position_gaps, health.sequence_gaps, health.events_without_entry
        ));
    }
    anyhow::ensure!(sound, "`{}` is not sound", place.data_dir.display());
    Ok(())
}
