//! `POST /v1/connections/{connection_id}/keys`

use clinicos_contract::schema::Schema;
use clinicos_contract::{
    Body, Category, Field, Problem, RateClass, Record as _, Reply, Route, Shape, Spec, Timestamp, Verb, problem,
};
use clinicos_gate::{ConnectionId, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _, conflict};
use serde::Deserialize;

use super::bounds;
use super::issue::{Wanted, expiry, issue};
use super::model::{ALLOWED_ADDRESSES, Key};
use super::{RESOURCE, events};
use crate::connections::addresses;
use crate::connections::history::{self, Details, What};
use crate::connections::model::{LIST_MAX, Names, State};
use crate::connections::rows as connection_rows;

/// Makes a further key for a connection: after a leak, before an end, or for a second program.
pub struct Add;

static FURTHER_KEY: Schema = Schema {
    name: "further_key",
    doc: "A further key of a connection.",
    fields: &[
        Field::of(Category::Practice).required().max(120).named("name", "What people will call it.", Shape::Text, false),
        Field::of(Category::Practice).creatable().max(LIST_MAX).named(
            "scopes",
            "What it may do of what the connection may; all of it, if left out.",
            Shape::List(&Shape::Text),
            true,
        ),
        ALLOWED_ADDRESSES,
        Field::of(Category::Practice).creatable().named("expires_at", "When it ends; never, if left out.", Shape::Time, true),
        Field::of(Category::Practice).creatable().max(500).named(
            "reason",
            "Why it is made; stands in the connection's history.",
            Shape::Text,
            true,
        ),
    ],
};

/// What a further key needs.
#[derive(Debug, Deserialize)]
pub struct FurtherKey {
    name: String,
    #[serde(default)]
    scopes: Option<Names>,
    #[serde(default)]
    allowed_addresses: Names,
    #[serde(default)]
    expires_at: Option<Timestamp>,
    #[serde(default)]
    reason: Option<String>,
}

impl Operation for Add {
    const SPEC: Spec = Spec {
        id: "keys.add",
        route: Route::post("/v1/connections/{connection_id}/keys"),
        summary: "Add a key to a connection",
        description: "The connection's scopes, opt-ins and switches hold for this key as for its others. `secret` is shown in \
                      this answer, and in a replay of this very request within 72 hours.",
        resource: &RESOURCE,
        rate: RateClass::Govern,
        body: Some(Body { schema: &FURTHER_KEY, verb: Verb::Create }),
        reply: Reply::created(Key::SCHEMA),
        idempotent: true,
        security: true,
        emits: &[&events::CREATED],
        problems: &[&problem::CANNOT_GRANT, &problem::CONFLICT],
        example: r#"{"name": "Bookkeeping, second server", "allowed_addresses": ["203.0.113.0/24"]}"#,
        ..Spec::DEFAULT
    };
    type Body = FurtherKey;
    type Output = One<Key<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<FurtherKey>) -> Result<Self::Output, Problem> {
        let (clinic, id): (_, ConnectionId) = (cx.clinic_id()?, input.id("connection_id")?);
        let now = cx.now();
        let connection = connection_rows::lock(cx.conn(), clinic, id, now).await.or_problem()?.or_not_found()?;
        if connection.state == State::Revoked {
            return Err(conflict("the connection is revoked; that is final, and a new one takes a new key"));
        }
        let new = input.body;
        bounds::check_scopes(cx.services(), new.scopes.as_ref(), &connection.scopes)?;
        let allowed = addresses::read(&new.allowed_addresses)?;
        addresses::check_within(&addresses::stored(&connection.allowed_addresses)?, &new.allowed_addresses)?;
        bounds::check(cx, &connection, new.scopes.as_ref(), &allowed).await?;
        let expires_at = expiry(cx, new.expires_at).await?;
        history::note(cx, &connection, What::KeyAdded, Details::default(), new.reason.as_deref()).await?;
        let wanted = Wanted {
            name: new.name,
            connection: id,
            scopes: new.scopes,
            allowed,
            expires_at,
            rotated_from: None,
            for_organization: false,
        };
        issue(cx, wanted).await.map(One)
    }
}
