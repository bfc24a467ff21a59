//! Who did it, by name: connections, people, and the connections of keys. What a page needs of
//! them is read when it needs it: each read is an entry of the log, too.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Web;
use super::ask::text;
use super::connection::people;
use super::connections::named;
use super::respond::Refused;
use super::visit::Visit;

/// Whoever runs the server, to people of the clinic.
pub const OPERATOR: &str = "The person who runs the server";

/// Whether one of these entries is a person's.
pub fn names_people(entries: &[Value]) -> bool {
    entries.iter().any(|entry| text(entry, "actor") == "user")
}

/// Names, by ids.
#[derive(Default)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// Of these.
    pub fn of(known: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(known.into_iter().collect())
    }

    /// With these, too.
    pub fn with(mut self, known: BTreeMap<String, String>) -> Self {
        self.0.extend(known);
        self
    }

    /// With those of people, if one of these entries is a person's.
    pub async fn with_people_of(mut self, web: &Web, visit: &Visit, entries: &[Value]) -> Result<Self, Box<Refused>> {
        if names_people(entries) {
            self.0.extend(people(web, visit).await?);
        }
        Ok(self)
    }

    /// With those of people, and of the connections whose keys made one of these changes.
    pub async fn of_changes(web: &Web, visit: &Visit, changes: &[Value]) -> Result<Self, Box<Refused>> {
        Self::of_people(web, visit).await?.with_keys_of(web, visit, changes).await
    }

    /// Those of people.
    pub async fn of_people(web: &Web, visit: &Visit) -> Result<Self, Box<Refused>> {
        Ok(Self(people(web, visit).await?))
    }

    /// The same with those of the connections whose keys made these changes.
    pub async fn with_keys_of(mut self, web: &Web, visit: &Visit, changes: &[Value]) -> Result<Self, Box<Refused>> {
        if !changes.iter().any(|change| text(change, "actor").starts_with("key_")) {
            return Ok(self);
        }
        let connections: BTreeMap<String, String> = named(web, visit).await?.into_iter().map(|one| (one.id, one.name)).collect();
        let keys = web.all(visit, "keys.list", "&fields=connection_id").await?;
        let of_key = |key: &Value| Some((text(key, "id"), connections.get(&text(key, "connection_id"))?.clone()));
        self.0.extend(keys.iter().filter_map(of_key));
        Ok(self)
    }

    /// Who made a call.
    pub fn who(&self, entry: &Value) -> String {
        let name = |field: &str| self.0.get(&text(entry, field)).cloned();
        match text(entry, "actor").as_str() {
            "connection" => name("connection_id").unwrap_or_else(|| text(entry, "connection_id")),
            "user" => name("user_id").unwrap_or_else(|| "A colleague".to_owned()),
            "operator" => OPERATOR.to_owned(),
            _ => "Somebody unknown".to_owned(),
        }
    }

    /// Who made a change of a connection.
    pub fn actor(&self, change: &Value) -> String {
        match text(change, "actor").as_str() {
            "operator" => OPERATOR.to_owned(),
            "anybody" => "Somebody outside".to_owned(),
            actor => self.0.get(actor).cloned().unwrap_or_else(|| format!("The key {actor}")),
        }
    }
}
