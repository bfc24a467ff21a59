//! `PATCH /v1/connections/{connection_id}`

use std::borrow::Cow;

use clinicos_consent::RecipientClass;
use clinicos_contract::wire::Doc;
use clinicos_contract::{
    Body, FieldError, Patch, Problem, RateClass, Record as _, Reply, Route, Spec, Verb, WhenStopped, problem, version,
};
use clinicos_gate::{Announcement, Caller, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _, conflict};
use serde::Deserialize;

use super::addresses;
use super::bounds::Holder;
use super::history::{self, Details, What};
use super::model::{Connection, LimitsPatch, Names, OptIns, Origins, State, check_grant, check_limits};
use super::{RESOURCE, events, narrowing, rows};
use crate::grantor::grantor;

/// Changes what a connection may do, with effect on the next request.
pub struct Update;

/// What can be changed.
#[derive(Deserialize, Debug)]
#[serde(default)]
#[derive(Default)]
pub struct Change {
    name: Patch<String>,
    run_by: Patch<String>,
    reason: Patch<String>,
    recipient: Patch<RecipientClass>,
    change_reason: Patch<String>,
    scopes: Patch<Names>,
    opt_ins: Patch<OptIns>,
    excluded_operations: Patch<Names>,
    allowed_addresses: Patch<Names>,
    writes_enabled: Patch<bool>,
    limits: Patch<LimitsPatch>,
    browser_origins: Patch<Origins>,
    pinned_version: Patch<String>,
}

impl Operation for Update {
    const SPEC: Spec = Spec {
        id: "connections.update",
        route: Route::patch("/v1/connections/{connection_id}"),
        summary: "Change a connection",
        description: "The sort of recipient, scopes, opt-ins, excluded operations, addresses, limits, the write switch and the origins of web pages. The next \
                      request of the connection is decided by what stands here; the change is in force before this call is answered. `change_reason` says why, for \
                      the history. A body that changes nothing leaves the version as it is, and no trace in the history. While an admin stopped all writes of the clinic, a key may still take away with it, and not give.",
        resource: &RESOURCE,
        rate: RateClass::Govern,
        body: Some(Body { schema: Connection::SCHEMA, verb: Verb::Update }),
        reply: Reply::one(Connection::SCHEMA),
        if_match: true,
        security: true,
        when_stopped: WhenStopped::IfItNarrows,
        emits: &[&events::SCOPES_CHANGED],
        problems: &[&problem::CANNOT_GRANT, &problem::CONFLICT],
        example: r#"{"writes_enabled": false, "limits": {"read": 60}}"#,
        ..Spec::DEFAULT
    };
    type Body = Change;
    type Output = One<Connection<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<Change>) -> Result<Self::Output, Problem> {
        let (clinic, id, now) = (cx.clinic_id()?, input.id("connection_id")?, cx.now());
        let mut connection = rows::lock(cx.conn(), clinic, id, now).await.or_problem()?.or_not_found()?;
        input.check_version(connection.version)?;
        if connection.state == State::Revoked {
            return Err(conflict("the connection is revoked; that is final, and a new one takes a new key"));
        }
        if matches!(cx.permit().caller(), Caller::Connection { connection, .. } if *connection == id) {
            let detail = "a connection cannot change itself; another admin's key or the operator can";
            return Err(Problem::new(&problem::CANNOT_GRANT, detail));
        }
        let before = connection.clone();
        connection.change_reason = match &input.body.change_reason {
            Patch::Set(reason) => Some(Cow::Owned(reason.clone())),
            Patch::Keep | Patch::Clear => None,
        };
        apply(cx, &mut connection, input.body)?;
        if cx.permit().must_narrow() {
            narrowing::check(cx.services(), &before, &connection)?;
        }
        if let Some(holder) = Holder::of(cx).await? {
            holder.check(&connection)?;
            if before.recipient != connection.recipient {
                holder.check_recipient(connection.recipient)?;
            }
            if before.browser_origins.text() != connection.browser_origins.text() {
                holder.check_origins(&connection.browser_origins.value().unwrap_or_default())?;
            }
        }
        let details = Details::between(&before, &connection);
        if details.0.is_empty() {
            return Ok(One(before));
        }
        connection.version += 1;
        connection.updated_at = now;
        if before.name != connection.name {
            rows::keep_name(cx.conn(), &before).await.or_problem()?;
        }
        let by = grantor(cx);
        rows::update(cx.conn(), &connection, &by).await.or_problem()?;
        let Names(changed) = details.fields();
        history::note(cx, &connection, What::Changed, details, connection.change_reason.as_deref()).await?;
        cx.security_change("connection.changed", Some(clinic), connection.id.any());
        cx.emit(
            Announcement::new(&events::SCOPES_CHANGED, connection.id.any(), connection.version)
                .changed(changed.iter().map(String::as_str)),
        );
        Ok(One(connection))
    }
}

