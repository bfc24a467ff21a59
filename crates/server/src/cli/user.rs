//! `clinicos user invite|list|second-factor-off`

use anyhow::Context as _;
use clap::Subcommand;
use clinicos_gate::sign_in::email_key;
use serde_json::{Value, json};

use super::client::Client;
use super::{Place, System, output};

/// Where a server will be reached that never ran, unless told otherwise.
pub const BASE_URL: &str = "http://127.0.0.1:8080";

/// What can be done with people.
#[derive(Subcommand)]
pub enum Command {
    /// Invite a person to the console; prints a link that works once
    Invite {
        #[command(flatten)]
        place: Place,
        /// The clinic's id
        #[arg(long)]
        clinic: String,
        /// Their e-mail address, with which they sign in
        #[arg(long)]
        email: String,
        /// What they are called
        #[arg(long)]
        name: String,
        /// What they are at the clinic: Admin, who decides; DVM, CSR, VA, Manager or InventoryManager, who look
        #[arg(long, default_value = "Admin")]
        role: String,
        /// Where the server is reached, for the link; as the running server says, if left out
        #[arg(long, value_name = "URL")]
        public_url: Option<String>,
    },
    /// Turn off the second factor of a person who lost both phone and recovery codes; make sure that it is them
    SecondFactorOff {
        #[command(flatten)]
        place: Place,
        /// The clinic's id
        #[arg(long)]
        clinic: String,
        /// Their e-mail address
        #[arg(long)]
        email: String,
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
        Command::Invite { place, clinic, email, name, role, public_url } => {
            let client = Client::open(&place, system).await?;
            let user = invite(&client, &clinic, &json!({"email": email, "name": name, "role": role})).await;
            let known = client.base_url().await;
            client.close().await?;
            let user = user?;
            let base_url = public_url.or(known?).unwrap_or_else(|| BASE_URL.to_owned());
            let link = link(&base_url, &output::text(&user, "invitation"));
            if place.json {
                output::json(&json!({"user_id": output::text(&user, "id"), "setup_url": link}));
            } else {
                output::line(&format!("invited {name} ({})", output::text(&user, "id")));
                output::line(&format!("open this link within 7 days; it works once: {link}"));
            }
        }
        Command::SecondFactorOff { place, clinic, email } => {
            let client = Client::open(&place, system).await?;
            let turned = second_factor_off(&client, &clinic, &email).await;
            client.close().await?;
            let user = turned?;
            if place.json {
                output::json(&user);
            } else {
                output::line(&format!("no code is asked for any more when {} signs in", output::text(&user, "name")));
            }
        }
        Command::List { place, clinic } => {
            let client = Client::open(&place, system).await?;
            let users = client.list(&format!("/v1/users?limit=200&clinic_id={clinic}")).await?;
            client.close().await?;
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

async fn second_factor_off(client: &Client, clinic: &str, email: &str) -> anyhow::Result<Value> {
    let users = client.list(&format!("/v1/users?limit=200&clinic_id={clinic}")).await?;
    let same = |user: &&Value| email_key(&output::text(user, "email")) == email_key(email);
    let user = users.iter().find(same).with_context(|| format!("nobody at this clinic signs in as `{email}`"))?;
    let target = format!("/v1/users/{}/end_second_factor?clinic_id={clinic}", output::text(user, "id"));
    client.call("POST", &target, None).await
}

/// The link of an invitation.
pub fn link(base_url: &str, token: &str) -> String {
    format!("{}/console/welcome?token={token}", base_url.trim_end_matches('/'))
}
