//! `POST /v1/keys/{key_id}/rotate`

use clinicos_contract::schema::Schema;
use clinicos_contract::{
    Body, Category, Field, Problem, RateClass, Record as _, Reply, Route, Shape, Spec, Timestamp, Verb, problem,
};
use clinicos_gate::addresses::AllowList;
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _, conflict};
use serde::Deserialize;

use super::bounds;
use super::issue::{Wanted, expiry, issue};
use super::model::{ALLOWED_ADDRESSES, Key, KeyState};
use super::{RESOURCE, events, rows};
use crate::connections::addresses;
use crate::connections::history::{self, Details, What};
use crate::connections::model::{Connection, LIST_MAX, Names};
use crate::connections::rows as connection_rows;

/// How long both keys work, unless the body says otherwise.
const OVERLAP_HOURS_DEFAULT: i64 = 24;
/// How long both keys work at most: seven days.
const OVERLAP_HOURS_MAX: i64 = 7 * 24;
const SECONDS_PER_HOUR: i64 = 3_600;

/// Replaces a key by a new one; for a while both work.
pub struct Rotate;

static ROTATION: Schema = Schema {
    name: "rotation",
    doc: "How a key is replaced. What is left out stays as it was.",
    fields: &[
        Field::of(Category::Practice).creatable().at_least(0).named(
            "overlap_hours",
            "How long the old key goes on working, in hours: 0 to 168, and 24 if left out.",
            Shape::Int,
            false,
        ),
        Field::of(Category::Practice).creatable().max(120).named(
            "name",
            "What people will call the new key.",
            Shape::Text,
            false,
        ),
        Field::of(Category::Practice).creatable().max(LIST_MAX).named(
            "scopes",
            "What the new key may do: no more than the old one.",
            Shape::List(&Shape::Text),
            false,
        ),
        ALLOWED_ADDRESSES,
        Field::of(Category::Practice).creatable().named(
            "expires_at",
            "When the new key ends: no later than the old one would have.",
            Shape::Time,
            false,
        ),
        Field::of(Category::Practice).creatable().max(500).named(
            "reason",
            "Why; stands in the connection's history.",
            Shape::Text,
            false,
        ),
    ],
};

/// How a key is replaced.
#[derive(Debug, Deserialize)]
pub struct Rotation {
    #[serde(default)]
    overlap_hours: Option<i64>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    scopes: Option<Names>,
    #[serde(default)]
    allowed_addresses: Option<Names>,
    #[serde(default)]
    expires_at: Option<Timestamp>,
    #[serde(default)]
    reason: Option<String>,
}

impl Operation for Rotate {
    const SPEC: Spec = Spec {
        id: "keys.rotate",
        route: Route::post("/v1/keys/{key_id}/rotate"),
        summary: "Replace a key",
        description: "Makes a new key of the same connection, with the same or narrower bounds. The old key works on for \
                      `overlap_hours`; until then its answers carry `ClinicOS-Key-Expires`. `secret` is shown in this answer, \
                      and in a replay of this very request within 72 hours.",
        resource: &RESOURCE,
        rate: RateClass::Govern,
        body: Some(Body { schema: &ROTATION, verb: Verb::Create }),
        reply: Reply::created(Key::SCHEMA),
        idempotent: true,
        security: true,
        emits: &[&events::CREATED, &events::ROTATED],
        problems: &[&problem::CANNOT_GRANT, &problem::CONFLICT],
        example: r#"{"overlap_hours": 48, "reason": "As every spring"}"#,
        ..Spec::DEFAULT
    };
    type Body = Rotation;
    type Output = One<Key<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<Rotation>) -> Result<Self::Output, Problem> {
        let (clinic, id, now) = (cx.clinic_id()?, input.id("key_id")?, cx.now());
        let mut old = rows::lock(cx.conn(), clinic, id, now).await.or_problem()?.or_not_found()?;
        check_state(&old)?;
        let connection = connection_rows::lock(cx.conn(), clinic, old.connection_id, now).await.or_problem()?.or_not_found()?;
        let how = input.body;
        let overlap_hours = how.overlap_hours.unwrap_or(OVERLAP_HOURS_DEFAULT);
        if overlap_hours > OVERLAP_HOURS_MAX {
            let detail = format!("the old key can go on working for at most {OVERLAP_HOURS_MAX} hours");
            return Err(Problem::rule("/overlap_hours", "range", detail));
        }
        let reason = how.reason.clone();
        let wanted = wanted(cx, &old, &connection, how).await?;
        let new = issue(cx, wanted).await?;
        old.ends_at = Some(now.plus_seconds(overlap_hours * SECONDS_PER_HOUR));
        old.replaced_by = Some(new.id);
        old.updated_at = now;
        old.version += 1;
        rows::update(cx.conn(), &old).await.or_problem()?;
        history::note(cx, &connection, What::KeyRotated, Details::default(), reason.as_deref()).await?;
        cx.security_change("key.rotated", Some(clinic), old.id.any());
        let rotated = Announcement::new(&events::ROTATED, old.id.any(), old.version).with("connection_id", connection.id);
        cx.emit(rotated.with("replaced_by", new.id).with("ends_at", old.ends_at.unwrap_or(now)));
        Ok(One(new))
    }
}

