//! `clinicos key create|list|rotate|revoke`

use anyhow::Context as _;
use clap::Subcommand;
use clap::builder::{PossibleValue, PossibleValuesParser};
use clinicos_consent::RecipientClass;
use clinicos_contract::{Category, Purpose};
use serde_json::{Value, json};

use super::client::Client;
use super::{Place, System, clinic, output};
use crate::compose;

const SECONDS_PER_DAY: i64 = 86_400;
/// Most days that a key is given: ten years.
const DAYS_MAX: i64 = 3_650;

/// What can be done with keys.
#[derive(Subcommand)]
#[expect(clippy::large_enum_variant, reason = "it is read once, from the command line")]
pub enum Command {
    /// Create a key; it is shown once
    Create {
        #[command(flatten)]
        place: Place,
        /// The clinic's id; repeated, the key is for all of these clinics of one organization
        #[arg(long = "clinic", value_name = "CLINIC", required = true)]
        clinics: Vec<String>,
        /// Let further clinics of the organization let the key in
        #[arg(long)]
        for_organization: bool,
        /// Let in a key of this id that another clinic of the organization has, and make none
        #[arg(long, value_name = "KEY", conflicts_with = "for_organization")]
        existing: Option<String>,
        /// What people will call it
        #[arg(long)]
        name: String,
        /// Why the clinic grants it
        #[arg(long)]
        reason: String,
        /// Who runs the program that will use it: a company, or a person
        #[arg(long)]
        run_by: Option<String>,
        /// What its data will be used for
        #[arg(long, required_unless_present = "admin", value_parser = purposes())]
        purpose: Option<String>,
        /// What sort of recipient gets the data, which decides what clients' consents mean for it
        #[arg(long, default_value = "clinic", value_parser = recipients())]
        recipient: String,
        /// What it may do, such as invoices:read; can be repeated
        #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',', required_unless_present = "admin", value_parser = scopes())]
        scopes: Vec<String>,
        /// Everything that a clinic can grant, for an admin's own use
        #[arg(long, conflicts_with = "scopes")]
        admin: bool,
        /// In how many days it ends; without this and `--expires-at`, it never does
        #[arg(long, conflicts_with = "expires_at", value_parser = clap::value_parser!(i64).range(1..=DAYS_MAX))]
        days: Option<i64>,
        /// When it ends, as RFC 3339
        #[arg(long)]
        expires_at: Option<String>,
        /// An origin whose web pages may call with it, such as https://tool.example; can be repeated
        #[arg(long = "browser-origin", value_delimiter = ',')]
        browser_origins: Vec<String>,
        /// An address or network from which it may be used, such as 203.0.113.0/24; can be repeated
        #[arg(long = "allow", value_delimiter = ',')]
        allow: Vec<String>,
    },
    /// List a clinic's keys
    List {
        #[command(flatten)]
        place: Place,
        /// The clinic's id
        #[arg(long)]
        clinic: String,
    },
    /// Replace a key by a new one, which is shown once; for a while both work
    Rotate {
        #[command(flatten)]
        place: Place,
        /// The clinic's id
        #[arg(long)]
        clinic: String,
        /// How long the old key works on: 0 to 168
        #[arg(long, default_value_t = 24)]
        overlap_hours: u32,
        /// Why; stands in the connection's history
        #[arg(long)]
        reason: Option<String>,
        /// The id of the key to replace
        key: String,
    },
    /// Revoke a key, for good
    Revoke {
        #[command(flatten)]
        place: Place,
        /// The clinic's id
        #[arg(long)]
        clinic: String,
        /// The key's id
        key: String,
    },
}

