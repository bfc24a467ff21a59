//! What a connection was granted: scopes by the clinic, categories of data by the clinic and by its clients.

use std::sync::Arc;

use clinicos_contract::scope::ScopeSet;
use clinicos_contract::{Category, CategorySet, Problem, problem};

use super::{Gathered, Reason, Reasons};
use crate::consents::Looking;
use crate::facts::ConnectionFacts;

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
    if facts.spec.compares && looking(facts, connection).is_some() {
        reasons.push(Reason::OperationRefused);
        let detail = "this tells more of records than clients let this connection know; a program of the clinic's own may do it";
        return Err(Problem::new(&problem::HIDDEN_FIELD, detail));
    }
    Ok(categories)
}
