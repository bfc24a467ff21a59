//! `clinicos doctor`: checks what must hold in a data directory that is not being served.

use clap::Args;
use clinicos_store::check;
use serde_json::{Value, json};

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
    let events_without_rows = crate::doctor::events_without_rows(&store).await?;
    store.close().await?;
    let faults = [
        ("doubled_entries", health.doubled_entries),
        ("position_gaps", health.position_gaps),
        ("sequence_gaps", health.sequence_gaps),
        ("event_gaps", health.event_gaps),
        ("events_without_rows", events_without_rows.unsigned_abs()),
    ];
    let sound = faults.iter().all(|(_, count)| *count == 0);
    if place.json {
        let mut report = json!({"audit_entries": health.audit_entries, "events": health.events, "sound": sound});
        if let Value::Object(members) = &mut report {
            members.extend(faults.iter().map(|(name, count)| ((*name).to_owned(), json!(count))));
        }
        output::json(&report);
    } else {
        output::line(&format!("{} audit entries, {} events", health.audit_entries, health.events));
        faults.iter().for_each(|(name, count)| output::line(&format!("{name}: {count}")));
    }
    anyhow::ensure!(sound, "`{}` is not sound", place.data_dir.display());
    Ok(())
}
