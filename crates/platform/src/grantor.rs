//! Who grants, for the record.

use clinicos_gate::{Caller, Cx};

/// The id of the key that grants, or `operator`.
pub fn grantor(cx: &Cx<'_>) -> String {
    match cx.permit().caller() {
        Caller::Operator => "operator".to_owned(),
        Caller::Connection { key, .. } => key.to_string(),
    }
}