/// Runs it.
pub async fn run(command: Command, system: System) -> anyhow::Result<()> {
    match command {
        Command::Create {
            place,
            clinics,
            for_organization,
            existing,
            name,
            reason,
            run_by,
            purpose,
            recipient,
            scopes,
            admin,
            days,
            expires_at,
            browser_origins,
            allow,
        } => {
            let expires_at = expires_at.or_else(|| Some(system.clock.now().plus_seconds(days? * SECONDS_PER_DAY).to_string()));
            let client = Client::open(&place, system).await?;
            let scopes = if admin { admin_scopes()? } else { scopes };
            let purpose = purpose.unwrap_or_else(|| "operations".to_owned());
            let mut body = json!({
                "name": name, "reason": reason, "run_by": run_by, "purpose": purpose, "recipient": recipient, "scopes": scopes, "browser_origins": browser_origins,
                "allowed_addresses": allow,
            });
            if let (Some(at), Value::Object(members)) = (expires_at, &mut body) {
                members.insert("expires_at".to_owned(), json!(at));
            }
            if let (true, Value::Object(members)) = (admin, &mut body) {
                members.insert("categories".to_owned(), json!(Category::NAMES));
            }
            if let (true, Value::Object(members)) = (for_organization || clinics.len() > 1, &mut body) {
                members.insert("for_organization".to_owned(), json!(true));
            }
            let made = create(&client, &place, &clinics, existing, body).await;
            client.close().await?;
            made?;
        }
        Command::Rotate { place, clinic, overlap_hours, reason, key } => {
            let client = Client::open(&place, system).await?;
            let mut body = json!({"overlap_hours": overlap_hours});
            if let (Some(reason), Value::Object(members)) = (reason, &mut body) {
                members.insert("reason".to_owned(), json!(reason));
            }
            let new = client.call("POST", &format!("/v1/keys/{key}/rotate?clinic_id={clinic}"), Some(&body)).await;
            let new = clinic::settle(client, &place, &clinic, Some(("key", &key)), new).await?;
            if place.json {
                output::json(&new);
            } else {
                shown_once("replaced it by", &new);
                output::line(&format!("the old key {key} works on for {overlap_hours} hours"));
            }
        }
        Command::List { place, clinic } => show_all(&place, &clinic, system).await?,
        Command::Revoke { place, clinic, key } => {
            let client = Client::open(&place, system).await?;
            let revoked = client.call("POST", &format!("/v1/keys/{key}/revoke?clinic_id={clinic}"), None).await;
            let revoked = clinic::settle(client, &place, &clinic, Some(("key", &key)), revoked).await?;
            if place.json {
                output::json(&revoked);
            } else {
                output::line(&format!("revoked {}; no later call with it is accepted", output::text(&revoked, "id")));
            }
        }
    }
    Ok(())
}

/// Makes a key at the first clinic, unless it exists, and has the others let it in. What was made is
/// shown in any case: its secret is in no other answer.
async fn create(
    client: &Client,
    place: &Place,
    clinics: &[String],
    existing: Option<String>,
    mut body: Value,
) -> anyhow::Result<()> {
    check_clinics(client, place, clinics).await?;
    let (mut id, mut let_in_by) = (existing, Vec::new());
    for clinic in clinics {
        if let (Some(id), Value::Object(members)) = (&id, &mut body) {
            members.insert("existing_key_id".to_owned(), json!(id));
        }
        let called = client.call("POST", &format!("/v1/keys?clinic_id={clinic}"), Some(&body)).await;
        let called = clinic::explain(client, place, clinic, None, called).await;
        let key = called.with_context(|| match let_in_by.as_slice() {
            [] => "no key was made".to_owned(),
            done => format!("the key {} works at {} alone", id.as_deref().unwrap_or_default(), done.join(", ")),
        })?;
        let_in_by.push(clinic.clone());
        id.get_or_insert_with(|| output::text(&key, "id"));
        match (place.json, output::text(&key, "secret").is_empty()) {
            (true, _) => output::json(&key),
            (false, false) => {
                shown_once("created", &key);
                output::line(&ends(&key));
            }
            (false, true) => {
                let (id, hint) = (output::text(&key, "id"), output::text(&key, "hint"));
                output::line(&format!("{clinic} lets in {id}, which starts with {hint}"));
            }
        }
    }
    Ok(())
}

