//! The decision: facts in, a permit or a refusal out, with reasons. No I/O, no clock.

mod granted;
mod origin;
mod reasons;
pub(crate) mod several;
mod stranger;
mod switches;

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

/// Why it was decided so. The numbers are stored in audit entries and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Reason {
    /// The key exists, is not revoked and has not expired.
    CredentialValid = 1,
    /// The caller runs the server.
    Operator = 2,
    /// The connection is active.
    ConnectionActive = 3,
    /// The clinic takes calls.
    ClinicActive = 4,
    /// The operation is not excluded, and writes are on if it writes.
    OperationAllowed = 5,
    /// The scope is granted.
    ScopeGranted = 6,
    /// The clinic opted in to the primary category for this purpose.
    OptedIn = 7,
    /// Fields of other categories are left out.
    FieldsLeftOut = 8,
    /// The call is within its limits.
    WithinLimits = 9,
    /// A person who is signed in, or just showed to be who they say.
    PersonKnown = 10,
    /// The person's role allows it.
    RoleAllows = 11,
    /// The connection lists the origin of the web page that calls.
    OriginListed = 12,
    /// Anybody may ask for this, and need not say who they are.
    OpenToAnybody = 13,
    /// The call came from where the key and its connection may be used.
    AddressAllowed = 14,
    /// The caller asked what would happen: nothing was changed.
    DryRun = 15,
    /// No or no valid credential.
    NoValidCredential = 20,
    /// The budget is spent.
    LimitReached = 21,
    /// The connection is paused, suspended or revoked.
    ConnectionNotActive = 22,
    /// The clinic does not take calls.
    ClinicNotActive = 23,
    /// The operation is excluded.
    OperationExcluded = 24,
    /// Writes are off.
    WritesOff = 25,
    /// The scope is not granted.
    ScopeMissing = 26,
    /// The clinic has not opted in.
    OptInMissing = 27,
    /// Only the operator may.
    OperatorOnly = 28,
    /// The clinic is not within the grant.
    ClinicNotInGrant = 29,
    /// The request itself was wrong.
    RequestRefused = 30,
    /// The operation refused.
    OperationRefused = 31,
    /// The grant changed while the call was under way.
    GrantChanged = 32,
    /// The path leads nowhere, or the transport refused.
    NotRouted = 33,
    /// The person's role does not allow it.
    RoleMissing = 34,
    /// An admin stopped all writes of the clinic.
    WritesStopped = 35,
    /// The connection does not list the origin of the web page that calls.
    OriginNotListed = 36,
    /// The call came from elsewhere than the key or its connection may be used.
    AddressNotAllowed = 37,
    /// The key was revoked, or its connection was.
    KeyRevoked = 38,
    /// The key's time is over.
    KeyExpired = 39,
    /// The key was replaced by another one.
    KeyReplaced = 40,
}

impl Reason {
    const ALL: [Self; 36] = [
        Self::CredentialValid,
        Self::Operator,
        Self::ConnectionActive,
        Self::ClinicActive,
        Self::OperationAllowed,
        Self::ScopeGranted,
        Self::OptedIn,
        Self::FieldsLeftOut,
        Self::WithinLimits,
        Self::PersonKnown,
        Self::RoleAllows,
        Self::OriginListed,
        Self::DryRun,
        Self::NoValidCredential,
        Self::LimitReached,
        Self::ConnectionNotActive,
        Self::ClinicNotActive,
        Self::OperationExcluded,
        Self::WritesOff,
        Self::ScopeMissing,
        Self::OptInMissing,
        Self::OperatorOnly,
        Self::ClinicNotInGrant,
        Self::RequestRefused,
        Self::OperationRefused,
        Self::GrantChanged,
        Self::NotRouted,
        Self::RoleMissing,
        Self::WritesStopped,
        Self::OriginNotListed,
        Self::OpenToAnybody,
        Self::AddressAllowed,
        Self::AddressNotAllowed,
        Self::KeyRevoked,
        Self::KeyExpired,
        Self::KeyReplaced,
    ];

    /// The reason with this stored number.
    pub fn from_stored(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| *reason as u8 == number)
    }

    /// The reason that is told in these words.
    pub fn from_words(words: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.words() == words)
    }

    /// Whether it spoke for the call. Numbers up to 19 are for such reasons.
    pub const fn lets_pass(self) -> bool {
        (self as u8) < Self::NoValidCredential as u8
    }

    /// In plain words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::CredentialValid => "the key is valid",
            Self::Operator => "the caller runs this server",
            Self::ConnectionActive => "the connection is active",
            Self::ClinicActive => "the clinic takes calls",
            Self::OperationAllowed => "the operation is not excluded",
            Self::ScopeGranted => "the scope is granted",
            Self::OptedIn => "the clinic opted in to this category for this purpose",
            Self::FieldsLeftOut => "fields of categories that the clinic did not opt in to are left out",
            Self::WithinLimits => "the call is within its limits",
            Self::DryRun => "it was a dry run: nothing was changed",
            Self::NoValidCredential => "no valid credential was shown",
            Self::LimitReached => "the budget for such calls is spent",
            Self::ConnectionNotActive => "the connection is not active",
            Self::ClinicNotActive => "the clinic does not take calls",
            Self::OperationExcluded => "an admin excluded this operation",
            Self::WritesOff => "an admin turned its changes off",
            Self::ScopeMissing => "the scope is not granted",
            Self::OptInMissing => "the clinic has not opted in to this category for this purpose",
            Self::OperatorOnly => "only whoever runs this server may do this",
            Self::ClinicNotInGrant => "the clinic is not within the grant",
            Self::RequestRefused => "the request itself could not be accepted",
            Self::OperationRefused => "a rule of the record refused it",
            Self::GrantChanged => "the grant changed while the call was under way",
            Self::NotRouted => "the request reached no operation",
            Self::PersonKnown => "the person is known",
            Self::RoleAllows => "the person's role allows it",
            Self::RoleMissing => "the person's role does not allow it",
            Self::WritesStopped => "an admin stopped all changes with the emergency switch",
            Self::OriginListed => "web pages of this origin may call with this connection",
            Self::OriginNotListed => "web pages of this origin may not call",
            Self::OpenToAnybody => "anybody may ask for this",
            Self::AddressAllowed => "the call came from an address that is allowed",
            Self::AddressNotAllowed => "the call came from an address that is not allowed",
            Self::KeyRevoked => "the key was revoked",
            Self::KeyExpired => "the key has expired",
            Self::KeyReplaced => "the key was replaced by another one",
        }
    }
}

/// Decides one call. Every reason that was looked at is pushed to `reasons`, the last one decides.
pub fn decide(facts: &Gathered<'_>, reasons: &mut Reasons) -> Result<Permit, Problem> {
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