/// A key is replaced once, while it works.
fn check_state(old: &Key<'_>) -> Result<(), Problem> {
    if old.for_organization {
        let detail = "the key is for an organization, and no clinic can replace it for the others: make a new one, have each clinic \
                      let it in, and revoke this one";
        return Err(conflict(detail));
    }
    match (old.state, old.replaced_by) {
        (KeyState::Revoked, _) => Err(conflict("the key is revoked; add a new key to its connection")),
        (_, Some(successor)) => Err(conflict(format!("the key was replaced by `{successor}` already; replace that one"))),
        (KeyState::Expired, None) => Err(conflict("the key has expired; add a new key to its connection")),
        (KeyState::Active | KeyState::Ending, None) => Ok(()),
    }
}

/// The new key: as the old one, or narrower.
async fn wanted(cx: &mut Cx<'_>, old: &Key<'_>, connection: &Connection<'_>, how: Rotation) -> Result<Wanted, Problem> {
    bounds::check_scopes(cx.services(), how.scopes.as_ref(), old.scopes.as_ref().unwrap_or(&connection.scopes))?;
    let scopes = how.scopes.or_else(|| old.scopes.as_ref().and_then(|scopes| scopes.value()));
    let allowed = narrower_list(old, how.allowed_addresses.as_ref())?;
    bounds::check(cx, connection, scopes.as_ref(), &allowed).await?;
    if how.expires_at.zip(old.expires_at).is_some_and(|(new, old)| new > old) {
        let detail = "a key ends no later than the one that it replaces; to go on for longer, add a key to the connection";
        return Err(Problem::rule("/expires_at", "wider", detail));
    }
    let asked = match how.expires_at {
        Some(end) => expiry(cx, Some(end)).await?,
        // Nothing was asked for, so the earlier end of the two holds.
        None => [expiry(cx, None).await?, old.expires_at].into_iter().flatten().min(),
    };
    let name = how.name.unwrap_or_else(|| old.name.to_string());
    Ok(Wanted {
        name,
        connection: connection.id,
        scopes,
        allowed,
        expires_at: asked,
        rotated_from: Some(old.id),
        for_organization: false,
    })
}

fn narrower_list(old: &Key<'_>, asked: Option<&Names>) -> Result<AllowList, Problem> {
    let before = addresses::stored(&old.allowed_addresses)?;
    let Some(asked) = asked else { return Ok(before) };
    let allowed = addresses::read(asked)?;
    if before.covers(&allowed) {
        return Ok(allowed);
    }
    Err(Problem::rule("/allowed_addresses", "wider", "a key may be used from no more addresses than the one that it replaces"))
}