/// Finds out what would stop a later one of several clinics, before a key is made at the first.
async fn check_clinics(client: &Client, place: &Place, clinics: &[String]) -> anyhow::Result<()> {
    let mut organization: Option<String> = None;
    for (at, clinic) in clinics.iter().enumerate().filter(|_| clinics.len() > 1) {
        let is_again = clinics.iter().take(at).any(|before| before == clinic);
        anyhow::ensure!(!is_again, "--clinic {clinic}: is given twice; no key was made");
        let found = client.call("GET", &format!("/v1/clinics/{clinic}"), None).await;
        let found = clinic::explain(client, place, clinic, None, found).await.context("no key was made")?;
        let own = output::text(&found, "organization_id");
        let is_same = organization.get_or_insert_with(|| own.clone()) == &own;
        anyhow::ensure!(is_same, "--clinic {clinic}: is of another organization than the first one; no key was made");
    }
    Ok(())
}

/// Lists a clinic's keys.
async fn show_all(place: &Place, clinic: &str, system: System) -> anyhow::Result<()> {
    let client = Client::open(place, system).await?;
    let keys = client.list(&format!("/v1/keys?limit=200&clinic_id={clinic}")).await;
    let keys = clinic::settle(client, place, clinic, None, keys).await?;
    if place.json {
        output::json(&json!({"data": keys}));
    } else {
        let row =
            |key: &Value| ["id", "name", "hint", "state", "expires_at", "ends_at"].map(|field| output::text(key, field)).to_vec();
        output::table(&["ID", "NAME", "STARTS WITH", "STATE", "EXPIRES", "ENDS"], &keys.iter().map(row).collect::<Vec<_>>());
    }
    Ok(())
}

/// Until when a key works.
fn ends(key: &Value) -> String {
    match (output::text(key, "expires_at"), output::text(key, "id")) {
        (at, _) if !at.is_empty() => format!("it ends at {at}"),
        (_, id) if key.get("for_organization") == Some(&Value::Bool(true)) => {
            format!(
                "it never ends by itself: `--days 90` would have given it an end; `clinicos key revoke` ends it ({id}) at a clinic"
            )
        }
        (_, id) => format!(
            "it never ends by itself: `--days 90` would have given it an end; `clinicos key rotate` replaces it, and \
             `clinicos key revoke` ends it ({id})"
        ),
    }
}

fn shown_once(what: &str, key: &Value) {
    let (name, id) = (output::text(key, "name"), output::text(key, "id"));
    output::line(&format!("{what} {name} ({id}); the key is shown this once:"));
    output::line(&format!("  {}", output::text(key, "secret")));
}

/// Purposes, each with what it covers.
fn purposes() -> PossibleValuesParser {
    Purpose::ALL.iter().map(|purpose| PossibleValue::new(purpose.name()).help(purpose.words())).collect::<Vec<_>>().into()
}

/// Sorts of recipients, each with what it is.
fn recipients() -> PossibleValuesParser {
    let words = RecipientClass::WORDS.iter().map(|word| PossibleValue::new(word.name).help(word.doc.trim()));
    words.collect::<Vec<_>>().into()
}

/// Scopes. Of a catalogue that cannot be put together, which the command itself reports, there are none.
fn scopes() -> PossibleValuesParser {
    PossibleValuesParser::new(admin_scopes().unwrap_or_default().into_iter().map(PossibleValue::new))
}

/// Every scope that a clinic can grant: those of operations that are not the operator's alone.
pub fn admin_scopes() -> anyhow::Result<Vec<String>> {
    let catalogue = compose::catalogue()?;
    let mut scopes: Vec<String> =
        catalogue.specs().filter(|spec| !spec.is_operators() && !spec.is_open()).map(clinicos_contract::Spec::scope).collect();
    scopes.sort();
    scopes.dedup();
    Ok(scopes)
}
