//! What one client decided.

use clinicos_contract::{AnyId, CategorySet, Purpose, Timestamp};

use crate::recipient::{PurposeSet, Recipient, RecipientClass};
use crate::rules::Method;

/// The id of a patient.
pub type Patient = AnyId;

/// To whom a statement applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// An integration: the id of its connection, or its name in any case of letters.
    App(Box<str>),
    /// A referral partner: its id.
    Partner(Box<str>),
    /// A sort of recipients.
    Class(RecipientClass),
}

impl To {
    /// Whether this recipient is meant. A refusal means it by a name that it had before, too; a permission does not.
    pub fn means(&self, recipient: &Recipient, permits: bool) -> bool {
        match self {
            Self::App(app) => {
                let app_name = app.to_lowercase();
                let had = |name: &str| name.to_lowercase() == app_name;
                *app == recipient.connection
                    || had(&recipient.name)
                    || (!permits && recipient.former_names.iter().any(|name| had(name)))
            }
            Self::Partner(partner) => recipient.partner.as_ref() == Some(partner),
            Self::Class(RecipientClass::Anyone) => recipient.class.is_outside(),
            Self::Class(class) => *class == recipient.class,
        }
    }
}

/// What a client decided at one time, as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The record of it.
    pub id: AnyId,
    /// The one patient that it is about; all of the client's if `None`.
    pub patient: Option<Patient>,
    /// Whether it permits or refuses.
    pub permits: bool,
    /// What for. Never empty: whoever reads the record fills in what its words imply.
    pub purposes: PurposeSet,
    /// Which data. Never empty, likewise.
    pub data: CategorySet,
    /// To whom; empty for everybody.
    pub recipients: Vec<To>,
    /// From when it holds.
    pub from: Option<Timestamp>,
    /// Until when; this moment is no longer within.
    pub until: Option<Timestamp>,
    /// When the client decided so.
    pub decided_at: Timestamp,
    /// When the client took it back.
    pub withdrawn_at: Option<Timestamp>,
    /// How the client said so.
    pub method: Method,
    /// Whether a document shows it.
    pub has_evidence: bool,
}

/// What a statement comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// It may be.
    Permitted,
    /// It may not be: refused, or a permission that was taken back.
    Denied,
    /// A refusal that was taken back: as if nothing had been said.
    Settled,
}

impl Statement {
    /// What it comes to. A permission that was taken back is a refusal: whoever says "no longer" means no.
    pub const fn decided(&self) -> Decided {
        match (self.permits, self.withdrawn_at.is_some()) {
            (true, false) => Decided::Permitted,
            (false, true) => Decided::Settled,
            _ => Decided::Denied,
        }
    }

    /// When it was said last.
    pub fn said_at(&self) -> Timestamp {
        self.withdrawn_at.unwrap_or(self.decided_at)
    }

    /// Whether it holds at this moment. What was taken back stays taken back.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.withdrawn_at.is_some() || (self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until))
    }

    /// Whether it is about this recipient, and about this patient's records or all.
    pub fn concerns(&self, recipient: &Recipient, patient: Option<Patient>) -> bool {
        let to = self.recipients.is_empty()
            || self.recipients.iter().any(|to| to.means(recipient, self.decided() == Decided::Permitted));
        let about = self.patient.is_none() || self.patient == patient;
        to && about && self.purposes.contains(recipient.purpose)
    }

    /// Whether it leaves nothing of an older statement, at any time and for anybody.
    fn buries(&self, older: &Self) -> bool {
        let always = self.withdrawn_at.is_some() || (self.from.is_none() && self.until.is_none());
        let counts = self.decided() != Decided::Permitted;
        let about = self.patient.is_none() || self.patient == older.patient;
        let to = self.recipients.is_empty() || self.recipients == older.recipients;
        let same_way = self.method == older.method && self.has_evidence == older.has_evidence;
        always
            && about
            && to
            && (counts || (same_way && older.decided() == Decided::Permitted))
            && self.purposes.covers(older.purposes)
            && self.data.covers(older.data)
    }
}

/// What one client decided: newest first, and nothing that can never count again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decisions {
    statements: Vec<Statement>,
}

impl Decisions {
    /// Puts them in order. Of two that were said at the same moment the one that refuses counts as the newer.
    pub fn new(mut statements: Vec<Statement>) -> Self {
        statements.sort_by_key(|statement| std::cmp::Reverse(order(statement)));
        let mut kept: Vec<Statement> = Vec::with_capacity(statements.len());
        for statement in statements {
            if !kept.iter().any(|newer| newer.buries(&statement)) {
                kept.push(statement);
            }
        }
        Self { statements: kept }
    }

    /// Newest first.
    pub fn iter(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter()
    }

    /// How many count or can count.
    pub fn len(&self) -> usize {
        self.statements.len()
    }

    /// Whether nothing was decided.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// Whether any of them is about data for this purpose at all.
    pub fn speak_of(&self, purpose: Purpose) -> bool {
        self.statements.iter().any(|statement| statement.purposes.contains(purpose))
    }
}

fn order(statement: &Statement) -> (Timestamp, bool, [u8; 16]) {
    (statement.said_at(), statement.decided() == Decided::Denied, statement.id.bytes)
}
