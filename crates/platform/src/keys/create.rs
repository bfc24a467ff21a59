//! `POST /v1/keys`

use std::borrow::Cow;
use std::collections::BTreeSet;

use clinicos_contract::wire::Doc;
use clinicos_contract::{Body, Category, Problem, RateClass, Record as _, Reply, Route, Spec, Timestamp, Verb, problem, version};
use clinicos_gate::{Announcement, Caller, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _, credential, keyring};

use super::model::{Key, NEW_KEY, NewKey};
use super::{RESOURCE, events, rows};
use crate::connections::bounds::Holder;
use crate::connections::history::{self, Details, What};
use crate::connections::model::{Connection, Limits, Names, OptIn, OptIns, State, check_grant};
use crate::connections::{events as connection_events, rows as connection_rows};
use crate::grantor::grantor;

/// Makes a key, with a private app and a connection of its own.
pub struct Create;

impl Operation for Create {
    const SPEC: Spec = Spec {
        id: "keys.create",
        route: Route::post("/v1/keys"),
        summary: "Create a key",
        description: "Makes a connection for this key alone and opts the clinic in to the categories of data that its scopes \
                      need, for its purpose; the answer lists them. `secret` is shown in this answer, and in a replay of this very request within 72 hours.",
        resource: &RESOURCE,
        rate: RateClass::Govern,
        body: Some(Body { schema: &NEW_KEY, verb: Verb::Create }),
        reply: Reply::created(Key::SCHEMA),
        idempotent: true,
        security: true,
        emits: &[&connection_events::CREATED, &events::CREATED],
        problems: &[&problem::CANNOT_GRANT],
        example: r#"{"name": "Bookkeeping", "purpose": "payment", "reason": "Monthly reconciliation", "scopes": ["invoices:read", "payments:read"]}"#,
        ..Spec::DEFAULT
    };
    type Body = NewKey;
    type Output = One<Key<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<NewKey>) -> Result<Self::Output, Problem> {
        let new = input.body;
        check(cx, &new)?;
        let holder = Holder::of(cx).await?;
        let connection = connection(cx, &new, holder.as_ref())?;
        let expires_at = expiry(cx, &new).await?;
        let secret = credential::generate(cx.services().environment, cx.entropy());
        let key = Key {
            id: cx.mint(),
            clinic_id: connection.clinic_id,
            connection_id: connection.id,
            name: Cow::Owned(new.name),
            hint: Cow::Owned(credential::hint(&secret)),
            opt_ins: Some(connection.opt_ins.clone()),
            expires_at,
            revoked_at: None,
            created_at: cx.now(),
            updated_at: cx.now(),
            version: 1,
            secret: None,
        };
        let organization = cx.clinic()?.organization.to_string();
        let by = grantor(cx);
        let hash = keyring::to_hex(&cx.services().keyring.credential_hash(&secret));
        connection_rows::insert(cx.conn(), &organization, &connection, &by).await.or_problem()?;
        rows::insert(cx.conn(), &key, &hash).await.or_problem()?;
        history::note(cx, &connection, What::Created, Details::default(), Some(&connection.reason)).await?;
        cx.security_change("key.created", Some(key.clinic_id), key.id.any());
        cx.emit(Announcement::new(&connection_events::CREATED, connection.id.any(), 1).with("app_id", connection.app_id));
        cx.emit(Announcement::new(&events::CREATED, key.id.any(), 1).with("connection_id", connection.id));
        Ok(One(Key { secret: Some(Cow::Owned(secret)), ..key }))
    }
}

fn check(cx: &Cx<'_>, new: &NewKey) -> Result<(), Problem> {
    if new.scopes.is_empty() {
        return Err(Problem::rule("/scopes", "required", "a key needs at least one scope"));
    }
    if new.expires_at.is_some_and(|end| end <= cx.now()) {
        return Err(Problem::rule("/expires_at", "past", "the key would have expired already"));
    }
    new.browser_origins.check()?;
    let categories = opted_in(cx, &new.scopes);
    check_grant(cx.services(), cx.permit().grant(), &new.scopes, categories.into_iter())
}

/// When the key ends: no later than the key that makes it.
async fn expiry(cx: &mut Cx<'_>, new: &NewKey) -> Result<Option<Timestamp>, Problem> {
    let Caller::Connection { key, .. } = *cx.permit().caller() else { return Ok(new.expires_at) };
    let clinic = cx.clinic_id()?;
    let own = rows::get(cx.conn(), clinic, key).await.or_problem()?.or_not_found()?;
    match (new.expires_at, own.expires_at) {
        (Some(end), Some(own)) if end > own => {
            Err(Problem::new(&problem::CANNOT_GRANT, "the key that makes this call expires earlier"))
        }
        (end, own) => Ok(end.or(own)),
    }
}

fn connection(cx: &Cx<'_>, new: &NewKey, holder: Option<&Holder>) -> Result<Connection<'static>, Problem> {
    let now = cx.now();
    if let Some(holder) = holder {
        holder.check_purpose(new.purpose)?;
        holder.check_origins(&new.browser_origins)?;
    }
    let opt_in = |category| {
        let given = OptIn { category, purpose: Some(new.purpose), expires_at: None, granted_at: Some(now) };
        OptIn { expires_at: holder.and_then(|holder| holder.until(&given)), ..given }
    };
    let scopes: BTreeSet<String> = new.scopes.iter().cloned().collect();
    Ok(Connection {
        id: cx.mint(),
        clinic_id: cx.clinic_id()?,
        app_id: cx.mint(),
        name: Cow::Owned(new.name.clone()),
        run_by: new.run_by.clone().map(Cow::Owned),
        purpose: new.purpose,
        reason: Cow::Owned(new.reason.clone()),
        state: State::Active,
        state_reason: None,
        paused_until: None,
        made_by: match *cx.permit().caller() {
            Caller::Connection { connection, .. } => Some(connection),
            Caller::Operator | Caller::User { .. } => None,
        },
        change_reason: None,
        opt_ins: Doc::of(&OptIns(opted_in(cx, &new.scopes).into_iter().map(opt_in).collect())),
        scopes: Doc::of(&Names(scopes.into_iter().collect())),
        excluded_operations: holder.map_or_else(|| Doc::of(&Names::default()), |holder| Doc::of(holder.excluded())),
        writes_enabled: true,
        limits: holder.map_or_else(|| Doc::of(&Limits::default()), |holder| Doc::of(holder.limits())),
        browser_origins: Doc::of(&new.browser_origins),
        pinned_version: Cow::Borrowed(version::LATEST),
        catalogue_version: Cow::Owned(cx.services().catalogue_version.to_string()),
        created_at: now,
        updated_at: now,
        version: 1,
    })
}

/// The categories that the resources of these scopes are guarded by.
fn opted_in(cx: &Cx<'_>, scopes: &[String]) -> BTreeSet<Category> {
    let resources = &cx.services().categories_of;
    let resource = |scope: &String| scope.split(':').next().and_then(|name| resources.get(name)).cloned();
    scopes.iter().filter_map(resource).flatten().collect()
}
