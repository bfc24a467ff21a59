//! Views: which fields of a schema an answer may show.

use std::sync::Arc;

use super::Subjects;
use crate::category::{Category, CategorySet};
use crate::id::AnyId;
use crate::schema::{Consent, Field, Schema, Shape};

/// What clients allow to leave, seen by one recipient.
pub trait Lens: Send + Sync + std::fmt::Debug {
    /// The categories of data that may leave of a record with these subjects: clients and patients.
    fn consented(&self, subjects: &[AnyId]) -> CategorySet;

    /// The categories of data in which a field may name these, in a record with those subjects.
    fn named(&self, named: &[AnyId], _subjects: &[AnyId]) -> CategorySet {
        self.consented(named)
    }

    /// Names the records of what those subjects decided, as far as it counts for this recipient.
    fn each_word(&self, _subjects: &[AnyId], _each: &mut dyn FnMut(AnyId)) {}
}

/// Which fields of a schema an answer may show.
#[derive(Debug, Clone)]
pub struct View {
    pub(super) schema: &'static Schema,
    shown: u64,
    pub(super) hidden: CategorySet,
    pub(super) disclosed: CategorySet,
    nested: Vec<(usize, View)>,
    pub(super) note: Vec<u8>,
    /// Through which each record is looked at, where clients have a say.
    pub(super) lens: Option<Arc<dyn Lens>>,
    /// The categories that clients must allow for all of it to be shown.
    pub(super) asks: CategorySet,
    /// Fields that name whose data it is, each decided by those whom it names.
    links: u64,
    /// The categories of its own fields that are shown; nested records tell theirs for themselves.
    own: CategorySet,
    /// Whether records of this schema are clients' data.
    of_clients: bool,
    /// What this was made narrower from.
    narrowed_from: Option<(u64, Allowed)>,
}

/// What clients allow of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowed {
    /// Of what the record says.
    pub(super) data: CategorySet,
    /// Fields that may name whom they name.
    pub(super) named: u64,
    /// Fields that may not.
    pub(super) unnamed: u64,
}

impl View {
    /// The view of a caller who may see `allowed` categories and asked for `picked` fields
    /// (all, if `None`). `id` is always shown.
    pub fn new(schema: &'static Schema, allowed: CategorySet, picked: Option<&[&str]>) -> Self {
        let mut view = Self {
            schema,
            shown: 0,
            hidden: CategorySet::NONE,
            disclosed: CategorySet::NONE,
            nested: Vec::new(),
            note: Vec::new(),
            lens: None,
            asks: CategorySet::NONE,
            links: 0,
            own: CategorySet::NONE,
            of_clients: schema.fields.iter().any(|field| field.name != "id" && field.consented().is_some()),
            narrowed_from: None,
        };
        for (index, field) in schema.fields.iter().enumerate().take(64) {
            let wanted = field.name == "id" || picked.is_none_or(|names| names.contains(&field.name));
            if !wanted {
                continue;
            }
            if !allowed.contains(field.category) {
                view.hide(field.name, field.category, "not_opted_in");
                continue;
            }
            view.show(index, field);
            if let Some(inner) = nested_schema(&field.shape) {
                let inner = Self::new(inner, allowed, None);
                view.disclosed.extend(inner.disclosed);
                view.hidden.extend(inner.hidden);
                view.nested.push((index, inner));
            }
        }
        view
    }

    fn show(&mut self, index: usize, field: &Field) {
        self.shown |= 1 << index;
        self.disclosed.insert(field.category);
        if nested_schema(&field.shape).is_none() {
            self.own.insert(field.category);
        }
        if field.name != "id"
            && let Some(category) = field.consented()
        {
            self.asks.insert(category);
            field.leads_to.into_iter().for_each(|category| self.asks.insert(category));
        }
        if matches!(field.consent, Consent::With(_)) {
            self.links |= 1 << index;
        }
    }

    /// What clients allow of a record, by what they allow of all that it names and of each field that names some.
    pub(super) fn allowed(&self, lens: &dyn Lens, subjects: &Subjects) -> Allowed {
        let mut allowed = Allowed { data: lens.consented(&subjects.ids).and(self.asks), named: 0, unnamed: 0 };
        for (index, own) in &subjects.fields {
            let field = self.schema.fields.get(*index).filter(|_| self.links & (1 << (index & 63)) != 0);
            let Some(Consent::With(category)) = field.map(|field| field.consent) else { continue };
            let named = subjects.named.get(own.clone()).unwrap_or_default();
            let bits =
                if lens.named(named, &subjects.ids).contains(category) { &mut allowed.named } else { &mut allowed.unnamed };
            *bits |= 1 << (index & 63);
        }
        allowed
    }

