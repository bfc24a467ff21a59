//! The decision: facts in, a permit or a refusal out, with reasons. No I/O, no clock.

mod coming;
pub(crate) mod granted;
mod origin;
mod reason;
mod reasons;
pub(crate) mod several;
mod stranger;
mod switches;

pub use self::reason::Reason;
pub use self::reasons::Reasons;

use std::net::IpAddr;
use std::sync::Arc;

use clinicos_contract::{CategorySet, Problem, Shown, Spec, Timestamp, problem, scope::ScopeSet};

use crate::consents::Consents;
use crate::facts::{ConnectionFacts, ConnectionState, KeyFacts};
use crate::ids::SessionId;
use crate::people::UserFacts;
use crate::permit::{Bounds, Caller, ClinicFacts, Permit};
use crate::scopes::Grant;
use crate::sign_in::Factor;

/// Everything that a decision rests on.
#[derive(Debug, Clone, Copy)]
pub struct Gathered<'f> {
    /// What is asked for.
    pub spec: &'f Spec,
    /// The number of the scope that it needs.
    pub scope: usize,
    /// Security time.
    pub now: Timestamp,
    /// Who asks.
    pub caller: CallerFacts<'f>,
    /// Where the call came from, if that is known.
    pub address: Option<IpAddr>,
    /// The clinic that is addressed.
    pub clinic: Option<&'f ClinicFacts>,
    /// What its clients decided.
    pub consents: &'f Arc<Consents>,
    /// Whether the operation is about what a clinic's record is made of.
    pub of_record: bool,
    /// The origin of the web page that a browser calls for, if it is another site's.
    pub page: Option<&'f str>,
    /// The number of the last security change that these facts know.
    pub seq: i64,
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub enum CallerFacts<'f> {
    /// Whoever runs the server.
    Operator,
    /// Somebody who showed nothing.
    Stranger,
    /// A connection, by a key that was found.
    Connection(&'f ConnectionFacts, &'f KeyFacts),
    /// A person, and the session, unless the call is about to make one, and what was shown for it beside
    /// the password.
    User(&'f UserFacts, Option<SessionId>, Option<Factor>),
}

/// Decides one call. Every reason that was looked at is pushed to `reasons`, the last one decides.
pub fn decide(facts: &Gathered<'_>, reasons: &mut Reasons) -> Result<Permit, Problem> {
    let permit = by_caller(facts, reasons)?;
    coming::decide(facts, reasons)?;
    Ok(permit)
}

fn by_caller(facts: &Gathered<'_>, reasons: &mut Reasons) -> Result<Permit, Problem> {
    match facts.caller {
        CallerFacts::Operator => Ok(operator(facts, reasons)),
        CallerFacts::Stranger => stranger::decide(facts, reasons),
        CallerFacts::User(user, session, factor) => Ok(Permit { factor, ..person(facts, user, session, reasons)? }),
        CallerFacts::Connection(connection, key) => {
            standing(facts, (connection, key), reasons)?;
            page(facts, connection, reasons)?;
            let must_narrow = switches::decide(facts, connection, reasons)?;
            let scopes = key.scopes.map_or(connection.scopes, |own| own.and(&connection.scopes));
            let categories = granted::granted(facts, connection, scopes, reasons)?;
            Ok(Permit {
                reach: facts.spec.reach,
                caller: Caller::Connection { connection: connection.id, key: key.id, purpose: connection.purpose },
                clinic: facts.clinic.cloned(),
                visible: categories,
                looking: granted::looking(facts, connection),
                grant: Grant { scopes, categories },
                addresses: Bounds { connection: connection.allowed.clone(), key: key.allowed.clone() },
                factor: None,
                must_narrow,
                decided_at_seq: facts.seq,
            })
        }
    }
}

/// A person sees what their clinic has, and changes what their role may change.
fn person(facts: &Gathered<'_>, user: &UserFacts, session: Option<SessionId>, reasons: &mut Reasons) -> Result<Permit, Problem> {
    reasons.push(Reason::PersonKnown);
    clinic_takes_calls(facts, reasons)?;
    refuse_operators(facts, reasons)?;
    // What is about the very person who calls needs no role.
    let is_own = !matches!(facts.spec.shown, Shown::Standing | Shown::Person);
    if !is_own && !user.role.may_call(facts.spec) {
        reasons.push(Reason::RoleMissing);
        let detail = format!("the role {} may look, not change; an admin of the clinic may", user.role.name());
        return Err(Problem::new(&problem::ROLE_NOT_ALLOWED, detail));
    }
    reasons.push(Reason::RoleAllows);
    Ok(Permit {
        reach: facts.spec.reach,
        caller: Caller::User { user: user.id, session, role: user.role },
        clinic: facts.clinic.cloned(),
        visible: CategorySet::ALL,
        looking: None,
        grant: Grant { scopes: every_scope(), categories: CategorySet::ALL },
        factor: None,
        must_narrow: false,
        addresses: Bounds::default(),
        decided_at_seq: facts.seq,
    })
}

