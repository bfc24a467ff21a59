//! Which rows a permit reaches, where that is not simply the clinic.

use clinicos_contract::Problem;
use clinicos_contract::query::Query;
use clinicos_gate::{Caller, ClinicId, Cx, OrganizationId};
use clinicos_store::Value;

/// The only organization that the caller sees; `None` is all of them, for the operator.
pub fn organization(cx: &Cx<'_>) -> Result<Option<OrganizationId>, Problem> {
    match (cx.permit().caller(), cx.permit().clinic()) {
        (Caller::Operator, None) => Ok(None),
        _ => Ok(Some(cx.clinic()?.organization)),
    }
}

/// The only clinic that the caller sees; `None` is all of them, for the operator.
pub fn clinic(cx: &Cx<'_>) -> Result<Option<ClinicId>, Problem> {
    match (cx.permit().caller(), cx.permit().clinic()) {
        (Caller::Operator, None) => Ok(None),
        _ => Ok(Some(cx.clinic_id()?)),
    }
}

/// Whether a list shows tombstones: only to who follows changes by `updated_at`.
pub fn shows_tombstones(query: &Query) -> bool {
    query.filters.iter().any(|term| term.field == "updated_at")
}

/// The same as a parameter: `all` or `live`.
pub fn tombstones(query: &Query) -> Value<'static> {
    Value::Text(if shows_tombstones(query) { "all" } else { "live" })
}
