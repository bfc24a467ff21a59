//! `clinicos demo`: from nothing to a governed call in one command.

mod history;
mod partners;
mod past;
mod standing;
mod tell;
mod till;
mod traffic;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use clinicos_contract::{Category, Timestamp};
use clinicos_gate::Environment;
use clinicos_gate::limits::Policy;
use clinicos_synth::Plan;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::json;

use self::history::{BEGUN_DAYS, Connected};
use self::partners::{BOOKS, OTHERS, Partner};
use self::past::PastClock;
use self::standing::Standing;
use super::client::Client;
use super::clinic;
use super::serve::{Start, Transport, prepare};
use super::{Place, System, key, output, synth};
use crate::data_dir::{DataDir, write_new};
use crate::files::Documents;

/// Clients that one batch of synthetic data holds.
const BATCH_CLIENTS: u64 = 100;
/// Years over which those are spread.
const BATCH_YEARS: u64 = 2;
/// Years of a whole record.
const YEARS: u16 = 1;
/// Visits of a usual weekday at the first clinic: as many as are taken in while somebody waits.
const VISITS_PER_DAY: u32 = 12;
/// The same at the other one.
const OTHER_VISITS_PER_DAY: u32 = 2;
const US_PER_DAY: i64 = 86_400_000_000;

/// What `demo` takes.
#[derive(Args)]
pub struct Arguments {
    /// The address to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The data directory; a second start uses it again
    #[arg(long, value_name = "DIR", default_value = "clinicos-demo")]
    data_dir: PathBuf,
    /// A PostgreSQL database to use instead of a file in the data directory
    #[arg(long, value_name = "URL", env = "CLINICOS_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    #[command(flatten)]
    documents: Documents,
    /// The same seed makes the same data on the same day
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Raise the quotas, for measuring; everything else stays
    #[arg(long)]
    no_limits: bool,
    /// Make the two keys alone: no other connections, no history, no calls while it runs
    #[arg(long)]
    still: bool,
    /// Print one line of JSON when ready
    #[arg(long)]
    json: bool,
    /// Visits of a usual weekday at the first clinic, for tests
    #[arg(long, hide = true, default_value_t = VISITS_PER_DAY)]
    visits_per_day: u32,
    /// Fill the first clinic with so many clients in place of a whole record, for tests and for measuring
    #[arg(long, requires = "invoices", hide = true)]
    clients: Option<u64>,
    /// Invoices of those clients
    #[arg(long, requires = "clients", hide = true)]
    invoices: Option<u64>,
}

/// What was made, kept beside the data so that a second start can print it again. The keys open
/// synthetic data only.
#[derive(Serialize, Deserialize)]
struct Made {
    organization_id: String,
    clinic_id: String,
    other_clinic_id: String,
    admin_key: String,
    financial_key: String,
    /// Who calls while it runs.
    #[serde(default)]
    partners: Vec<Connected>,
}

/// Whom the demo invites.
const ADMIN_EMAIL: &str = "alex.morgan@harbor.example";
const ADMIN_NAME: &str = "Alex Morgan";
/// What the admin's key is called, and who runs what uses it.
const ADMIN_KEY_NAME: &str = "Demo admin";
const ADMIN_KEY_RUN_BY: &str = "Your own tools";

/// Makes the data if it is not there yet, and serves it.
pub async fn run(arguments: Arguments, system: System) -> anyhow::Result<()> {
    let place = Place {
        data_dir: arguments.data_dir.clone(),
        database_url: arguments.database_url.clone(),
        documents: arguments.documents.clone(),
        json: arguments.json,
    };
    // Before a minute is spent on data that nobody can then look at.
    is_free(arguments.listen)?;
    let record = arguments.data_dir.join("demo.json");
    let made: Made = if record.exists() {
        serde_json::from_str(&std::fs::read_to_string(&record)?).with_context(|| format!("`{}` is damaged", record.display()))?
    } else {
        let made = make(&arguments, &place, &system).await?;
        write_new(&record, serde_json::to_string_pretty(&made)?.as_bytes())?;
        made
    };
    let limits = if arguments.no_limits { Policy::UNLIMITED } else { Policy::DEFAULT };
    let start = Start { place: &place, listen: arguments.listen, public_url: None, transport: Transport::default(), limits };
    let ready = prepare(start, system.clone()).await?;
    // What was true at the first start may be so no more.
    let standing = Standing::ask(&Client::beside(ready.door(), system), &made).await?;
    tell::tell(&ready.base_url, &made, &standing, &arguments)?;
    let calls = (!arguments.still).then(|| tokio::spawn(traffic::go_on(ready.door(), made.partners)));
    let served = ready.serve().await;
    if let Some(calls) = calls {
        calls.abort();
    }
    served
}

