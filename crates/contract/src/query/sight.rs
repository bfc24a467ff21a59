//! Which fields a caller may filter and sort by.

use super::{Operand, Reader};
use crate::category::{Category, CategorySet};
use crate::id::{AnyId, parse_any};
use crate::problem::Problem;
use crate::schema::{Consent, Field};
use crate::wire::SUBJECTS;

/// What a caller may filter and sort by: what it shows would else tell what it hides.
#[derive(Debug, Clone, Copy)]
pub struct Sight {
    /// The categories that the clinic lets it see.
    pub visible: CategorySet,
    /// The categories that no client can hide from it.
    pub open: CategorySet,
}

impl Sight {
    /// Of a caller from whom no client can hide anything.
    pub const fn whole(visible: CategorySet) -> Self {
        Self { visible, open: CategorySet::ALL }
    }
}

impl Reader<'_> {
    pub(super) fn guard_sort(&mut self, field: &Field) {
        self.guard(field);
        if self.asks_clients(field).is_some() {
            self.hidden = Some(Problem::consent_field(field.name, field.category));
        }
    }

    /// The category of data that a client must allow for the field to be shown, if clients are asked.
    fn asks_clients(&self, field: &Field) -> Option<Category> {
        let is_asked = |category: &Category| !self.sight.open.contains(*category);
        let asked = field.consented().filter(is_asked);
        asked.or_else(|| field.leads_to.filter(is_asked)).filter(|_| field.name != "id")
    }

    pub(super) fn guard_filter(&mut self, field: &Field, value: &Operand) {
        self.guard(field);
        let Some(category) = self.asks_clients(field) else { return };
        let subject = match (field.consent, value) {
            (Consent::With(_), Operand::Text(text)) => subject(text),
            _ => None,
        };
        match subject {
            Some(subject) => self.query.asked.push((category, subject)),
            None => self.hidden = Some(Problem::consent_field(field.name, field.category)),
        }
    }

    fn guard(&mut self, field: &Field) {
        if !self.sight.visible.contains(field.category) {
            self.hidden = Some(Problem::hidden_field(field.name, field.category));
        }
    }
}

/// The client or the patient whose id this is.
fn subject(text: &str) -> Option<AnyId> {
    let (prefix, bytes) = parse_any(text)?;
    let prefix = SUBJECTS.into_iter().find(|subject| *subject == prefix)?;
    Some(AnyId { prefix, bytes })
}
