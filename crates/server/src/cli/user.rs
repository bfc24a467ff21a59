//! `clinicos user invite|reinvite|disable|list|second-factor-off`

use anyhow::Context as _;
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use clinicos_gate::people::Role;
use clinicos_gate::sign_in::email_key;
use serde_json::{Value, json};

use super::client::Client;
use super::{Place, System, clinic, output};

/// Where a server will be reached that never ran, unless told otherwise.
pub const BASE_URL: &str = "http://127.0.0.1:8080";

/// A person of a clinic.
#[derive(Args)]
pub struct Whom {
    #[command(flatten)]
    place: Place,
    /// The clinic's id
    #[arg(long)]
    clinic: String,
    /// Their e-mail address, with which they sign in
    #[arg(long)]
    email: String,
}

/// What can be done with people.
#[derive(Subcommand)]
pub enum Command {
    /// Invite a person to the console; prints a link that works once
    Invite {
        #[command(flatten)]
        whom: Whom,
        /// What they are called
        #[arg(long)]
        name: String,
        /// What they are at the clinic: Admin, who decides; DVM, CSR, VA, Manager or InventoryManager, who look
        #[arg(long, default_value = Role::Admin.name(), value_parser = PossibleValuesParser::new(Role::NAMES))]
        role: String,
        /// Where the server is reached, for the link; as the running server says, if left out
        #[arg(long, value_name = "URL")]
        public_url: Option<String>,
    },
    /// Invite a person anew who lost the password, or whose link ran out; prints a link that works once
    Reinvite {
        #[command(flatten)]
        whom: Whom,
        /// Where the server is reached, for the link; as the running server says, if left out
        #[arg(long, value_name = "URL")]
        public_url: Option<String>,
    },
    /// End a person's access: they are signed out, and an invitation that is open works no more
    Disable {
        #[command(flatten)]
        whom: Whom,
    },
    /// Turn off the second factor of a person who lost both phone and recovery codes; make sure that it is them
    SecondFactorOff {
        #[command(flatten)]
        whom: Whom,
    },
    /// List a clinic's people
    List {
        #[command(flatten)]
        place: Place,
        /// The clinic's id
        #[arg(long)]
        clinic: String,
    },
}

/// Runs it.
pub async fn run(command: Command, system: System) -> anyhow::Result<()> {
    match command {
        Command::Invite { whom: Whom { place, clinic, email }, name, role, public_url } => {
            let client = Client::open(&place, system).await?;
            let user = invite(&client, &clinic, &json!({"email": email, "name": name, "role": role})).await;
            let known = client.base_url().await;
            let user = clinic::settle(client, &place, &clinic, None, user).await?;
            show_link(&place, &user, public_url.or(known?));
        }
        Command::Reinvite { whom: Whom { place, clinic, email }, public_url } => {
            let client = Client::open(&place, system).await?;
            let user = reinvite(&client, &clinic, &email).await;
            let known = client.base_url().await;
            let user = clinic::settle(client, &place, &clinic, None, user).await?;
            show_link(&place, &user, public_url.or(known?));
        }
        Command::Disable { whom: Whom { place, clinic, email } } => {
            let client = Client::open(&place, system).await?;
            let disabled = disable(&client, &clinic, &email).await;
            let user = clinic::settle(client, &place, &clinic, None, disabled).await?;
            if place.json {
                output::json(&user);
            } else {
                output::line(&format!("{} may not sign in any more", output::text(&user, "name")));
            }
        }
        Command::SecondFactorOff { whom: Whom { place, clinic, email } } => {
            let client = Client::open(&place, system).await?;
            let turned = second_factor_off(&client, &clinic, &email).await;
            let user = clinic::settle(client, &place, &clinic, None, turned).await?;
            if place.json {
                output::json(&user);
            } else {
                output::line(&format!("no code is asked for any more when {} signs in", output::text(&user, "name")));
            }
        }
        Command::List { place, clinic } => {
            let client = Client::open(&place, system).await?;
            let users = client.list(&format!("/v1/users?limit=200&clinic_id={clinic}")).await;
            let users = clinic::settle(client, &place, &clinic, None, users).await?;
            if place.json {
                output::json(&json!({"data": users}));
            } else {
                let row = |user: &Value| ["id", "name", "email", "role", "state"].map(|f| output::text(user, f)).to_vec();
                output::table(&["ID", "NAME", "E-MAIL", "ROLE", "STATE"], &users.iter().map(row).collect::<Vec<_>>());
            }
        }
    }
    Ok(())
}

/// Invites a person; the answer holds the token.
pub async fn invite(client: &Client, clinic: &str, body: &Value) -> anyhow::Result<Value> {
    client.call("POST", &format!("/v1/users?clinic_id={clinic}"), Some(body)).await
}

fn show_link(place: &Place, user: &Value, base_url: Option<String>) {
    let link = link(base_url.as_deref().unwrap_or(BASE_URL), &output::text(user, "invitation"));
    if place.json {
        output::json(&json!({"user_id": output::text(user, "id"), "setup_url": link}));
    } else {
        output::line(&format!("invited {} ({})", output::text(user, "name"), output::text(user, "id")));
        output::line(&format!("open this link within 7 days; it works once: {link}"));
    }
}

/// The person who signs in with an address.
pub async fn find(client: &Client, clinic: &str, email: &str) -> anyhow::Result<Option<Value>> {
    let users = client.list(&format!("/v1/users?limit=200&clinic_id={clinic}")).await?;
    let same = |user: &Value| email_key(&output::text(user, "email")) == email_key(email);
    Ok(users.into_iter().find(same))
}

async fn known(client: &Client, clinic: &str, email: &str) -> anyhow::Result<Value> {
    find(client, clinic, email).await?.with_context(|| format!("nobody at this clinic signs in as `{email}`"))
}

/// Invites a person anew; the answer holds the token.
pub async fn reinvite(client: &Client, clinic: &str, email: &str) -> anyhow::Result<Value> {
    let user = known(client, clinic, email).await?;
    let target = format!("/v1/users/{}/reinvite?clinic_id={clinic}", output::text(&user, "id"));
    client.call("POST", &target, None).await
}

async fn disable(client: &Client, clinic: &str, email: &str) -> anyhow::Result<Value> {
    let user = known(client, clinic, email).await?;
    let version = user.get("version").and_then(Value::as_i64).unwrap_or_default();
    let target = format!("/v1/users/{}?clinic_id={clinic}", output::text(&user, "id"));
    client.change(&target, version, &json!({"state": "disabled"})).await
}

async fn second_factor_off(client: &Client, clinic: &str, email: &str) -> anyhow::Result<Value> {
    let user = known(client, clinic, email).await?;
    let target = format!("/v1/users/{}/end_second_factor?clinic_id={clinic}", output::text(&user, "id"));
    client.call("POST", &target, None).await
}

/// The link of an invitation.
pub fn link(base_url: &str, token: &str) -> String {
    format!("{}/console/welcome?token={token}", base_url.trim_end_matches('/'))
}