fn every_scope() -> ScopeSet {
    let mut scopes = ScopeSet::default();
    (0..clinicos_contract::scope::SCOPES_MAX).for_each(|index| scopes.insert(index));
    scopes
}

fn operator(facts: &Gathered<'_>, reasons: &mut Reasons) -> Permit {
    reasons.push(Reason::Operator);
    Permit {
        reach: facts.spec.reach,
        caller: Caller::Operator,
        clinic: facts.clinic.cloned(),
        visible: CategorySet::ALL,
        looking: None,
        grant: Grant { scopes: every_scope(), categories: CategorySet::ALL },
        factor: None,
        must_narrow: false,
        addresses: Bounds::default(),
        decided_at_seq: facts.seq,
    }
}

fn standing(
    facts: &Gathered<'_>,
    (connection, key): (&ConnectionFacts, &KeyFacts),
    reasons: &mut Reasons,
) -> Result<(), Problem> {
    reasons.push(Reason::CredentialValid);
    origin::is_allowed(facts, (connection, key), reasons)?;
    let refusal = match connection.state_at(facts.now) {
        ConnectionState::Active => None,
        ConnectionState::Paused => Some((&problem::CONNECTION_PAUSED, paused(connection))),
        ConnectionState::Suspended => Some((&problem::CONNECTION_SUSPENDED, "oversight suspended this connection".to_owned())),
        // Its keys are refused before it comes to this.
        ConnectionState::Revoked => Some((&problem::CONNECTION_SUSPENDED, "this connection is revoked".to_owned())),
    };
    if let Some((code, detail)) = refusal {
        reasons.push(Reason::ConnectionNotActive);
        return Err(Problem::new(code, detail));
    }
    reasons.push(Reason::ConnectionActive);
    clinic_takes_calls(facts, reasons)?;
    refuse_operators(facts, reasons)
}

/// What a paused connection is told: a program that knows when its pause ends need not try until then.
fn paused(connection: &ConnectionFacts) -> String {
    let paused = "an admin of the clinic paused this connection";
    connection.paused_until.map_or_else(|| paused.to_owned(), |end| format!("{paused} until {end}"))
}

fn clinic_takes_calls(facts: &Gathered<'_>, reasons: &mut Reasons) -> Result<(), Problem> {
    if !facts.clinic.is_some_and(|clinic| clinic.takes_calls) {
        reasons.push(Reason::ClinicNotActive);
        return Err(Problem::new(&problem::CLINIC_INACTIVE, "the clinic does not take calls at present"));
    }
    reasons.push(Reason::ClinicActive);
    Ok(())
}

fn refuse_operators(facts: &Gathered<'_>, reasons: &mut Reasons) -> Result<(), Problem> {
    if facts.spec.is_operators() {
        reasons.push(Reason::OperatorOnly);
        return Err(Problem::new(&problem::OPERATOR_ONLY, "only whoever runs this server may do this"));
    }
    Ok(())
}

/// Whether the web page that a browser calls for may use this connection. A key in a page can be
/// read by whoever opens the page, so an admin must have said which pages those are.
fn page(facts: &Gathered<'_>, connection: &ConnectionFacts, reasons: &mut Reasons) -> Result<(), Problem> {
    let Some(origin) = facts.page else { return Ok(()) };
    if connection.takes_pages_of(origin) {
        reasons.push(Reason::OriginListed);
        return Ok(());
    }
    reasons.push(Reason::OriginNotListed);
    Err(origin_not_allowed())
}

/// The refusal of a web page whose origin nobody listed.
pub(crate) fn origin_not_allowed() -> Problem {
    let detail =
        "a browser sent this for a web page whose origin the connection does not list; an admin of the clinic can list it";
    Problem::new(&problem::ORIGIN_NOT_ALLOWED, detail)
}
