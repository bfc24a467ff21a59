//! What a key may be held to, and who may make one for a connection.

use clinicos_contract::wire::Doc;
use clinicos_contract::{FieldError, Problem};
use clinicos_gate::addresses::AllowList;
use clinicos_gate::{Caller, Cx, Services};

use crate::connections::addresses;
use crate::connections::bounds::Holder;
use crate::connections::model::{Connection, Names, OptIns, check_grant};

/// Whether scopes exist, and are among those that they are to narrow.
pub fn check_scopes(services: &Services, asked: Option<&Names>, of: &Doc<'_, Names>) -> Result<(), Problem> {
    let Some(asked) = asked else { return Ok(()) };
    if asked.0.is_empty() {
        return Err(Problem::rule("/scopes", "required", "a key needs at least one scope"));
    }
    let held = services.scopes.set(of.value().unwrap_or_default().0.iter().map(String::as_str));
    for (at, scope) in asked.0.iter().enumerate() {
        let pointer = format!("/scopes/{at}");
        let Some(position) = services.scopes.position(scope) else {
            return Err(Problem::fields(vec![FieldError::new(pointer, "unknown", "there is no such scope")]));
        };
        if !held.contains(position) {
            return Err(Problem::rule(pointer, "wider", "a key may do no more than what it belongs to, or replaces"));
        }
    }
    Ok(())
}

/// Whether the caller holds all that a new key of this connection would: its secret is in the answer.
pub async fn check(
    cx: &mut Cx<'_>,
    connection: &Connection<'_>,
    scopes: Option<&Names>,
    allowed: &AllowList,
) -> Result<(), Problem> {
    let effective = match scopes {
        Some(scopes) => scopes.0.clone(),
        None => connection.scopes.value().unwrap_or_default().0,
    };
    let known: Vec<String> = effective.into_iter().filter(|scope| cx.services().scopes.position(scope).is_some()).collect();
    check_grant(cx.services(), cx.permit().grant(), &known, std::iter::empty())?;
    addresses::check_grant(cx, &addresses::stored(&connection.allowed_addresses)?.and(allowed))?;
    // Of its own connection a key holds everything but scopes and addresses that it is held to.
    if matches!(cx.permit().caller(), Caller::Connection { connection: own, .. } if *own == connection.id) {
        return Ok(());
    }
    let OptIns(opt_ins) = connection.opt_ins.value().unwrap_or_default();
    check_grant(cx.services(), cx.permit().grant(), &[], opt_ins.iter().map(|opt_in| opt_in.category))?;
    if let Some(holder) = Holder::of(cx).await? {
        holder.check_purpose(connection.purpose)?;
        holder.check_origins(&connection.browser_origins.value().unwrap_or_default())?;
        holder.check(connection)?;
    }
    Ok(())
}
