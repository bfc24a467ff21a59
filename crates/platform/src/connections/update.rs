//! `PATCH /v1/connections/{connection_id}`

use std::borrow::Cow;

use clinicos_contract::wire::Doc;
use clinicos_contract::{Body, FieldError, Patch, Problem, RateClass, Record as _, Reply, Route, Spec, Verb, problem, version};
use clinicos_gate::{Announcement, Caller, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _, conflict};
use serde::Deserialize;

use super::addresses;
use super::bounds::Holder;
use super::history::{self, What};
use super::model::{Connection, LimitsPatch, Names, OptIns, Origins, State, check_grant, check_limits};
use super::{RESOURCE, events, rows};
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
        description: "Scopes, opt-ins, excluded operations, addresses, limits, the write switch and the origins of web pages. The next request of the connection \
                      is decided by what stands here; the change is in force before this call is answered.",
        resource: &RESOURCE,
        rate: RateClass::Govern,
        body: Some(Body { schema: Connection::SCHEMA, verb: Verb::Update }),
        reply: Reply::one(Connection::SCHEMA),
        if_match: true,
        security: true,
        emits: &[&events::SCOPES_CHANGED],
        problems: &[&problem::CANNOT_GRANT, &problem::CONFLICT],
        example: r#"{"writes_enabled": false, "limits": {"read": 60}}"#,
        ..Spec::DEFAULT
    };
    type Body = Change;
    type Output = One<Connection<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<Change>) -> Result<Self::Output, Problem> {
        let (clinic, id) = (cx.clinic_id()?, input.id("connection_id")?);
        let mut connection = rows::lock(cx.conn(), clinic, id).await.or_problem()?.or_not_found()?;
        input.check_version(connection.version)?;
        if connection.state == State::Revoked {
            return Err(conflict("the connection is revoked; that is final, and a new one takes a new key"));
        }
        if matches!(cx.permit().caller(), Caller::Connection { connection, .. } if *connection == id) {
            let detail = "a connection cannot change itself; another admin's key or the operator can";
            return Err(Problem::new(&problem::CANNOT_GRANT, detail));
        }
        let changed = apply(cx, &mut connection, input.body)?;
        if let Some(holder) = Holder::of(cx).await? {
            holder.check(&connection)?;
            if changed.contains(&"browser_origins") {
                holder.check_origins(&connection.browser_origins.value().unwrap_or_default())?;
            }
        }
        connection.version += 1;
        connection.updated_at = cx.now();
        let by = grantor(cx);
        rows::update(cx.conn(), &connection, &by).await.or_problem()?;
        history::note(cx, &connection, What::Changed, &changed, None).await?;
        cx.security_change("connection.changed", Some(clinic), connection.id.any());
        cx.emit(Announcement::new(&events::SCOPES_CHANGED, connection.id.any(), connection.version).changed(changed));
        Ok(One(connection))
    }
}

fn apply(cx: &Cx<'_>, connection: &mut Connection<'static>, change: Change) -> Result<Vec<&'static str>, Problem> {
    let mut changed = Vec::new();
    let mut note = |name: &'static str, touched: bool| {
        if touched {
            changed.push(name);
        }
    };
    note("name", !matches!(change.name, Patch::Keep));
    change.name.map(Cow::Owned).apply(&mut connection.name);
    note("run_by", !matches!(change.run_by, Patch::Keep));
    match change.run_by {
        Patch::Set(run_by) => connection.run_by = Some(Cow::Owned(run_by)),
        Patch::Clear => connection.run_by = None,
        Patch::Keep => {}
    }
    note("reason", !matches!(change.reason, Patch::Keep));
    change.reason.map(Cow::Owned).apply(&mut connection.reason);
    if let Patch::Set(scopes) = change.scopes {
        note("scopes", true);
        check_grant(cx.services(), cx.permit().grant(), &scopes.0, std::iter::empty())?;
        connection.scopes = Doc::of(&scopes);
        connection.catalogue_version = Cow::Owned(cx.services().catalogue_version.to_string());
    }
    if let Patch::Set(opt_ins) = change.opt_ins {
        note("opt_ins", true);
        connection.opt_ins = Doc::of(&opted_in(cx, connection, opt_ins)?);
    }
    if let Patch::Set(excluded) = change.excluded_operations {
        note("excluded_operations", true);
        check_operations(cx, &excluded)?;
        connection.excluded_operations = Doc::of(&excluded);
    }
    if let Patch::Set(list) = change.allowed_addresses {
        note("allowed_addresses", true);
        let allowed = addresses::read(&list)?;
        addresses::check_grant(cx, &allowed)?;
        connection.allowed_addresses = addresses::doc(&allowed);
    }
    note("writes_enabled", !matches!(change.writes_enabled, Patch::Keep));
    change.writes_enabled.apply(&mut connection.writes_enabled);
    if let Patch::Set(patch) = change.limits {
        note("limits", true);
        let limits = patch.applied_to(connection.limits.value().unwrap_or_default());
        check_limits(&limits)?;
        connection.limits = Doc::of(&limits);
    }
    if let Patch::Set(origins) = change.browser_origins {
        note("browser_origins", true);
        origins.check()?;
        connection.browser_origins = Doc::of(&origins);
    }
    if let Patch::Set(pinned) = change.pinned_version {
        note("pinned_version", true);
        let known = version::parse(&pinned)
            .ok_or_else(|| Problem::rule("/pinned_version", "unknown_version", "there is no such version of this API"))?;
        connection.pinned_version = Cow::Borrowed(known);
    }
    Ok(changed)
}

/// The new opt-ins, each once, for the connection's purpose unless said otherwise.
fn opted_in(cx: &Cx<'_>, connection: &Connection<'_>, mut new: OptIns) -> Result<OptIns, Problem> {
    check_grant(cx.services(), cx.permit().grant(), &[], new.0.iter().map(|opt_in| opt_in.category))?;
    let before = connection.opt_ins.value().unwrap_or_default();
    for opt_in in &mut new.0 {
        opt_in.purpose = Some(opt_in.purpose.unwrap_or(connection.purpose));
        let same = before.0.iter().find(|old| old.category == opt_in.category && old.purpose == opt_in.purpose);
        opt_in.granted_at = same.and_then(|old| old.granted_at).or(Some(cx.now()));
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
