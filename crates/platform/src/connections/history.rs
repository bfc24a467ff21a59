//! What was changed about a connection: rows that are only ever added.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use clinicos_contract::schema::Schema;
use clinicos_contract::wire::{Doc, Document};
use clinicos_contract::{Category, Field, Problem, RateClass, Shape, Timestamp, record, words};
use clinicos_gate::{ClinicId, ConnectionChangeId, ConnectionId, Cx, OrProblem as _};
use serde::{Deserialize, Serialize};

use super::model::{Connection, Names, State};
use super::rows;
use crate::grantor::grantor;

words! {
    /// What was done to a connection.
    What {
        /// It was made.
        Created = "created",
        /// What it may do changed.
        Changed = "changed",
        /// It was paused.
        Paused = "paused",
        /// It was resumed.
        Resumed = "resumed",
        /// Oversight suspended it.
        Suspended = "suspended",
        /// It was ended, for good.
        Revoked = "revoked",
        /// A further key was made for it.
        KeyAdded = "key_added",
        /// One of its keys was replaced by another.
        KeyRotated = "key_rotated",
        /// One of its keys was changed.
        KeyChanged = "key_changed",
        /// One of its keys was ended, for good.
        KeyRevoked = "key_revoked",
        /// One of its keys was found where it does not belong, and ended.
        KeyLeaked = "key_leaked",
    }
}

impl What {
    /// What brings a connection to a state.
    pub fn of(state: State) -> Self {
        match state {
            State::Active => Self::Resumed,
            State::Paused => Self::Paused,
            State::Suspended => Self::Suspended,
            State::Revoked => Self::Revoked,
        }
    }
}

/// A value that went, came, or became another.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct Detail {
    /// The field; a member of it behind a point, such as `limits.read`.
    pub field: String,
    /// What was there before.
    pub from: Option<String>,
    /// What is there now.
    pub to: Option<String>,
}

/// What a change made of each field.
#[derive(Debug, Clone, Serialize, Deserialize, Default, PartialEq, Eq)]
#[serde(transparent)]
pub struct Details(pub Vec<Detail>);

/// The fields of a detail.
pub static DETAIL: Schema = Schema {
    name: "change_detail",
    doc: "A value that went, came, or became another.",
    fields: &[
        Field::of(Category::Practice).named(
            "field",
            "The field; a member of it behind a point, such as `limits.read`.",
            Shape::Text,
            false,
        ),
        Field::of(Category::Practice).max(500).named("from", "What was there before.", Shape::Text, true),
        Field::of(Category::Practice).max(500).named("to", "What is there now.", Shape::Text, true),
    ],
};

impl Document for Details {
    const SHAPE: Shape = Shape::List(&Shape::Object(&DETAIL));
    const EMPTY: &'static str = "[]";
}

