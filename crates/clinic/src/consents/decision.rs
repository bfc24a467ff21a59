//! Why data of a client may leave to a connection, or not: one record for each connection.

use std::borrow::Cow;

use clinicos_consent::{Because, Decided, RecipientClass};
use clinicos_contract::schema::Schema;
use clinicos_contract::wire::{Doc, Document};
use clinicos_contract::{AnyId, Category, Field, Purpose, Shape, Timestamp, record, words};
use clinicos_gate::ConnectionId;
use clinicos_gate::explain::{OptedIn, Why};
use clinicos_gate::facts::ConnectionFacts;
use serde::{Deserialize, Serialize};

use crate::ids::{ClientId, PatientId};

const CONSENT: Field = Field::of(Category::Communications);
const PRACTICE: Field = Field::of(Category::Practice);
const SYSTEM: Field = Field::of(Category::RecordSystem);

words! {
    /// What decides whether a category of data may leave.
    DecidedBy {
        /// The clinic did not opt in to it for this connection.
        OptInMissing = "opt_in_missing",
        /// The clinic's opt-in has ended.
        OptInExpired = "opt_in_expired",
        /// The clinic opted in for another purpose than this connection's.
        OptInForOtherPurpose = "opt_in_for_other_purpose",
        /// A rule that holds whatever a client decides.
        Exception = "exception",
        /// The client allowed it.
        ClientPermits = "client_permits",
        /// The client refused it.
        ClientDenies = "client_denies",
        /// The client allowed it before, and took that back.
        ClientTookBack = "client_took_back",
        /// A rule that holds where a client decided nothing.
        DefaultRule = "default_rule",
        /// The client decided nothing, and no rule lets it leave.
        NothingSays = "nothing_says",
    }
}

/// Whether one category of data may leave, and why.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CategoryDecision {
    category: Category,
    may_leave: bool,
    decided_by: DecidedBy,
    because: String,
    opted_in_until: Option<Timestamp>,
    consent_id: Option<String>,
    decided_client_id: Option<String>,
    rule: Option<String>,
    source: Option<String>,
    source_url: Option<String>,
}

/// One for each category of data of clients.
#[derive(Debug, Clone, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct CategoryDecisions(Vec<CategoryDecision>);

static CATEGORY_DECISION: Schema = Schema {
    name: "category_decision",
    doc: "Whether one category of a client's data may leave to a connection, and why.",
    fields: &[
        CONSENT.named("category", "The category.", Shape::Enum(Category::WORDS), false),
        CONSENT.named("may_leave", "Whether it may leave.", Shape::Bool, false),
        CONSENT.named("decided_by", "What decides that.", Shape::Enum(DecidedBy::WORDS), false),
        CONSENT.named("because", "The same in a sentence.", Shape::Text, false),
        CONSENT.named("opted_in_until", "When the clinic's opt-in ends, or ended.", Shape::Time, true),
        CONSENT.named("consent_id", "The consent that decides, if a client's word does.", Shape::Id("cns"), true),
        CONSENT.named(
            "decided_client_id",
            "Whose word that is. Of a patient with several owners it is that of the strictest.",
            Shape::Id("cli"),
            true,
        ),
        CONSENT.named("rule", "The rule of the clinic's jurisdiction that decides, if one does: its id.", Shape::Text, true),
        CONSENT.named("source", "Where that rule comes from.", Shape::Text, true),
        CONSENT.named("source_url", "Where that can be read.", Shape::Text, true),
    ],
};

impl Document for CategoryDecisions {
    const SHAPE: Shape = Shape::List(&Shape::Object(&CATEGORY_DECISION));
    const EMPTY: &'static str = "[]";
}

record! {
    /// What of a client's data may leave to one connection, and why.
    pub struct ConsentDecision<'a> as "consent_decision" {
        /// The connection's id.
        id: ConnectionId = SYSTEM,
        /// The connection that would get the data.
        connection_id: ConnectionId = SYSTEM.equal(),
        /// What people call it.
        connection_name: Cow<'a, str> = PRACTICE,
        /// What its data is used for.
        purpose: Purpose = PRACTICE,
        /// What sort of recipient it is.
        recipient: RecipientClass = PRACTICE,
        /// By which rules: `generic`, or the code of a state.
        jurisdiction: Cow<'a, str> = PRACTICE,
        /// The client.
        client_id: ClientId = SYSTEM,
        /// The patient whose records are asked about. Null unless the list is filtered by it: then it is the client's
        /// own data.
        patient_id: Option<PatientId> = SYSTEM.equal(),
        /// Each category of data of clients.
        categories: Doc<'a, CategoryDecisions> = CONSENT,
        /// Always 1.
        version: i64 = SYSTEM,
    }
}