/// Refuses an address that cannot be listened on.
fn is_free(listen: SocketAddr) -> anyhow::Result<()> {
    match std::net::TcpListener::bind(listen) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            let other = SocketAddr::new(listen.ip(), listen.port().checked_add(1).unwrap_or_default());
            anyhow::bail!(
                "--listen: another program listens on {listen} already; stop it, or choose another address, such as `--listen {other}`"
            )
        }
        Err(error) => Err(error).with_context(|| format!("--listen: {listen} cannot be listened on")),
    }
}

async fn make(arguments: &Arguments, place: &Place, system: &System) -> anyhow::Result<Made> {
    anyhow::ensure!(
        !DataDir::exists(&place.data_dir),
        "`{}` is a data directory, but not one that `clinicos demo` finished; remove it, or choose another with `--data-dir`",
        place.data_dir.display()
    );
    DataDir::create(&place.data_dir, Environment::Sandbox, place.database_url.clone(), &*system.entropy)?;
    // What a clinic has seen in three months is made in a minute: by real calls, at a clock that
    // begins in the past.
    let behind = if arguments.still { 0 } else { BEGUN_DAYS * US_PER_DAY };
    let (present, clock) = (system.clock.now(), Arc::new(PastClock::new(system.clock.clone(), behind)));
    let client = Client::open(place, System { clock: clock.clone(), entropy: system.entropy.clone() }).await?;
    let plans = [0, 1].map(|place| plan(arguments, place, present));
    let practice = plans[0].practice();
    let first = clinic::create(&client, &synth::new_clinic(&plans[0])).await?;
    let other = clinic::create(&client, &synth::new_clinic(&plans[1])).await?;
    let (clinic_id, other_clinic_id) = (output::text(&first, "id"), output::text(&other, "id"));
    if let Some((clients, invoices)) = arguments.clients.zip(arguments.invoices) {
        fill(&client, &clinic_id, arguments.seed, clients, invoices, arguments.json).await?;
        fill(&client, &other_clinic_id, arguments.seed.wrapping_add(1), 60, 400, true).await?;
    } else {
        synth::take_in(&client, &clinic_id, &plans[0], arguments.json).await?;
        synth::take_in(&client, &other_clinic_id, &plans[1], true).await?;
    }
    let books = connect(&client, &clinic_id, &BOOKS).await?;
    let financial_key = books.key.clone();
    let mut partners = vec![books];
    if !arguments.still {
        for partner in OTHERS {
            partners.push(connect(&client, &clinic_id, partner).await?);
        }
        let zone = clinicos_contract::time::zone(practice.time_zone).unwrap_or(TimeZone::UTC);
        history::play(&clock, &client, &clinic_id, &partners, (present, &zone)).await?;
    }
    let admin = json!({
        "name": ADMIN_KEY_NAME, "run_by": ADMIN_KEY_RUN_BY, "purpose": "operations", "reason": "Looks after the clinic's connections",
        "scopes": key::admin_scopes()?, "categories": Category::NAMES,
    });
    let admin = client.call("POST", &format!("/v1/keys?clinic_id={clinic_id}"), Some(&admin)).await?;
    client.close().await?;
    Ok(Made {
        admin_key: output::text(&admin, "secret"),
        financial_key,
        organization_id: output::text(&first, "organization_id"),
        clinic_id,
        other_clinic_id,
        partners,
    })
}

/// Makes a partner's key, and its connection with it.
async fn connect(client: &Client, clinic_id: &str, partner: &Partner) -> anyhow::Result<Connected> {
    let key = client.call("POST", &format!("/v1/keys?clinic_id={clinic_id}"), Some(&partner.new_key())).await?;
    Ok(Connected { habit: partner.habit, key: output::text(&key, "secret"), connection_id: output::text(&key, "connection_id") })
}

/// What a clinic is filled with: all that happened up to yesterday.
fn plan(arguments: &Arguments, clinic: u32, present: Timestamp) -> Plan {
    let until = present.plus_micros(-US_PER_DAY).day_in(&TimeZone::UTC);
    let visits_per_day = if clinic == 0 { arguments.visits_per_day } else { OTHER_VISITS_PER_DAY };
    Plan { seed: arguments.seed, clinic, years: YEARS, until, visits_per_day }
}

/// Fills a clinic with synthetic data, batch by batch, through the door.
async fn fill(client: &Client, clinic_id: &str, seed: u64, clients: u64, invoices: u64, quiet: bool) -> anyhow::Result<()> {
    let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(clients) };
    bar.set_style(ProgressStyle::with_template("  making clients and their invoices {bar:40} {pos}/{len}")?);
    let mut first = 0;
    while first < clients {
        let count = BATCH_CLIENTS.min(clients - first);
        let body = json!({
            "seed": seed, "clients": clients, "invoices": invoices, "years": BATCH_YEARS, "first_client": first, "count": count,
        });
        client.call("POST", &format!("/v1/synthetic_batches?clinic_id={clinic_id}"), Some(&body)).await?;
        first += count;
        bar.set_position(first);
    }
    bar.finish_and_clear();
    Ok(())
}