    /// Whether that is all that it shows.
    pub(super) fn is_within(&self, allowed: Allowed) -> bool {
        allowed.unnamed == 0 && allowed.data.covers(self.asks)
    }

    /// The same, with each record looked at through a lens.
    #[must_use]
    pub fn through(mut self, lens: Option<&Arc<dyn Lens>>) -> Self {
        self.look_through(lens);
        self
    }

    fn look_through(&mut self, lens: Option<&Arc<dyn Lens>>) {
        self.lens = lens.cloned();
        for (_, nested) in &mut self.nested {
            nested.look_through(lens);
        }
    }

    /// What is left of it when clients allow no more than this.
    pub(super) fn narrowed(&self, allowed: Allowed) -> Self {
        let mut view = Self {
            shown: 0,
            disclosed: CategorySet::NONE,
            asks: CategorySet::NONE,
            links: 0,
            own: CategorySet::NONE,
            nested: Vec::new(),
            lens: None,
            narrowed_from: Some((self.shown, allowed)),
            ..self.clone()
        };
        for (index, field) in self.schema.fields.iter().enumerate().filter(|(index, _)| self.shows(*index)) {
            if field.name != "id"
                && let Some(category) = field.consented()
                && !(allowed.shows(index, category) && field.leads_to.is_none_or(|category| allowed.data.contains(category)))
            {
                view.hide(field.name, category, "client_consent");
                continue;
            }
            view.show(index, field);
            if let Some(inner) = self.nested(index) {
                // What is nested is looked at for itself.
                view.disclosed.extend(inner.disclosed);
                view.nested.push((index, inner.clone()));
            }
        }
        view
    }

    /// Whether it was made narrower from this view, for clients who allow this.
    pub(super) fn is_of(&self, view: &Self, allowed: Allowed) -> bool {
        std::ptr::eq(self.schema, view.schema) && self.narrowed_from == Some((view.shown, allowed))
    }

    /// The categories of data that a record shows of those whose data it is; `None` if it is no client's data.
    /// Figures count as theirs unless clients hid whose they are.
    pub(super) fn tells(&self) -> Option<CategorySet> {
        let is_anonymous = self.narrowed_from.is_some() && self.links == 0;
        let tells = if is_anonymous { self.asks.with(Category::RecordSystem) } else { self.own };
        self.of_clients.then_some(tells)
    }

    /// The fields that it hides of those that another view of the same records shows.
    pub(super) fn hides_of(&self, other: &Self) -> u64 {
        other.shown & !self.shown
    }

    fn hide(&mut self, name: &str, category: Category, reason: &str) {
        self.hidden.insert(category);
        if !self.note.is_empty() {
            self.note.push(b',');
        }
        self.note.extend_from_slice(b"{\"path\":\"/");
        self.note.extend_from_slice(name.as_bytes());
        self.note.extend_from_slice(b"\",\"category\":\"");
        self.note.extend_from_slice(category.name().as_bytes());
        self.note.extend_from_slice(b"\",\"reason\":\"");
        self.note.extend_from_slice(reason.as_bytes());
        self.note.extend_from_slice(b"\"}");
    }

    /// The categories of the fields that are shown.
    pub fn disclosed(&self) -> CategorySet {
        self.disclosed
    }

    /// The categories of the fields that are left out.
    pub fn hidden(&self) -> CategorySet {
        self.hidden
    }

    /// A number that differs where the shown fields differ, for the ETag.
    pub fn fingerprint(&self) -> u32 {
        let nested = self.nested.iter().fold(0, |sum, (_, view)| u64::rotate_left(sum, 7) ^ view.shown);
        let mixed = (self.shown ^ nested.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 32) as u32
    }

    /// Whether the field of this name is shown.
    pub fn shows_field(&self, name: &str) -> bool {
        self.schema.field(name).is_some_and(|(index, _)| self.shows(index))
    }

    pub(super) fn shows(&self, index: usize) -> bool {
        index < 64 && self.shown & (1 << (index & 63)) != 0
    }

    pub(super) fn nested(&self, index: usize) -> Option<&Self> {
        self.nested.iter().find(|(at, _)| *at == index).map(|(_, view)| view)
    }
}

impl Allowed {
    fn shows(self, index: usize, category: Category) -> bool {
        let bit = 1 << (index & 63);
        self.unnamed & bit == 0 && (self.named & bit != 0 || self.data.contains(category))
    }

    /// A number that differs for other sets, and is not 0.
    pub(super) fn mixed(self) -> u32 {
        let bits = (self.unnamed ^ u64::from(self.data.bits()).rotate_left(40) | 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (bits >> 32) as u32 | 1
    }
}

fn nested_schema(shape: &Shape) -> Option<&'static Schema> {
    match shape {
        Shape::Record(schema) => Some(schema),
        Shape::List(inner) => nested_schema(inner),
        _ => None,
    }
}