fn apply(cx: &Cx<'_>, connection: &mut Connection<'static>, change: Change) -> Result<(), Problem> {
    change.name.map(Cow::Owned).apply(&mut connection.name);
    match change.run_by {
        Patch::Set(run_by) => connection.run_by = Some(Cow::Owned(run_by)),
        Patch::Clear => connection.run_by = None,
        Patch::Keep => {}
    }
    change.reason.map(Cow::Owned).apply(&mut connection.reason);
    change.recipient.apply(&mut connection.recipient);
    if let Patch::Set(scopes) = change.scopes {
        check_grant(cx.services(), cx.permit().grant(), &scopes.0, std::iter::empty())?;
        connection.scopes = Doc::of(&scopes);
        connection.catalogue_version = Cow::Owned(cx.services().catalogue_version.to_string());
    }
    if let Patch::Set(opt_ins) = change.opt_ins {
        connection.opt_ins = Doc::of(&opted_in(cx, connection, opt_ins)?);
    }
    if let Patch::Set(excluded) = change.excluded_operations {
        check_operations(cx, &excluded)?;
        connection.excluded_operations = Doc::of(&excluded);
    }
    if let Patch::Set(list) = change.allowed_addresses {
        let allowed = addresses::read(&list)?;
        addresses::check_grant(cx, &allowed)?;
        connection.allowed_addresses = addresses::doc(&allowed);
    }
    change.writes_enabled.apply(&mut connection.writes_enabled);
    if let Patch::Set(patch) = change.limits {
        let limits = patch.applied_to(connection.limits.value().unwrap_or_default());
        check_limits(&limits)?;
        connection.limits = Doc::of(&limits);
    }
    if let Patch::Set(origins) = change.browser_origins {
        origins.check()?;
        connection.browser_origins = Doc::of(&origins);
    }
    if let Patch::Set(pinned) = change.pinned_version {
        let known = version::parse(&pinned)
            .ok_or_else(|| Problem::rule("/pinned_version", "unknown_version", "there is no such version of this API"))?;
        connection.pinned_version = Cow::Borrowed(known);
    }
    Ok(())
}

/// The new opt-ins, each once, for the connection's purpose unless said otherwise.
fn opted_in(cx: &Cx<'_>, connection: &Connection<'_>, mut new: OptIns) -> Result<OptIns, Problem> {
    check_grant(cx.services(), cx.permit().grant(), &[], new.0.iter().map(|opt_in| opt_in.category))?;
    let before = connection.opt_ins.value().unwrap_or_default();
    for opt_in in &mut new.0 {
        opt_in.purpose = Some(opt_in.purpose.unwrap_or(connection.purpose));
        let same = before.0.iter().find(|old| old.category == opt_in.category && old.purpose == opt_in.purpose);
        match same.filter(|old| !opt_in.outlasts(old)) {
            // Whoever gave it did so with the words that they were shown then.
            Some(old) => {
                opt_in.granted_at = old.granted_at.or(Some(cx.now()));
                opt_in.granted_by.clone_from(&old.granted_by);
                opt_in.shown_text.clone_from(&old.shown_text);
            }
            None => {
                opt_in.granted_at = Some(cx.now());
                opt_in.granted_by = Some(grantor(cx));
            }
        }
    }
    let key = |opt_in: &super::model::OptIn| (opt_in.category, opt_in.purpose);
    for (at, opt_in) in new.0.iter().enumerate() {
        if new.0.iter().take(at).any(|earlier| key(earlier) == key(opt_in)) {
            let detail = "the same category and purpose stand here twice";
            return Err(Problem::rule(format!("/opt_ins/{at}"), "repeated", detail));
        }
    }
    Ok(new)
}

fn check_operations(cx: &Cx<'_>, names: &Names) -> Result<(), Problem> {
    let known = &cx.services().operation_ids;
    let unknown = names.0.iter().enumerate().filter(|(_, name)| !known.iter().any(|id| id == name));
    let errors: Vec<FieldError> = unknown
        .map(|(at, _)| FieldError::new(format!("/excluded_operations/{at}"), "unknown", "there is no such operation"))
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(Problem::fields(errors)) }
}
