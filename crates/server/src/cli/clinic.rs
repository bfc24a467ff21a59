//! `clinicos clinic create|list|set`

use clap::Subcommand;
use serde_json::{Value, json};

use super::client::{Client, Refused};
use super::{Place, System, output};

/// Clinics that a message names.
const CLINICS_NAMED: usize = 10;

/// What can be done with clinics.
#[derive(Subcommand)]
pub enum Command {
    /// Create a clinic, and its organization unless one is named by id
    Create {
        #[command(flatten)]
        place: Place,
        /// The organization: an id that exists, or the name of a new one
        #[arg(long)]
        organization: String,
        /// The clinic's name
        #[arg(long)]
        name: String,
        /// Where it is, as an IANA time zone
        #[arg(long, default_value = "America/New_York")]
        time_zone: String,
        /// What it bills in, as an ISO 4217 code
        #[arg(long, default_value = "USD")]
        currency: String,
        /// Its country, as an ISO 3166-1 code
        #[arg(long, default_value = "US")]
        country: String,
    },
    /// List clinics
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Say by whose law a clinic's clients decide about their data: no program can
    Set {
        #[command(flatten)]
        place: Place,
        /// The clinic's id
        #[arg(long)]
        clinic: String,
        /// An ISO 3166-2 code such as US-NY, or `generic`
        #[arg(long)]
        jurisdiction: String,
    },
}

/// Runs it.
pub async fn run(command: Command, system: System) -> anyhow::Result<()> {
    match command {
        Command::Create { place, organization, name, time_zone, currency, country } => {
            let client = Client::open(&place, system).await?;
            let clinic = create(&client, &New { organization, name, time_zone, currency, country }).await?;
            client.close().await?;
            if place.json {
                output::json(&clinic);
            } else {
                output::line(&format!("created {} ({})", output::text(&clinic, "name"), output::text(&clinic, "id")));
            }
        }
        Command::List { place } => {
            let client = Client::open(&place, system).await?;
            let clinics = client.list("/v1/clinics?limit=200").await?;
            client.close().await?;
            if place.json {
                output::json(&json!({"data": clinics}));
            } else {
                let row = |clinic: &Value| {
                    ["id", "name", "organization_id", "status", "timezone"].map(|f| output::text(clinic, f)).to_vec()
                };
                output::table(
                    &["ID", "NAME", "ORGANIZATION", "STATUS", "TIME ZONE"],
                    &clinics.iter().map(row).collect::<Vec<_>>(),
                );
            }
        }
        Command::Set { place, clinic, jurisdiction } => {
            let client = Client::open(&place, system).await?;
            let changed = set(&client, &clinic, &jurisdiction).await;
            let changed = settle(client, &place, &clinic, None, changed).await?;
            if place.json {
                output::json(&changed);
            } else {
                let (name, by) = (output::text(&changed, "name"), output::text(&changed, "jurisdiction"));
                output::line(&format!("clients of {name} decide by the rules of {by}, from the next call on"));
            }
        }
    }
    Ok(())
}

async fn set(client: &Client, clinic: &str, jurisdiction: &str) -> anyhow::Result<Value> {
    let target = format!("/v1/clinics/{clinic}");
    let standing = client.call("GET", &target, None).await?;
    let version = standing.get("version").and_then(Value::as_i64).unwrap_or_default();
    client.change(&target, version, &json!({"jurisdiction": jurisdiction})).await
}

/// Closes the client after a call for one clinic, and says what was missing.
pub async fn settle<T>(
    client: Client,
    place: &Place,
    clinic: &str,
    sought: Option<(&str, &str)>,
    called: anyhow::Result<T>,
) -> anyhow::Result<T> {
    let told = explain(&client, place, clinic, sought, called).await;
    client.close().await?;
    told
}

/// Says by name what did not exist: a clinic that is unknown, with those that there are, else what
/// was `sought` in it, such as a key, and how to list such.
pub async fn explain<T>(
    client: &Client,
    place: &Place,
    clinic: &str,
    sought: Option<(&str, &str)>,
    called: anyhow::Result<T>,
) -> anyhow::Result<T> {
    let is_missing = |error: &anyhow::Error| error.downcast_ref::<Refused>().is_some_and(Refused::is_not_found);
    match called {
        Err(error) if is_missing(&error) => Err(missing(client, place, clinic, sought).await?.unwrap_or(error)),
        other => other,
    }
}

async fn missing(
    client: &Client,
    place: &Place,
    clinic: &str,
    sought: Option<(&str, &str)>,
) -> anyhow::Result<Option<anyhow::Error>> {
    let clinics = client.list("/v1/clinics?limit=200").await?;
    let dir = place.data_dir.display();
    if !clinics.iter().any(|known| output::text(known, "id") == clinic) {
        let known: Vec<String> = clinics
            .iter()
            .take(CLINICS_NAMED)
            .map(|known| format!("\n  {}  {}", output::text(known, "id"), output::text(known, "name")))
            .collect();
        let there_are = match (known.len(), clinics.len()) {
            (0, _) => format!("there is none yet; make one with `clinicos clinic create --data-dir {dir}`"),
            (named, all) if named < all => {
                format!("`clinicos clinic list --data-dir {dir}` lists all {all}, such as:{}", known.concat())
            }
            _ => format!("there are:{}", known.concat()),
        };
        return Ok(Some(anyhow::anyhow!("there is no clinic `{clinic}` here; {there_are}")));
    }
    Ok(sought.map(|(what, id)| {
        anyhow::anyhow!(
            "this clinic has no {what} `{id}`; list them with `clinicos {what} list --data-dir {dir} --clinic {clinic}`"
        )
    }))
}

/// A clinic to be made.
pub struct New {
    /// An organization's id, or the name of a new one.
    pub organization: String,
    /// The clinic's name.
    pub name: String,
    /// IANA.
    pub time_zone: String,
    /// ISO 4217.
    pub currency: String,
    /// ISO 3166-1.
    pub country: String,
}

/// Makes a clinic, and its organization unless one is named by id.
pub async fn create(client: &Client, new: &New) -> anyhow::Result<Value> {
    let organization_id = if new.organization.starts_with("org_") {
        new.organization.clone()
    } else {
        output::text(&client.call("POST", "/v1/organizations", Some(&organization_body(new))).await?, "id")
    };
    client.call("POST", "/v1/clinics", Some(&clinic_body(new, &organization_id))).await
}

/// What makes its organization.
pub fn organization_body(new: &New) -> Value {
    json!({"name": new.organization, "type": "independent", "default_currency": new.currency, "country": new.country})
}

/// What makes the clinic.
pub fn clinic_body(new: &New, organization_id: &str) -> Value {
    json!({
        "organization_id": organization_id, "name": new.name, "type": "general",
        "timezone": new.time_zone, "currency": new.currency, "status": "active",
    })
}
