//! Whose data a record is, and what is left of it when they were asked.

use std::ops::Range;
use std::sync::Arc;

use super::view::Allowed;
use super::{Lens, View, Wire, Writer};
use crate::category::{Category, CategorySet};
use crate::id::AnyId;
use crate::record::Record;

/// The clients and patients whose data a record is, in the order of its fields.
#[derive(Debug, Default)]
pub struct Subjects {
    /// Those of the records around it, then its own.
    pub(super) ids: Vec<AnyId>,
    /// All that its fields name.
    pub(super) named: Vec<AnyId>,
    /// The fields that name some, with where those stand in that.
    pub(super) fields: Vec<(usize, Range<usize>)>,
    index: usize,
}

impl Subjects {
    /// Takes those that the next field names.
    pub fn field<T: Wire>(&mut self, value: &T) {
        let start = self.named.len();
        value.tell_subjects(&mut self.ids);
        value.tell_named(&mut self.named);
        if self.named.len() > start {
            self.fields.push((self.index, start..self.named.len()));
        }
        self.index += 1;
    }

    /// Takes those of a record.
    fn of<R: Record>(&mut self, record: &R) {
        self.index = 0;
        self.named.clear();
        self.fields.clear();
        record.write_subjects(self);
    }
}

/// What became of a record when those were asked whose data it is.
#[derive(Debug, Default, Clone)]
pub struct Looked {
    /// Whose data it is.
    pub subjects: Vec<AnyId>,
    /// The fields that they hide, a bit for each in schema order.
    pub hidden: u64,
}

impl Looked {
    /// Whether they hide anything of it.
    pub fn is_narrowed(&self) -> bool {
        self.hidden != 0
    }

    /// Whether they hide this field.
    pub fn hides(&self, index: usize) -> bool {
        index < 64 && self.hidden & (1 << (index & 63)) != 0
    }
}

/// Whose data an answer shows, for the journal. Each stands with how many records were written until then.
#[derive(Debug, Default)]
pub(super) struct Telling {
    told: Vec<(usize, CategorySet, AnyId)>,
    consents: Vec<(usize, AnyId)>,
}

/// Clients and patients of whom an answer shows the same categories of data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The categories.
    pub categories: CategorySet,
    /// Who they are, each once.
    pub subjects: Vec<AnyId>,
}

impl Telling {
    /// Forgets what was told by the records beyond so many.
    pub(super) fn cut(&mut self, records: usize) {
        self.told.retain(|(at, ..)| *at <= records);
        self.consents.retain(|(at, _)| *at <= records);
    }

    /// Takes in what another part of the same answer tells.
    pub(super) fn extend(&mut self, other: Self) {
        self.told.extend(other.told);
        self.consents.extend(other.consents);
    }

    /// The same of a part that was finished.
    pub(super) fn extend_finished(&mut self, records: usize, told: &[Told], consents: &[AnyId]) {
        let each = told.iter().flat_map(|told| told.subjects.iter().map(|subject| (records, told.categories, *subject)));
        self.told.extend(each);
        self.consents.extend(consents.iter().map(|consent| (records, *consent)));
    }

    /// Who was told of, by what was told, and the consents that counted: everything once and in order.
    pub(super) fn finish(self) -> (Vec<Told>, Vec<AnyId>) {
        let mut each: Vec<_> = self.told.into_iter().map(|(_, told, who)| (told.bits(), who.prefix, who.bytes)).collect();
        each.sort_unstable();
        each.dedup();
        let mut told: Vec<Told> = Vec::new();
        for (bits, prefix, bytes) in each {
            let (categories, subject) = (CategorySet::from_bits(bits), AnyId { prefix, bytes });
            match told.last_mut() {
                Some(last) if last.categories == categories => last.subjects.push(subject),
                _ => told.push(Told { categories, subjects: vec![subject] }),
            }
        }
        let mut consents: Vec<AnyId> = self.consents.into_iter().map(|(_, consent)| consent).collect();
        consents.sort_unstable_by_key(|consent| consent.bytes);
        consents.dedup();
        (told, consents)
    }
}

impl Writer {
    /// Writes a record, and notes whose data it is.
    pub(super) fn plainly<R: Record>(&mut self, record: &R, view: &View) {
        let around = self.subjects.ids.len();
        self.lacks_opt_ins |= !view.hidden.is_empty();
        self.subjects.of(record);
        self.tell(view);
        self.fields(record, view);
        self.subjects.ids.truncate(around);
    }

    fn tell(&mut self, view: &View) {
        let Some(categories) = view.tells() else { return };
        let records = self.ids.len();
        for subject in &self.subjects.ids {
            // Rows of one client often follow one another.
            if !self.telling.told.last().is_some_and(|(_, told, last)| *told == categories && last == subject) {
                self.telling.told.push((records, categories, *subject));
            }
        }
        self.tell_named(view);
    }

    /// Whom a record names whose data it is not, such as those who owned a patient before.
    fn tell_named(&mut self, view: &View) {
        for (index, named) in &self.subjects.fields {
            let Some(field) = view.schema.fields.get(*index).filter(|_| view.shows(*index)) else { continue };
            let named = self.subjects.named.get(named.clone()).unwrap_or_default();
            let others = named.iter().filter(|one| !self.subjects.ids.contains(one));
            let categories = CategorySet::NONE.with(field.category).with(Category::RecordSystem);
            self.telling.told.extend(others.map(|other| (self.ids.len(), categories, *other)));
        }
    }

    /// Writes a record as far as those allow whose data it is.
    pub(super) fn looked_at<R: Record>(&mut self, record: &R, view: &View, lens: &dyn Lens) {
        let around = self.subjects.ids.len();
        self.lacks_opt_ins |= !view.hidden.is_empty();
        self.subjects.of(record);
        let (records, consents) = (self.ids.len(), &mut self.telling.consents);
        lens.each_word(&self.subjects.ids, &mut |consent| consents.push((records, consent)));
        let allowed = view.allowed(lens, &self.subjects);
        let narrowed = self.narrowed_to(view, allowed);
        let left = narrowed.as_deref().unwrap_or(view);
        if around == self.within {
            self.looked.hidden = left.hides_of(view);
            self.looked.subjects.clear();
            self.looked.subjects.extend_from_slice(&self.subjects.ids);
        }
        self.tell(left);
        self.fields(record, left);
        self.subjects.ids.truncate(around);
    }

    /// The view that is left when clients allow no more than this; `None` if that is all of it.
    fn narrowed_to(&mut self, view: &View, allowed: Allowed) -> Option<Arc<View>> {
        if view.is_within(allowed) {
            return None;
        }
        self.is_narrowed = true;
        self.narrowing = self.narrowing.rotate_left(5) ^ allowed.mixed();
        if let Some(kept) = self.narrowed.iter().find(|kept| kept.is_of(view, allowed)) {
            return Some(Arc::clone(kept));
        }
        let narrowed = Arc::new(view.narrowed(allowed));
        self.narrowed.push(Arc::clone(&narrowed));
        Some(narrowed)
    }

    /// A number that differs where clients' consents hid other fields; 0 where they hid none.
    pub fn narrowing(&self) -> u32 {
        self.narrowing
    }

    /// What became of the last record that stands in no other, if it was looked at through a lens.
    pub fn looked(&self) -> &Looked {
        &self.looked
    }

    /// The records that follow stand in one whose data is of these clients and patients.
    pub fn stand_within(&mut self, subjects: &[AnyId]) {
        self.subjects.ids.clear();
        self.subjects.ids.extend_from_slice(subjects);
        self.within = subjects.len();
    }
}