impl ConsentDecision<'static> {
    /// What of a client's data, in records about a patient if one is named, may leave to a connection.
    pub fn of(connection: &ConnectionFacts, client: ClientId, patient: Option<PatientId>, why: &[Why]) -> Self {
        let standing = &connection.standing;
        let categories = why.iter().map(|why| CategoryDecision::of(why, client)).collect();
        Self {
            id: connection.id,
            connection_id: connection.id,
            connection_name: Cow::Owned(standing.recipient().name.to_string()),
            purpose: connection.purpose,
            recipient: standing.recipient().class,
            jurisdiction: Cow::Owned(standing.rules().code.to_string()),
            client_id: client,
            patient_id: patient,
            categories: Doc::of(&CategoryDecisions(categories)),
            version: 1,
        }
    }
}

impl CategoryDecision {
    fn of(why: &Why, client: ClientId) -> Self {
        let owner = why.client.map(|bytes| AnyId { prefix: "cli", bytes });
        let is_other = owner.is_some_and(|owner| owner.bytes != client.to_bytes());
        let (decided_by, because) = match opt_in_says(why.opted_in) {
            Some(says) => says,
            None => clients_say(why, is_other),
        };
        let by_client = matches!(decided_by, DecidedBy::ClientPermits | DecidedBy::ClientDenies | DecidedBy::ClientTookBack);
        let by_rule = matches!(decided_by, DecidedBy::Exception | DecidedBy::DefaultRule);
        let rule = why.rule.as_ref().filter(|_| by_rule);
        let consent = match &why.verdict.because {
            Because::Said(id, _) => Some(id.to_string()),
            _ => None,
        };
        Self {
            category: why.category,
            may_leave: why.may_leave(),
            decided_by,
            because,
            opted_in_until: match why.opted_in {
                OptedIn::Given { until } => until,
                OptedIn::Expired { at } => Some(at),
                OptedIn::OtherPurpose | OptedIn::Missing => None,
            },
            consent_id: consent.filter(|_| by_client),
            decided_client_id: owner.filter(|_| by_client).map(|owner| owner.to_string()),
            rule: rule.map(|rule| rule.id.to_string()),
            source: rule.map(|rule| rule.source.to_string()),
            source_url: rule.and_then(|rule| rule.url.as_deref().map(str::to_owned)),
        }
    }
}

fn opt_in_says(opted_in: OptedIn) -> Option<(DecidedBy, String)> {
    Some(match opted_in {
        OptedIn::Given { .. } => return None,
        OptedIn::Expired { at } => (DecidedBy::OptInExpired, format!("What the clinic allowed this connection ended at {at}.")),
        OptedIn::OtherPurpose => {
            let says = "The clinic allowed this kind of data for another purpose than this connection's.";
            (DecidedBy::OptInForOtherPurpose, says.to_owned())
        }
        OptedIn::Missing => (DecidedBy::OptInMissing, "The clinic has not allowed this connection this kind of data.".to_owned()),
    })
}

fn clients_say(why: &Why, is_other: bool) -> (DecidedBy, String) {
    let who = if is_other { "Another owner of the patient" } else { "The client" };
    let rule = why.rule.as_ref().map(|rule| &*rule.why).unwrap_or_default();
    match (&why.verdict.because, why.verdict.shown) {
        (Because::Said(_, Decided::Permitted), _) => (DecidedBy::ClientPermits, format!("{who} allowed it.")),
        (Because::Said(..), _) if why.taken_back => {
            (DecidedBy::ClientTookBack, format!("{who} allowed it before and took that back."))
        }
        (Because::Said(..), _) => (DecidedBy::ClientDenies, format!("{who} refused it.")),
        (Because::Exception(_), _) => (DecidedBy::Exception, format!("Whatever the client decides: {rule}")),
        (Because::Default(_), true) => (DecidedBy::DefaultRule, format!("The client decided nothing, and then it may: {rule}")),
        (Because::Default(_), false) => {
            (DecidedBy::DefaultRule, format!("The client decided nothing, and has to be asked first: {rule}"))
        }
        (Because::NotOfClients | Because::NothingSays, _) => {
            (DecidedBy::NothingSays, "The client decided nothing, and no rule lets it leave without being asked.".to_owned())
        }
    }
}
