//! `clinicos synth`

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{ArgGroup, Args};
use clinicos_contract::time::{Date, parse_date};
use clinicos_synth::Plan;
use clinicos_synth::plan::{CURRENCY, UNTIL, VISITS_PER_DAY, VISITS_PER_DAY_MAX, YEARS_MAX};
use serde_json::{Value, json};

use super::bar::Bar;
use super::client::Client;
use super::import_record::Operator;
use super::{Place, System, clinic, output};
use crate::data_dir::DataDir;
use crate::files::Documents;
use crate::record::made_up;
use crate::record::read::Directory;
use crate::record::send;

/// Most clinics of one run.
const CLINICS_MAX: i64 = 1_000;

/// What `synth` takes.
#[derive(Args, Clone)]
#[command(group = ArgGroup::new("where").required(true).args(["to", "into"]))]
pub struct Arguments {
    /// The same seed makes the same clinics, byte for byte
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// How many clinics
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=CLINICS_MAX))]
    clinics: u32,
    /// How many years of records
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=i64::from(YEARS_MAX)))]
    years: u16,
    /// The last day of the records
    #[arg(long, value_name = "DATE", default_value = UNTIL, value_parser = day)]
    until: Date,
    /// Visits of a usual weekday; 30 is a practice with three veterinarians
    #[arg(long, value_name = "N", default_value_t = VISITS_PER_DAY, value_parser = clap::value_parser!(u32).range(1..=i64::from(VISITS_PER_DAY_MAX)))]
    visits_per_day: u32,
    /// A directory to write into, an export for each clinic; it is made, or must be empty
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// A data directory of a sandbox to make the clinics in
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
    /// A PostgreSQL database to use instead of a file in the data directory
    #[arg(long, value_name = "URL", env = "CLINICOS_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    #[command(flatten)]
    documents: Documents,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn day(text: &str) -> Result<Date, String> {
    parse_date(text).ok_or_else(|| "must be a day such as `2026-10-31`".to_owned())
}

impl Arguments {
    fn plan(&self, clinic: u32) -> Plan {
        Plan { seed: self.seed, clinic, years: self.years, until: self.until, visits_per_day: self.visits_per_day }
    }
}

/// Runs it.
pub async fn run(arguments: Arguments, system: System) -> anyhow::Result<()> {
    let made = match (&arguments.to, &arguments.into) {
        (Some(to), _) => write_all(&arguments, to)?,
        (None, Some(into)) => {
            // Without more it would be told how to make a live one, in which nothing is made up.
            anyhow::ensure!(
                !DataDir::is_missing(into),
                "`{}` is no data directory; make one with `clinicos init --environment sandbox --data-dir {0}`",
                into.display()
            );
            let place = Place {
                data_dir: into.clone(),
                database_url: arguments.database_url.clone(),
                documents: arguments.documents.clone(),
                json: arguments.json,
            };
            let client = Client::open(&place, system).await?;
            let made = make_all(&arguments, &client).await;
            client.close().await?;
            made?
        }
        (None, None) => Vec::new(),
    };
    if arguments.json {
        output::json(&json!({"clinics": made}));
        return Ok(());
    }
    let row = |clinic: &Value| ["name", "where", "records"].map(|field| output::text(clinic, field)).to_vec();
    output::table(&["CLINIC", "WHERE", "RECORDS"], &made.iter().map(row).collect::<Vec<_>>());
    Ok(())
}

/// Writes each clinic into a directory of its own. One is in memory at a time.
fn write_all(arguments: &Arguments, to: &Path) -> anyhow::Result<Vec<Value>> {
    crate::record::write::prepare(to)?;
    let mut made = Vec::new();
    for place in 0..arguments.clinics {
        let plan = arguments.plan(place);
        let dir = to.join(format!("clinic-{:04}", place + 1));
        let manifest = made_up::write(&dir, &plan)?;
        let records: u64 = manifest.files.iter().map(|file| file.records).sum();
        made.push(json!({"name": plan.name(), "where": dir.display().to_string(), "records": records}));
    }
    Ok(made)
}

/// Makes each clinic, and takes its record in.
async fn make_all(arguments: &Arguments, client: &Client) -> anyhow::Result<Vec<Value>> {
    // Before a clinic is made that then stays empty.
    made_up::check_environment(client.environment())?;
    let mut made = Vec::new();
    for place in 0..arguments.clinics {
        let plan = arguments.plan(place);
        let clinic = output::text(&clinic::create(client, &new_clinic(&plan)).await?, "id");
        let records = take_in(client, &clinic, &plan, arguments.json).await?;
        made.push(json!({"name": plan.name(), "where": clinic, "records": records}));
    }
    Ok(made)
}

/// What makes the clinic of a plan.
pub fn new_clinic(plan: &Plan) -> clinic::New {
    let practice = plan.practice();
    clinic::New {
        organization: practice.organization.to_owned(),
        name: plan.name(),
        time_zone: practice.time_zone.to_owned(),
        currency: CURRENCY.code().to_owned(),
        country: "US".to_owned(),
    }
}

/// Makes a record up and takes it into an empty clinic, by the way that any export comes in.
pub async fn take_in(client: &Client, clinic: &str, plan: &Plan, quiet: bool) -> anyhow::Result<u64> {
    let files = tempfile::tempdir().context("a directory for the files cannot be made")?;
    let dir = files.path().join("record");
    made_up::write(&dir, plan)?;
    let directory = Directory::open(&dir)?;
    let mut bar = Bar::new(quiet);
    let sent = send::send(&directory, &Operator { client, clinic }, &client.nonce(), &mut bar).await;
    bar.clear();
    sent
}
