//! `clinicos init`

use clap::{Args, ValueEnum};
use clinicos_gate::Environment;
use serde_json::json;

use super::client::open_store;
use super::{Place, System, output};
use crate::data_dir::{DATABASE_FILE, DataDir};

/// What `init` takes.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Real data, or synthetic data; it cannot be changed later
    #[arg(long, value_enum, default_value = "live")]
    environment: Kind,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Live,
    Sandbox,
}

impl From<Kind> for Environment {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Live => Self::Live,
            Kind::Sandbox => Self::Sandbox,
        }
    }
}

/// Makes a data directory and its database.
pub async fn run(arguments: &Arguments, system: &System) -> anyhow::Result<()> {
    let place = &arguments.place;
    let shown = place.data_dir.display();
    if DataDir::exists(&place.data_dir) {
        anyhow::bail!("`{shown}` is a data directory already; nothing was changed");
    }
    if place.data_dir.join(DATABASE_FILE).exists() {
        anyhow::bail!(
            "`{shown}` holds a database, but its `keyring.json` is missing: bring that back from its copy; a new one would open nothing"
        );
    }
    let dir = DataDir::create(&place.data_dir, arguments.environment.into(), place.database_url.clone(), &*system.entropy)?;
    open_store(&dir, system).await?.close().await?;
    if place.json {
        output::json(&json!({"data_dir": shown.to_string(), "environment": dir.environment().name()}));
        return Ok(());
    }
    output::line(&format!("made the {} data directory `{shown}`", dir.environment().name()));
    output::line("keep a copy of its `keyring.json` apart from copies of the database: neither is worth anything alone");
    output::line("next:");
    output::line(&format!("  clinicos clinic create --data-dir {shown} --organization \"Your practice\" --name \"Your clinic\""));
    output::line(&format!(
        "  clinicos key create --data-dir {shown} --clinic CLINIC_ID --admin --name \"First admin\" --reason \"Set-up\""
    ));
    output::line(&format!("  clinicos serve --data-dir {shown}"));
    Ok(())
}
