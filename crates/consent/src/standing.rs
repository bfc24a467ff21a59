//! What the rules come to for one recipient, and the decision for one record.

use std::sync::Arc;

use clinicos_contract::{AnyId, Category, CategorySet, Timestamp};

use crate::decisions::{Decided, Decisions, Patient};
use crate::recipient::Recipient;
use crate::rules::{Rule, Rules};
use crate::{OF_CLIENTS, Statement};

/// What the rules of a jurisdiction come to for one recipient, before any client is asked.
#[derive(Debug, Clone)]
pub struct Standing {
    rules: Arc<Rules>,
    recipient: Recipient,
    /// What may leave whatever a client decided.
    forced: CategorySet,
    /// What may leave where a client decided nothing.
    by_default: CategorySet,
}

/// Why a category of data may leave or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// It tells of no client.
    NotOfClients,
    /// A rule that holds whatever a client decided: its id.
    Exception(Box<str>),
    /// The client said so: the record of it.
    Said(AnyId, Decided),
    /// A rule that holds where a client decided nothing: its id.
    Default(Box<str>),
    /// Nothing permits it.
    NothingSays,
}

/// Whether a category of data may leave, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it may.
    pub shown: bool,
    /// Why.
    pub because: Because,
}

impl Standing {
    /// Works it out once, for all records.
    pub fn new(rules: Arc<Rules>, recipient: Recipient) -> Self {
        let is_for = |rule: &&Rule| rule.is_for(recipient.purpose, recipient.class);
        let forced = rules.exceptions.iter().filter(is_for).fold(CategorySet::NONE, |all, rule| all.or(rule.data));
        let (mut by_default, mut open) = (CategorySet::NONE, OF_CLIENTS);
        for rule in rules.defaults.iter().filter(is_for) {
            if rule.permits {
                by_default = by_default.or(rule.data.and(open));
            }
            open = open.without(rule.data);
        }
        Self { rules, recipient, forced, by_default }
    }

    /// For whom.
    pub fn recipient(&self) -> &Recipient {
        &self.recipient
    }

    /// By whose rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The rule of this id, which explained something.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.exceptions.iter().chain(&self.rules.defaults).find(|rule| *rule.id == *id)
    }

    /// Whether no client's decision changes anything: all data may leave by rules that hold whatever they decide.
    pub fn is_bound_by_nobody(&self) -> bool {
        self.forced.covers(OF_CLIENTS)
    }

    /// Whether another one decides the same: by the same rules for the same recipient.
    pub fn is_same_as(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.rules, &other.rules) && self.recipient == other.recipient
    }

    /// The categories that may leave whatever a client decides: no client's word shows in them.
    pub fn open(&self) -> CategorySet {
        CategorySet::ALL.without(OF_CLIENTS).or(self.forced)
    }

    /// The categories that may leave of a record whose clients decided nothing.
    pub fn unsaid(&self) -> CategorySet {
        CategorySet::ALL.without(OF_CLIENTS).or(self.forced).or(self.by_default)
    }

    /// The categories that may leave of a record, given what each of its owners decided. Several owners: what all
    /// of them allow.
    pub fn shown<'d>(
        &self,
        owners: impl IntoIterator<Item = &'d Decisions>,
        patient: Option<Patient>,
        now: Timestamp,
    ) -> CategorySet {
        let mut shown = self.unsaid();
        let mut first = true;
        for owner in owners {
            let one = self.of_one(owner, patient, now);
            shown = if std::mem::take(&mut first) { one } else { shown.and(one) };
        }
        shown
    }

    fn of_one(&self, owner: &Decisions, patient: Option<Patient>, now: Timestamp) -> CategorySet {
        let (mut permitted, mut refused) = (CategorySet::NONE, CategorySet::NONE);
        self.each_that_counts(owner, patient, now, |statement, data| match statement.decided() {
            Decided::Permitted => permitted = permitted.or(data),
            Decided::Denied => refused = refused.or(data),
            Decided::Settled => {}
        });
        let decided = permitted.or(self.by_default.without(refused));
        CategorySet::ALL.without(OF_CLIENTS).or(self.forced).or(decided)
    }

    /// What one owner said that counts, newest first, each with the categories that nothing newer speaks of.
    pub fn each_that_counts<'d>(
        &self,
        owner: &'d Decisions,
        patient: Option<Patient>,
        now: Timestamp,
        mut each: impl FnMut(&'d Statement, CategorySet),
    ) {
        let mut open = OF_CLIENTS;
        for statement in owner.iter().filter(|statement| self.counts(statement, patient, now)) {
            let data = statement.data.and(open);
            if !data.is_empty() {
                each(statement, data);
            }
            open = open.without(data);
            if open.is_empty() {
                break;
            }
        }
    }

    fn counts(&self, statement: &Statement, patient: Option<Patient>, now: Timestamp) -> bool {
        statement.holds(now)
            && statement.concerns(&self.recipient, patient)
            && (statement.decided() != Decided::Permitted
                || !self.recipient.class.is_outside()
                || self.rules.permission_counts(statement.method, statement.has_evidence))
    }

    /// Whether one category of one owner's data may leave, and why.
    pub fn explain(&self, category: Category, owner: &Decisions, patient: Option<Patient>, now: Timestamp) -> Verdict {
        if !OF_CLIENTS.contains(category) {
            return Verdict { shown: true, because: Because::NotOfClients };
        }
        let fits = |rule: &&Rule| rule.is_for(self.recipient.purpose, self.recipient.class) && rule.data.contains(category);
        if let Some(rule) = self.rules.exceptions.iter().find(fits) {
            return Verdict { shown: true, because: Because::Exception(rule.id.clone()) };
        }
        let said = owner.iter().find(|said| said.data.contains(category) && self.counts(said, patient, now));
        if let Some(said) = said.filter(|said| said.decided() != Decided::Settled) {
            let decided = said.decided();
            return Verdict { shown: decided == Decided::Permitted, because: Because::Said(said.id, decided) };
        }
        match self.rules.defaults.iter().find(fits) {
            Some(rule) => Verdict { shown: rule.permits, because: Because::Default(rule.id.clone()) },
            None => Verdict { shown: false, because: Because::NothingSays },
        }
    }
}
