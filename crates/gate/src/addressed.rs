//! Which clinic a call is about.

use std::sync::Arc;

use clinicos_contract::{FieldError, Problem, Reach, query};

use crate::call::{Ask, Found};
use crate::decide::{Reason, Reasons};
use crate::facts::Snapshot;
use crate::ids::ClinicId;
use crate::permit::ClinicFacts;
use crate::request::{Credential, Request};
use crate::several::must_name;

/// The clinic that a call names: by the parameter, or by a path that leads to it.
pub(crate) fn named_by(request: &Request) -> Result<Option<String>, Problem> {
    let named = query::clinic_id(&request.query)?;
    // A connection's clinic is its own, whatever a path says; the operator's call is about the one
    // that it leads to, and stands in that one's log.
    let is_operator = matches!(request.credential, Credential::Operator);
    let in_path = || request.path.iter().find(|(name, _)| is_operator && *name == "clinic_id").map(|(_, id)| id.clone());
    Ok(named.or_else(in_path))
}

/// The clinic that a call addresses: the connection's own, or the one that `clinic_id` chooses.
pub(crate) fn by(
    snapshot: &Snapshot,
    ask: &Ask,
    found: &Found,
    reasons: &mut Reasons,
) -> Result<Option<Arc<ClinicFacts>>, Problem> {
    let asked = ask.clinic_id.as_deref();
    match found {
        Found::Connection(..) | Found::Person(..) => {
            if asked.is_some_and(|asked| ClinicId::parse(asked) != found.clinic()) {
                reasons.push(Reason::ClinicNotInGrant);
                return Err(Problem::not_found());
            }
            Ok(found.clinic().and_then(|clinic| snapshot.clinic(clinic)).cloned())
        }
        Found::Several(parts) => {
            reasons.push(Reason::RequestRefused);
            Err(must_name(parts))
        }
        Found::Stranger if asked.is_none() => Ok(None),
        // Which clinics there are is not told to who asks without a credential.
        Found::Stranger => {
            reasons.push(Reason::ClinicNotInGrant);
            Err(Problem::not_found())
        }
        Found::Operator => match asked {
            Some(asked) => {
                let clinic = ClinicId::parse(asked).and_then(|id| snapshot.clinic(id)).cloned();
                clinic.map(Some).ok_or_else(|| {
                    reasons.push(Reason::ClinicNotInGrant);
                    Problem::not_found()
                })
            }
            None if ask.spec.reach == Reach::Clinic => {
                reasons.push(Reason::RequestRefused);
                Err(Problem::parameters(vec![FieldError::new("clinic_id", "required", "say which clinic this is about")]))
            }
            None => Ok(None),
        },
    }
}