impl Details {
    /// What differs between two states of a connection.
    pub fn between(before: &Connection<'_>, after: &Connection<'_>) -> Self {
        let mut details = Self::default();
        details.value("name", Some(before.name.to_string()), Some(after.name.to_string()));
        details.value("recipient", Some(before.recipient.name().to_owned()), Some(after.recipient.name().to_owned()));
        details.untold("run_by", before.run_by != after.run_by);
        details.untold("reason", before.reason != after.reason);
        let names = |names: &Doc<'_, Names>| names.value().unwrap_or_default().0.into_iter().collect();
        details.set("scopes", &names(&before.scopes), &names(&after.scopes));
        let opt_ins = |connection: &Connection<'_>| {
            let all = connection.opt_ins.value().unwrap_or_default().0;
            all.iter().map(|opt_in| opt_in.words(connection.purpose)).collect()
        };
        details.set("opt_ins", &opt_ins(before), &opt_ins(after));
        details.set("excluded_operations", &names(&before.excluded_operations), &names(&after.excluded_operations));
        let origins =
            |connection: &Connection<'_>| connection.browser_origins.value().unwrap_or_default().0.into_iter().collect();
        details.set("browser_origins", &origins(before), &origins(after));
        details.set("allowed_addresses", &names(&before.allowed_addresses), &names(&after.allowed_addresses));
        let switch = |on: bool| Some(if on { "on" } else { "off" }.to_owned());
        details.value("writes_enabled", switch(before.writes_enabled), switch(after.writes_enabled));
        let (old, new) = (before.limits.value().unwrap_or_default().0, after.limits.value().unwrap_or_default().0);
        for class in RateClass::NAMES {
            let limit = |limits: &BTreeMap<String, i64>| limits.get(*class).map(i64::to_string);
            details.value(&format!("limits.{class}"), limit(&old), limit(&new));
        }
        let version = |connection: &Connection<'_>| Some(connection.pinned_version.to_string());
        details.value("pinned_version", version(before), version(after));
        let until = |connection: &Connection<'_>| connection.paused_until.map(|until| until.to_string());
        details.value("paused_until", until(before), until(after));
        details
    }

    /// Fields that changed, without their values.
    pub fn named(fields: &[&str]) -> Self {
        let mut details = Self::default();
        fields.iter().for_each(|field| details.untold(field, true));
        details
    }

    /// The fields, each once.
    pub fn fields(&self) -> Names {
        let mut names: Vec<String> = self.0.iter().filter_map(|one| one.field.split('.').next().map(str::to_owned)).collect();
        names.dedup();
        Names(names)
    }

    fn value(&mut self, field: &str, from: Option<String>, to: Option<String>) {
        if from != to {
            self.0.push(Detail { field: field.to_owned(), from, to });
        }
    }

    /// A text that somebody wrote: it may name a person, so only that it changed is told.
    fn untold(&mut self, field: &str, differs: bool) {
        if differs {
            self.0.push(Detail { field: field.to_owned(), from: None, to: None });
        }
    }

    fn set(&mut self, field: &str, before: &BTreeSet<String>, after: &BTreeSet<String>) {
        let gone = before.difference(after).map(|one| (Some(one.clone()), None));
        let new = after.difference(before).map(|one| (None, Some(one.clone())));
        self.0.extend(gone.chain(new).map(|(from, to)| Detail { field: field.to_owned(), from, to }));
    }
}

record! {
    /// One change of a connection: what, by whom, and why.
    pub struct ConnectionChange<'a> as "connection_change" {
        /// The change's id.
        id: ConnectionChangeId = Field::of(Category::RecordSystem),
        /// The clinic.
        clinic_id: ClinicId = Field::of(Category::RecordSystem),
        /// The connection that was changed.
        connection_id: ConnectionId = Field::of(Category::RecordSystem).equal(),
        /// What was done.
        what: What = Field::of(Category::Practice),
        /// The fields that changed.
        changed: Doc<'a, Names> = Field::of(Category::Practice),
        /// What each was before and is now: an entry for each value that went or came. Free texts,
        /// which may name a person, are told without their values.
        details: Doc<'a, Details> = Field::of(Category::Practice),
        /// Why, if that was said.
        reason: Option<Cow<'a, str>> = Field::of(Category::Practice),
        /// Who did it: a person, a key, `operator`, or `anybody` who found a key.
        actor: Cow<'a, str> = Field::of(Category::Practice),
        /// When.
        created_at: Timestamp = Field::of(Category::RecordSystem),
        /// The version of the connection that it made.
        version: i64 = Field::of(Category::RecordSystem),
    }
}

/// Adds a change, as the connection stands after it.
pub async fn note(
    cx: &mut Cx<'_>,
    connection: &Connection<'_>,
    what: What,
    details: Details,
    reason: Option<&str>,
) -> Result<(), Problem> {
    let change = ConnectionChange {
        id: cx.mint(),
        clinic_id: connection.clinic_id,
        connection_id: connection.id,
        what,
        changed: Doc::of(&details.fields()),
        details: Doc::of(&details),
        reason: reason.map(Cow::Borrowed),
        actor: Cow::Owned(grantor(cx)),
        created_at: cx.now(),
        version: connection.version,
    };
    rows::insert_change(cx.conn(), &change).await.or_problem()
}
