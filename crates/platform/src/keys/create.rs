//! `POST /v1/keys`

use std::borrow::Cow;
use std::collections::BTreeSet;

use clinicos_consent::RecipientClass;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Body, Category, Problem, RateClass, Record as _, Reply, Route, Spec, Verb, problem, version};
use clinicos_gate::{Announcement, Caller, Cx, Input, KeyId, One, Operation, OrProblem as _, conflict};

use super::issue::{Wanted, expiry, issue, let_in};
use super::model::{Key, NEW_KEY, NewKey};
use super::rows::Existing;
use super::{RESOURCE, events, rows};
use crate::connections::addresses;
use crate::connections::bounds::Holder;
use crate::connections::history::{self, Details, What};
use crate::connections::model::{Connection, Limits, Names, OptIn, OptIns, State, check_grant};
use crate::connections::{events as connection_events, rows as connection_rows};
use crate::grantor::grantor;

/// Most clinics that let one key in: who follows all of them keeps something of each in a cursor.
const CLINICS_MAX: usize = 32;

/// Makes a key, with a private app and a connection of its own.
pub struct Create;

impl Operation for Create {
    const SPEC: Spec = Spec {
        id: "keys.create",
        route: Route::post("/v1/keys"),
        summary: "Create a key",
        description: "Makes a connection for this key alone and opts the clinic in to the categories of data that its scopes \
                      need, and to `categories`, for its purpose; the answer lists them. `secret` is shown in this answer, and in a replay of this very request within 72 hours. \
                      With `existing_key_id` no key is made: the clinic lets in a key for its organization that another clinic made.",

        resource: &RESOURCE,
        rate: RateClass::Govern,
        body: Some(Body { schema: &NEW_KEY, verb: Verb::Create }),
        reply: Reply::created(Key::SCHEMA),
        idempotent: true,
        security: true,
        emits: &[&connection_events::CREATED, &events::CREATED],
        problems: &[&problem::CANNOT_GRANT, &problem::CONFLICT],
        example: r#"{"name": "Bookkeeping", "purpose": "payment", "reason": "Monthly reconciliation", "scopes": ["invoices:read", "payments:read"]}"#,
        ..Spec::DEFAULT
    };
    type Body = NewKey;
    type Output = One<Key<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<NewKey>) -> Result<Self::Output, Problem> {
        let new = input.body;
        check(cx, &new)?;
        let holder = Holder::of(cx).await?;
        let existing = existing(cx, &new).await?;
        let mut connection = connection(cx, &new, holder.as_ref())?;
        let expires_at = expiry(cx, new.expires_at).await?;
        let allowed = addresses::read(&new.allowed_addresses)?;
        addresses::check_within(&cx.permit().addresses(), &new.allowed_addresses)?;
        let by = grantor(cx);
        match &existing {
            Some((_, found)) => connection.app_id = found.app,
            None => {
                let organization = cx.clinic()?.organization.to_string();
                connection_rows::insert_app(cx.conn(), &organization, &connection).await.or_problem()?;
            }
        }
        connection_rows::insert(cx.conn(), &connection, &by).await.or_problem()?;
        history::note(cx, &connection, What::Created, Details::default(), Some(&connection.reason)).await?;
        cx.emit(Announcement::new(&connection_events::CREATED, connection.id.any(), 1).with("app_id", connection.app_id));
        let for_organization = new.for_organization || existing.is_some();
        let wanted = Wanted {
            name: new.name,
            connection: connection.id,
            scopes: None,
            allowed,
            expires_at,
            rotated_from: None,
            for_organization,
        };
        let key = match existing {
            Some((id, existing)) => let_in(cx, wanted, id, existing).await?,
            None => issue(cx, wanted).await?,
        };
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

/// The key that another clinic of the organization made, if this is about letting one in. Whatever
/// keeps it out, the answer is the same, but where this clinic knows it already.
async fn existing(cx: &mut Cx<'_>, new: &NewKey) -> Result<Option<(KeyId, Existing)>, Problem> {
    let Some(id) = new.existing_key_id else { return Ok(None) };
    let (clinic, now) = (cx.clinic()?, cx.now());
    if rows::get(cx.conn(), clinic.id, id, now).await.or_problem()?.is_some() {
        return Err(conflict("this clinic lets the key in, or did: a key that was revoked never comes back"));
    }
    let found = rows::existing(cx.conn(), clinic.organization, id, now).await.or_problem()?;
    let Some(found) = found else {
        let detail = "there is no such key that is for this clinic's organization and works at one of its clinics";
        return Err(Problem::rule("/existing_key_id", "unknown_record", detail));
    };
    if found.clinics.len() >= CLINICS_MAX {
        let detail = format!("the key is let in by {CLINICS_MAX} clinics; make another one for further clinics");
        return Err(Problem::rule("/existing_key_id", "too_many", detail));
    }
    Ok(Some((id, found)))
}

fn connection(cx: &Cx<'_>, new: &NewKey, holder: Option<&Holder>) -> Result<Connection<'static>, Problem> {
    let now = cx.now();
    let recipient = new.recipient.unwrap_or(RecipientClass::Clinic);
    if let Some(holder) = holder {
        holder.check_purpose(new.purpose)?;
        holder.check_recipient(recipient)?;
        holder.check_origins(&new.browser_origins)?;
    }
    let opt_in = |category| {
        let given = OptIn {
            category,
            purpose: Some(new.purpose),
            expires_at: None,
            granted_at: Some(now),
            granted_by: Some(grantor(cx)),
            shown_text: new.shown_text.clone(),
        };
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
        recipient,
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
