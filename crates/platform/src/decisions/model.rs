//! A decision, explained.

use std::borrow::Cow;

use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, CategorySet, Field, Timestamp, id, record};
use clinicos_gate::decide::Reason;
use clinicos_gate::{ConnectionId, DecisionId, PROBLEM_PATH, RequestId, UserId};
use clinicos_store::journal::audit::Entry;

use crate::audit_log::model::{Actor, EntryId, Outcome, Texts, actor};

record! {
    /// Why a call was allowed or refused.
    pub struct Decision<'a> as "decision" {
        /// The decision's id.
        id: DecisionId = Field::of(Category::RecordSystem),
        /// When the call arrived.
        at: Timestamp = Field::of(Category::RecordSystem),
        /// The request that was answered.
        request_id: RequestId = Field::of(Category::RecordSystem),
        /// Its entry in the access log.
        audit_entry_id: EntryId = Field::of(Category::RecordSystem),
        /// What kind of actor called.
        actor: Actor = Field::of(Category::Practice),
        /// The connection that the call was made through.
        connection_id: Option<ConnectionId> = Field::of(Category::Practice),
        /// The person who called.
        user_id: Option<UserId> = Field::of(Category::Practice).sparse(),
        /// The operation, such as `invoices.list`.
        operation: Cow<'a, str> = Field::of(Category::Practice),
        /// Whether it was answered or refused.
        outcome: Outcome = Field::of(Category::Practice),
        /// The HTTP status.
        status: i64 = Field::of(Category::Practice),
        /// What came of it and why, in one sentence.
        summary: Cow<'a, str> = Field::of(Category::Practice),
        /// What spoke for the call, in words, in the order it was looked at.
        allowed_because: Doc<'a, Texts> = Field::of(Category::Practice),
        /// What spoke against it. Empty if it was answered.
        refused_because: Doc<'a, Texts> = Field::of(Category::Practice),
        /// The problem's code, if it was refused.
        problem: Option<Cow<'a, str>> = Field::of(Category::Practice),
        /// What that problem means and what to do about it.
        problem_url: Option<Cow<'a, str>> = Field::of(Category::Practice),
        /// The categories of data in the answer.
        categories_disclosed: Doc<'a, Texts> = Field::of(Category::Practice),
        /// The categories of data that were left out, because the clinic did not opt in to them or a client does
        /// not allow them. Each answer says of each record which field, and why, under `_redactions`.
        categories_redacted: Doc<'a, Texts> = Field::of(Category::Practice),
        /// What clients decided, as far as it counted for the answer.
        consent_ids: Doc<'a, Texts> = Field::of(Category::Practice),
        /// Always 1: a decision never changes.
        version: i64 = Field::of(Category::RecordSystem),
    }
}

impl Decision<'static> {
    /// Explains an entry. `what` is what its operation does, in a few words.
    pub fn new(entry: Entry, id: DecisionId, what: Option<&str>, base_url: &str) -> Self {
        let reasons: Vec<Reason> = entry.reasons.iter().filter_map(|number| Reason::from_stored(*number)).collect();
        let words = |passes: bool| {
            let told = reasons.iter().filter(|reason| reason.lets_pass() == passes).map(|reason| reason.words().to_owned());
            told.collect::<Vec<_>>()
        };
        let (allowed, refused) = (words(true), words(false));
        let categories = |bits: u16| {
            let names = CategorySet::from_bits(bits).iter().map(|category| category.name().to_owned());
            Doc::of(&Texts(names.collect()))
        };
        let consent = |bytes: &[u8; 16]| format!("cns_{}", id::text_of(*bytes));
        Self {
            id,
            at: Timestamp::from_micros(entry.at),
            request_id: RequestId::from_bytes(entry.request_id),
            audit_entry_id: EntryId::from_bytes(entry.request_id),
            actor: actor(&entry.actor),
            connection_id: entry.actor.connection.map(ConnectionId::from_bytes),
            user_id: entry.actor.on_behalf_of.map(UserId::from_bytes),
            outcome: if entry.status < 400 { Outcome::Allowed } else { Outcome::Refused },
            status: i64::from(entry.status),
            summary: Cow::Owned(summary(what.unwrap_or(&entry.operation), &entry, &refused)),
            operation: Cow::Owned(entry.operation),
            allowed_because: Doc::of(&Texts(allowed)),
            refused_because: Doc::of(&Texts(refused)),
            problem_url: entry.problem.as_ref().map(|code| Cow::Owned(format!("{base_url}{PROBLEM_PATH}{code}"))),
            problem: entry.problem.map(Cow::Owned),
            categories_disclosed: categories(entry.disclosed),
            categories_redacted: categories(entry.redacted),
            consent_ids: Doc::of(&Texts(entry.consents.iter().map(consent).collect())),
            version: 1,
        }
    }
}

fn summary(what: &str, entry: &Entry, refused: &[String]) -> String {
    let code = entry.problem.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
    match (entry.status < 400, refused.last()) {
        (true, _) => format!("\u{201c}{what}\u{201d} was answered ({}).", entry.status),
        (false, Some(why)) => format!("\u{201c}{what}\u{201d} was refused ({}{code}): {why}.", entry.status),
        (false, None) => format!("\u{201c}{what}\u{201d} was refused ({}{code}).", entry.status),
    }
}
