//! What a connection was granted: scopes by the clinic, categories of data by the clinic and by its clients.

use std::sync::Arc;

use clinicos_contract::scope::ScopeSet;
use clinicos_contract::{Category, CategorySet, Explains, Problem, problem};

use super::{Gathered, Reason, Reasons, switches};
use crate::consents::{Looking, Sees};
use crate::facts::{ConnectionFacts, ConnectionState};

/// How a connection looks at records of clients; nothing, if no client's word changes what it sees.
pub(super) fn looking(facts: &Gathered<'_>, connection: &ConnectionFacts) -> Option<Arc<Looking>> {
    Looking::new(&connection.standing, facts.consents, facts.now).map(Arc::new)
}

pub(super) fn granted(
    facts: &Gathered<'_>,
    connection: &ConnectionFacts,
    scopes: ScopeSet,
    reasons: &mut Reasons,
) -> Result<CategorySet, Problem> {
    if !scopes.contains(facts.scope) {
        reasons.push(Reason::ScopeMissing);
        let scope = facts.spec.scope();
        let mut problem = Problem::new(&problem::MISSING_SCOPE, format!("this key does not have the scope `{scope}`"));
        problem.missing_scope = Some(scope);
        return Err(problem);
    }
    reasons.push(Reason::ScopeGranted);
    // Ids, versions and times come along with whatever else may be seen.
    let categories = connection.categories(facts.now).with(Category::RecordSystem);
    let primary = facts.spec.resource.primary;
    if !categories.contains(primary) {
        reasons.push(Reason::OptInMissing);
        let detail =
            format!("the clinic has not opted in to `{}` for the purpose `{}`", primary.name(), connection.purpose.name());
        let mut problem = Problem::new(&problem::MISSING_OPT_IN, detail);
        problem.missing_consent = Some(primary);
        return Err(problem);
    }
    reasons.push(Reason::OptedIn);
    // Whether what it guessed is what stands there is what clients hide from it.
    let tells = match (facts.spec.compares, facts.spec.explains) {
        (true, _) => Some("this tells how what is sent compares with records that clients can keep from this connection"),
        (false, Explains::Nothing) => None,
        (false, _) => Some("this tells what clients decided about others, which they can keep from this connection"),
    };
    if let Some(tells) = tells.filter(|_| looking(facts, connection).is_some()) {
        reasons.push(Reason::OperationRefused);
        let detail = format!("{tells}; a program of the clinic's own may do it");
        return Err(Problem::new(&problem::HIDDEN_FIELD, detail));
    }
    Ok(categories)
}

/// What a connection would see of what an operation reads, whoever asks: what the clinic granted it, and how it looks
/// at records of clients.
pub(crate) fn seen_by(facts: &Gathered<'_>, connection: &ConnectionFacts) -> Result<Sees, Problem> {
    let reasons = &mut Reasons::default();
    if connection.state == ConnectionState::Revoked {
        return Err(Problem::new(&problem::CONNECTION_SUSPENDED, "this connection is revoked, and sees nothing any more"));
    }
    switches::decide(facts, connection, reasons)?;
    let visible = granted(facts, connection, connection.scopes, reasons)?;
    Ok(Sees { visible, looking: looking(facts, connection) })
}
