//! `PATCH /v1/keys/{key_id}`

use std::borrow::Cow;

use clinicos_contract::{
    Body, Patch, Problem, RateClass, Record as _, Reply, Route, Spec, Timestamp, Verb, WhenStopped, problem,
};
use clinicos_gate::{Announcement, Caller, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _, conflict};
use serde::Deserialize;

use super::model::Key;
use super::{RESOURCE, events, rows};
use crate::connections::addresses;
use crate::connections::history::{self, Details, What};
use crate::connections::model::{Connection, Names};
use crate::connections::narrowing;
use crate::connections::rows as connection_rows;

/// Changes what a key is called and held to, with effect on the next call.
pub struct Update;

/// What can be changed.
#[derive(Deserialize, Debug, Default)]
#[serde(default)]
pub struct Change {
    name: Patch<String>,
    allowed_addresses: Patch<Names>,
    expires_at: Patch<Timestamp>,
    leak_handled: Patch<bool>,
    change_reason: Patch<String>,
}

impl Operation for Update {
    const SPEC: Spec = Spec {
        id: "keys.update",
        route: Route::patch("/v1/keys/{key_id}"),
        summary: "Change a key",
        description: "Its name, its addresses, an earlier end, and that an admin has seen to a leak. In force before this call \
                      is answered. `change_reason` says why, for the history of its connection. A body that \
                      changes nothing leaves the version as it is, and no trace in the history. While an admin stopped all writes of the clinic, a key may still hold another to fewer \
                      addresses or to an earlier end with it.",
        resource: &RESOURCE,
        rate: RateClass::Govern,
        body: Some(Body { schema: Key::SCHEMA, verb: Verb::Update }),
        reply: Reply::one(Key::SCHEMA),
        if_match: true,
        security: true,
        when_stopped: WhenStopped::IfItNarrows,
        emits: &[&events::UPDATED],
        problems: &[&problem::CANNOT_GRANT, &problem::CONFLICT],
        example: r#"{"allowed_addresses": ["203.0.113.0/24", "2001:db8::/48"]}"#,
        ..Spec::DEFAULT
    };
    type Body = Change;
    type Output = One<Key<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<Change>) -> Result<Self::Output, Problem> {
        let (clinic, id, now) = (cx.clinic_id()?, input.id("key_id")?, cx.now());
        let mut key = rows::lock(cx.conn(), clinic, id, now).await.or_problem()?.or_not_found()?;
        input.check_version(key.version)?;
        if matches!(cx.permit().caller(), Caller::Connection { connection, .. } if *connection == key.connection_id) {
            let detail = "a connection cannot change its own keys; another admin's key or the operator can";
            return Err(Problem::new(&problem::CANNOT_GRANT, detail));
        }
        let connection = connection_rows::get(cx.conn(), clinic, key.connection_id, now).await.or_problem()?.or_not_found()?;
        let before = key.clone();
        let reason = match &input.body.change_reason {
            Patch::Set(reason) => Some(reason.clone()),
            Patch::Keep | Patch::Clear => None,
        };
        apply(cx, &mut key, &connection, input.body)?;
        let changed = differences(&before, &key);
        if changed.is_empty() {
            return Ok(One(before));
        }
        if cx.permit().must_narrow() && !only_narrows(&before, &key)? {
            return Err(narrowing::gives());
        }
        key.updated_at = now;
        key.version += 1;
        rows::update(cx.conn(), &key).await.or_problem()?;
        history::note(cx, &connection, What::KeyChanged, Details::named(&changed), reason.as_deref()).await?;
        cx.security_change("key.changed", Some(clinic), key.id.any());
        let updated = Announcement::new(&events::UPDATED, key.id.any(), key.version).with("connection_id", key.connection_id);
        cx.emit(updated.changed(changed));
        // Its state may have changed with its end.
        let key = rows::get(cx.conn(), clinic, id, now).await.or_problem()?.or_not_found()?;
        Ok(One(Key { change_reason: reason.map(Cow::Owned), ..key }))
    }
}

/// Whether nothing changed but from where it may be used, to fewer addresses, and its end, which is
/// never made later.
fn only_narrows(before: &Key<'_>, after: &Key<'_>) -> Result<bool, Problem> {
    let same = before.name == after.name && before.leak_handled == after.leak_handled;
    Ok(same && addresses::narrows(&before.allowed_addresses, &after.allowed_addresses)?)
}

/// The fields that a change made another value of.
fn differences(before: &Key<'_>, after: &Key<'_>) -> Vec<&'static str> {
    let fields = [
        ("name", before.name != after.name),
        ("allowed_addresses", before.allowed_addresses.text() != after.allowed_addresses.text()),
        ("expires_at", before.expires_at != after.expires_at),
        ("leak_handled", before.leak_handled != after.leak_handled),
    ];
    fields.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field).collect()
}

fn apply(cx: &Cx<'_>, key: &mut Key<'static>, connection: &Connection<'_>, change: Change) -> Result<(), Problem> {
    let narrows = !matches!((&change.allowed_addresses, &change.expires_at), (Patch::Keep, Patch::Keep));
    if narrows && key.revoked_at.is_some() {
        return Err(conflict("the key is revoked; that is final, and nothing about its use can change"));
    }
    if let Patch::Set(name) = change.name {
        key.name = Cow::Owned(name);
    }
    if let Patch::Set(list) = change.allowed_addresses {
        let (allowed, outer) = (addresses::read(&list)?, addresses::stored(&connection.allowed_addresses)?);
        addresses::check_within(&outer, &list)?;
        addresses::check_grant(cx, &outer.and(&allowed))?;
        key.allowed_addresses = addresses::doc(&allowed);
    }
    match change.expires_at {
        Patch::Keep => {}
        Patch::Set(end) if key.expires_at.is_none_or(|before| end <= before) => {
            key.expires_at = Some(end);
        }
        Patch::Clear if key.expires_at.is_none() => {}
        Patch::Clear | Patch::Set(_) => {
            let detail = "a key can be made to end earlier, never later; to go on for longer, add a key to its connection";
            return Err(Problem::rule("/expires_at", "later", detail));
        }
    }
    if let Patch::Set(handled) = change.leak_handled {
        if key.leaked_at.is_none() {
            return Err(conflict("no leak of this key was reported"));
        }
        key.leak_handled = handled;
    }
    Ok(())
}
