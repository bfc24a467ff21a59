//! `consent`: what it costs to ask clients. A key that no client's word binds, over a clinic where nobody said
//! anything, against a key that is bound, over the same clinic where every tenth client refused.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value as Json, json};

use crate::binaries::Binaries;
use crate::console::browser::Browser;
use crate::demo::{Demo, LIST, Sizes, Start, copy_directory};
use crate::door::{busy, fresh_home};
use crate::process;
use crate::report::BUSY_MAX;
use crate::rounds::{self, Plan, Variant};

const SIZES: Sizes = Sizes { invoices: 15_000, clients: 2_000 };
const QUICK_SIZES: Sizes = Sizes { invoices: 3_000, clients: 400 };
/// Of so many clients one refuses.
const ONE_OF: usize = 10;
const CONNECTIONS: &[usize] = &[8, 64];
/// At least this part of the rate without.
const LEAST: f64 = 0.9;
const NOBODY: &str = "nobody was asked";
const TENTH: &str = "a tenth refused";

/// What `consent` is told.
#[derive(Debug, clap::Args)]
pub struct ConsentArgs {
    /// Shorter rounds and less data: for development
    #[arg(long)]
    quick: bool,
    /// Where data is made [default: bench-data in the target directory]
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Measure although the machine has other work
    #[arg(long)]
    noisy: bool,
}

/// Measures. Whether the bar holds.
pub fn run(args: &ConsentArgs) -> Result<bool> {
    let binaries = Binaries::build()?;
    let busy = busy()?;
    if busy > BUSY_MAX && !args.noisy {
        bail!("other work takes {:.0} % of the machine; wait for it to end, or measure with `--noisy`", busy * 100.0);
    }
    let home = fresh_home(args.data_dir.as_deref(), &binaries.target)?;
    let (plan, sizes) = if args.quick { (Plan::QUICK, QUICK_SIZES) } else { (Plan::FULL, SIZES) };
    let (silent, spoken) = (home.join("silent"), home.join("spoken"));
    let start = |directory| Demo::start(Start { binary: &binaries.server, directory, sizes, postgres: None });
    start(&silent)?.server.stop()?;
    copy_directory(&silent, &spoken)?;
    let (nobody, asked) = (start(&silent)?, start(&spoken)?);
    let refused = refuse(&asked)?;
    let bound = bound_key(&binaries, &spoken, &asked)?;
    let hidden = hidden(&asked, &bound)?;
    eprintln!(
        "{refused} clients refused, which hides {hidden} of {} invoices of a page",
        LIST.rsplit('=').next().unwrap_or_default()
    );
    let (lists, gets) = (vec![LIST.to_owned()], nobody.get_targets()?);
    let mut variants = Vec::new();
    for connections in CONNECTIONS.iter().copied() {
        for (call, targets) in [("list", &lists), ("get", &gets)] {
            for (side, demo, key) in [(NOBODY, &nobody, &nobody.key), (TENTH, &asked, &bound)] {
                let (server, address) = (&demo.server, demo.address);
                variants.push(Variant { call, connections, side, server, address, key: Some(key), targets });
            }
        }
    }
    let samples = rounds::run(&binaries.bench, &plan, &variants)?;
    let rows = rounds::rows(&variants, &samples, NOBODY);
    println!("| call | connections | | answers/s | CPU µs | of the rate without | |\n|---|---|---|---|---|---|---|");
    let mut holds = hidden > 0;
    for row in &rows {
        let part = row.of_bare_query.unwrap_or_default();
        let is_held = row.side != TENTH || part >= LEAST;
        holds &= is_held;
        let verdict = if is_held { "PASS" } else { "FAIL" };
        println!(
            "| {} | {} | {} | {:.0} | {:.1} | {part:.2} | {verdict} |",
            row.call, row.connections, row.side, row.rate, row.cpu_us
        );
    }
    nobody.server.stop()?;
    asked.server.stop()?;
    std::fs::remove_dir_all(&home)?;
    Ok(holds)
}

/// Every tenth client refuses that their data is used for payment. Gives how many.
fn refuse(demo: &Demo) -> Result<usize> {
    let admin = format!("Bearer {}", demo.admin_key);
    let mut api = Browser::open(demo.address, BTreeMap::new())?;
    let (mut next, mut clients) = (Some("/v1/clients?limit=200&fields=id".to_owned()), Vec::new());
    while let Some(target) = next.take() {
        let page: Json = serde_json::from_slice(&api.send("GET", &target, &[("authorization", &*admin)], "")?.body)?;
        let records = page.get("data").and_then(Json::as_array).context("the list has no `data`")?;
        clients.extend(records.iter().filter_map(|record| record.get("id").and_then(Json::as_str)).map(str::to_owned));
        let cursor = page.get("next_cursor").and_then(Json::as_str);
        next = cursor.map(|cursor| format!("/v1/clients?limit=200&fields=id&cursor={cursor}"));
    }
    let refusing: Vec<&String> = clients.iter().step_by(ONE_OF).collect();
    for client in &refusing {
        let body = json!({
            "subject": "client", "client_id": client, "category": "data_sharing", "decision": "deny", "purposes": ["payment"],
            "status": "active", "method": "signed",
        });
        let headers = [("authorization", &*admin), ("idempotency-key", client.as_str()), ("content-type", "application/json")];
        let answer = api.send("POST", "/v1/consents", &headers, &body.to_string())?;
        if answer.status != 201 {
            bail!("a consent was answered {}: {}", answer.status, answer.text());
        }
    }
    Ok(refusing.len())
}

/// A key of a program outside the clinic that reads what the financial key reads.
fn bound_key(binaries: &Binaries, directory: &std::path::Path, demo: &Demo) -> Result<String> {
    let mut create = std::process::Command::new(&binaries.server);
    create.args(["key", "create", "--json", "--data-dir"]).arg(directory).args([
        "--clinic",
        &demo.clinic,
        "--name",
        "Books outside",
    ]);
    create.args(["--reason", "Measures", "--purpose", "payment", "--recipient", "service_provider"]);
    create.args(["--scope", "invoices:read"]);
    let made: Json = serde_json::from_str(&process::read(&mut create)?)?;
    made.get("secret").and_then(Json::as_str).map(str::to_owned).context("the key has no secret")
}

/// How many records of a page clients hide something of.
fn hidden(demo: &Demo, key: &str) -> Result<usize> {
    let page = crate::client::get_json(demo.address, LIST, Some(key))?;
    let records = page.get("data").and_then(Json::as_array).context("the list has no `data`")?;
    let says = |record: &&Json| record.get("_redactions").is_some_and(|all| all.to_string().contains("client_consent"));
    Ok(records.iter().filter(says).count())
}
