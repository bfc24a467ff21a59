//! The switches that an admin turns: excluded operations, a connection's writes, and the clinic's
//! emergency switch.

use clinicos_contract::{Problem, WhenStopped, problem};

use super::{Gathered, Reason, Reasons};
use crate::facts::ConnectionFacts;

/// Whether the call may only take away.
pub(super) fn decide(facts: &Gathered<'_>, connection: &ConnectionFacts, reasons: &mut Reasons) -> Result<bool, Problem> {
    if connection.excluded_operations.iter().any(|excluded| excluded == facts.spec.id) {
        reasons.push(Reason::OperationExcluded);
        let detail = format!("an admin of the clinic excluded `{}` for this connection", facts.spec.id);
        return Err(Problem::new(&problem::OPERATION_EXCLUDED, detail));
    }
    let stopped = facts.spec.writes() && facts.clinic.is_some_and(|clinic| clinic.writes_stopped);
    if stopped && facts.spec.when_stopped == WhenStopped::Refused {
        reasons.push(Reason::WritesStopped);
        return Err(Problem::new(&problem::WRITES_OFF, "an admin stopped all writes of this clinic"));
    }
    if facts.spec.writes() && !connection.writes_enabled {
        reasons.push(Reason::WritesOff);
        return Err(Problem::new(&problem::WRITES_OFF, "an admin of the clinic switched writes off for this connection"));
    }
    reasons.push(Reason::OperationAllowed);
    Ok(stopped && facts.spec.when_stopped == WhenStopped::IfItNarrows)
}
