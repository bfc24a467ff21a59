//! Who grants, for the record.

use clinicos_contract::Problem;
use clinicos_gate::{Caller, Cx, UserId};

/// The id of the key or person that grants, `operator`, or `anybody`, who can only report a leak.
pub fn grantor(cx: &Cx<'_>) -> String {
    match cx.permit().caller() {
        Caller::Operator => "operator".to_owned(),
        Caller::Stranger => "anybody".to_owned(),
        Caller::Connection { key, .. } => key.to_string(),
        Caller::User { user, .. } => user.to_string(),
    }
}

/// Whose what is made belongs to: the connection and not one of its keys, which come and go; the
/// person; or `operator`.
pub fn maker(cx: &Cx<'_>) -> String {
    match cx.permit().caller() {
        Caller::Connection { connection, .. } => connection.to_string(),
        Caller::Operator | Caller::Stranger | Caller::User { .. } => grantor(cx),
    }
}

/// The person who calls, for what is about that person alone.
pub fn own_user(cx: &Cx<'_>) -> Result<UserId, Problem> {
    match cx.permit().caller() {
        Caller::User { user, .. } => Ok(*user),
        // The gate lets nobody else come here.
        Caller::Operator | Caller::Stranger | Caller::Connection { .. } => Err(Problem::not_found()),
    }
}
