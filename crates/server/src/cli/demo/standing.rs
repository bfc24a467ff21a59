//! What is still true of a demo that was started before: whether its admin chose a password, and
//! whether its keys work. Asked of the door, as the operator, at every start.

use anyhow::Context as _;
use serde_json::{Value, json};

use super::{ADMIN_EMAIL, ADMIN_NAME, Made};
use crate::cli::client::Client;
use crate::cli::{output, user};

/// How the clinic's admin comes in.
pub enum WayIn {
    /// By the token of an invitation, which works once.
    Link(String),
    /// By the password that they chose, and a second factor if they turned one on.
    Password { second_factor: bool },
    /// Not at all: their access was ended.
    ShutOut,
}

/// Whether a key works.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// It does.
    Works,
    /// Its connection is paused; it works when that is resumed.
    Paused,
    /// It was revoked, or its end came.
    Over,
}

/// What is true now.
pub struct Standing {
    pub way_in: WayIn,
    pub admin_key: KeyState,
    pub financial_key: KeyState,
}

impl Standing {
    /// Asks. An admin who never came in is invited anew, so that the link that is printed works.
    pub async fn ask(client: &Client, made: &Made) -> anyhow::Result<Self> {
        let clinic = &made.clinic_id;
        let keys = client.list(&format!("/v1/keys?limit=200&clinic_id={clinic}")).await?;
        let connections = client.list(&format!("/v1/connections?limit=200&clinic_id={clinic}")).await?;
        let state = |key: &str| key_state(key, &keys, &connections);
        Ok(Self {
            way_in: way_in(client, clinic).await?,
            admin_key: state(&made.admin_key),
            financial_key: state(&made.financial_key),
        })
    }
}

async fn way_in(client: &Client, clinic: &str) -> anyhow::Result<WayIn> {
    let invited = match user::find(client, clinic, ADMIN_EMAIL).await? {
        None => {
            let person = json!({"email": ADMIN_EMAIL, "name": ADMIN_NAME, "role": "Admin"});
            user::invite(client, clinic, &person).await?
        }
        Some(admin) => match output::text(&admin, "state").as_str() {
            "invited" => user::reinvite(client, clinic, ADMIN_EMAIL).await?,
            "active" => {
                let second_factor = admin.get("second_factor").and_then(Value::as_bool).unwrap_or_default();
                return Ok(WayIn::Password { second_factor });
            }
            _ => return Ok(WayIn::ShutOut),
        },
    };
    let token = invited.get("invitation").and_then(Value::as_str).context("the invitation has no token")?;
    Ok(WayIn::Link(token.to_owned()))
}

/// A key is known again by its first characters, which its record holds.
fn key_state(key: &str, keys: &[Value], connections: &[Value]) -> KeyState {
    let is_it = |record: &&Value| record.get("hint").and_then(Value::as_str).is_some_and(|hint| key.starts_with(hint));
    let Some(record) = keys.iter().find(is_it) else { return KeyState::Over };
    let connection = connections.iter().find(|connection| connection.get("id") == record.get("connection_id"));
    let state_of = |record: Option<&Value>| record.map(|record| output::text(record, "state")).unwrap_or_default();
    match (state_of(Some(record)).as_str(), state_of(connection).as_str()) {
        ("active" | "ending", "active") => KeyState::Works,
        ("active" | "ending", "paused") => KeyState::Paused,
        _ => KeyState::Over,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_works_if_it_and_its_connection_do() {
        let of = |key: &str, connection: &str| {
            let keys = [json!({"hint": "cos_sandbox_abcd", "connection_id": "con_1", "state": key})];
            let connections = [json!({"id": "con_0", "state": "revoked"}), json!({"id": "con_1", "state": connection})];
            key_state("cos_sandbox_abcdefgh", &keys, &connections)
        };
        assert!(of("active", "active") == KeyState::Works && of("ending", "active") == KeyState::Works);
        assert!(of("active", "paused") == KeyState::Paused);
        assert!(of("revoked", "active") == KeyState::Over && of("expired", "paused") == KeyState::Over);
        assert!(of("active", "revoked") == KeyState::Over);
        assert!(key_state("cos_sandbox_other", &[json!({"hint": "cos_sandbox_abcd"})], &[]) == KeyState::Over);
    }
}
