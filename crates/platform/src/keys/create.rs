//! `POST /v1/keys`

use std::borrow::Cow;
use std::collections::BTreeSet;

use clinicos_contract::wire::Doc;
use clinicos_contract::{Body, Category, Problem, RateClass, Record as _, Reply, Route, Spec, Verb, problem, version};
use clinicos_gate::{Announcement, Caller, Cx, Input, One, Operation, OrProblem as _};

use super::issue::{Wanted, expiry, issue};
use super::model::{Key, NEW_KEY, NewKey};
use super::{RESOURCE, events};
use crate::connections::addresses;
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
                      need, and to `categories`, for its purpose; the answer lists them. `secret` is shown in this answer, and in a replay of this very request within 72 hours.",
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
        let expires_at = expiry(cx, new.expires_at).await?;
        let allowed = addresses::read(&new.allowed_addresses)?;
        addresses::check_within(&cx.permit().addresses(), &new.allowed_addresses)?;
        let organization = cx.clinic()?.organization.to_string();
        let by = grantor(cx);
        connection_rows::insert(cx.conn(), &organization, &connection, &by).await.or_problem()?;
        history::note(cx, &connection, What::Created, Details::default(), Some(&connection.reason)).await?;
        cx.emit(Announcement::new(&connection_events::CREATED, connection.id.any(), 1).with("app_id", connection.app_id));
        let wanted = Wanted { name: new.name, connection: connection.id, scopes: None, allowed, expires_at, rotated_from: None };
        let key = issue(cx, wanted).await?;
        Ok(One(Key { opt_ins: Some(connection.opt_ins), ..key }))
    }
}

fn check(cx: &Cx<'_>, new: &NewKey) -> Result<(), Problem> {
    if new.scopes.is_empty() {
        return Err(Problem::rule("/scopes", "required", "a key needs at least one scope"));
    }
    new.browser_origins.check()?;
    let categories = opted_in(cx, new);
    check_grant(cx.services(), cx.permit().grant(), &new.scopes, categories.into_iter())
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
            Caller::Operator | Caller::Stranger | Caller::User { .. } => None,
        },
        change_reason: None,
        opt_ins: Doc::of(&OptIns(opted_in(cx, new).into_iter().map(opt_in).collect())),
        scopes: Doc::of(&Names(scopes.into_iter().collect())),
        excluded_operations: holder.map_or_else(|| Doc::of(&Names::default()), |holder| Doc::of(holder.excluded())),
        writes_enabled: true,
        // Where the maker may call from binds what it makes, too.
        allowed_addresses: addresses::doc(&cx.permit().addresses()),
        limits: holder.map_or_else(|| Doc::of(&Limits::default()), |holder| Doc::of(holder.limits())),
        browser_origins: Doc::of(&new.browser_origins),
        pinned_version: Cow::Borrowed(version::LATEST),
        catalogue_version: Cow::Owned(cx.services().catalogue_version.to_string()),
        created_at: now,
        updated_at: now,
        version: 1,
    })
}

/// The categories that the resources of its scopes are guarded by, and those that were asked for.
fn opted_in(cx: &Cx<'_>, new: &NewKey) -> BTreeSet<Category> {
    let resources = &cx.services().categories_of;
    let resource = |scope: &String| scope.split(':').next().and_then(|name| resources.get(name)).cloned();
    new.scopes.iter().filter_map(resource).flatten().chain(new.categories.iter().copied()).collect()
}
