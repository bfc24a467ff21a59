//! `POST /v1/keys/{key_id}/mark_leaked`

use clinicos_contract::schema::Schema;
use clinicos_contract::{
    Body, Category, Field, Problem, RateClass, Record as _, Reply, Route, Shape, Spec, Verb, WhenStopped, problem,
};
use clinicos_gate::{Cx, Input, One, Operation, OrNotFound as _, OrProblem as _, conflict};
use serde::Deserialize;

use super::leak::{Said, leaked};
use super::model::Key;
use super::{RESOURCE, events, rows};

/// Ends a key that is known by its id to have leaked.
pub struct MarkLeaked;

static LEAK: Schema = Schema {
    name: "leak",
    doc: "What is known about a leak.",
    fields: &[
        Field::of(Category::Practice).creatable().max(500).named("source_url", "Where the key was found.", Shape::Text, true),
        Field::of(Category::Practice).creatable().max(500).named("note", "What else is known.", Shape::Text, true),
    ],
};

/// What is known about a leak.
#[derive(Debug, Deserialize)]
pub struct Leak {
    #[serde(default)]
    source_url: Option<String>,
    #[serde(default)]
    note: Option<String>,
}

impl Operation for MarkLeaked {
    const SPEC: Spec = Spec {
        id: "keys.mark_leaked",
        route: Route::post("/v1/keys/{key_id}/mark_leaked"),
        summary: "Mark a key as leaked",
        description: "Revokes it, for good, and says why; a key for an organization at every clinic that lets it in. For who knows a key by its id; who has the key itself reports it at \
                      `POST /v1/leaked_keys`.",
        resource: &RESOURCE,
        rate: RateClass::Govern,
        body: Some(Body { schema: &LEAK, verb: Verb::Create }),
        reply: Reply::one(Key::SCHEMA),
        idempotent: true,
        security: true,
        when_stopped: WhenStopped::Allowed,
        emits: &[&events::LEAKED, &events::REVOKED],
        problems: &[&problem::CONFLICT],
        example: r#"{"note": "It stood in a screenshot"}"#,
        ..Spec::DEFAULT
    };
    type Body = Leak;
    type Output = One<Key<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<Leak>) -> Result<Self::Output, Problem> {
        let (clinic, id, now) = (cx.clinic_id()?, input.id("key_id")?, cx.now());
        let mut key = rows::lock(cx.conn(), clinic, id, now).await.or_problem()?.or_not_found()?;
        if key.leaked_at.is_some() {
            return Err(conflict("the key is marked as leaked already"));
        }
        let said = Said { source: input.body.source_url, note: input.body.note };
        leaked(cx, &mut key, &said).await?;
        if key.for_organization {
            for mut elsewhere in rows::lock_elsewhere(cx.conn(), clinic, id, now).await.or_problem()? {
                if elsewhere.leaked_at.is_none() {
                    leaked(cx, &mut elsewhere, &said).await?;
                    cx.also_at(elsewhere.clinic_id);
                }
            }
        }
        Ok(One(key))
    }
}
