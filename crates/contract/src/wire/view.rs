//! Views: which fields of a schema an answer may show.

use crate::category::{Category, CategorySet};
use crate::schema::{Schema, Shape};

/// Which fields of a schema an answer may show.
#[derive(Debug, Clone)]
pub struct View {
    pub(super) schema: &'static Schema,
    shown: u64,
    pub(super) hidden: CategorySet,
    pub(super) disclosed: CategorySet,
    nested: Vec<(usize, View)>,
    pub(super) note: Vec<u8>,
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
        };
        for (index, field) in schema.fields.iter().enumerate().take(64) {
            let wanted = field.name == "id" || picked.is_none_or(|names| names.contains(&field.name));
            if !wanted {
                continue;
            }
            if !allowed.contains(field.category) {
                view.hide(field.name, field.category);
                continue;
            }
            view.shown |= 1 << index;
            view.disclosed.insert(field.category);
            if let Some(inner) = nested_schema(&field.shape) {
                let inner = Self::new(inner, allowed, None);
                view.disclosed.extend(inner.disclosed);
                view.hidden.extend(inner.hidden);
                view.nested.push((index, inner));
            }
        }
        view
    }

    fn hide(&mut self, name: &str, category: Category) {
        self.hidden.insert(category);
        if !self.note.is_empty() {
            self.note.push(b',');
        }
        self.note.extend_from_slice(b"{\"path\":\"/");
        self.note.extend_from_slice(name.as_bytes());
        self.note.extend_from_slice(b"\",\"category\":\"");
        self.note.extend_from_slice(category.name().as_bytes());
        self.note.extend_from_slice(b"\",\"reason\":\"not_opted_in\"}");
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

fn nested_schema(shape: &Shape) -> Option<&'static Schema> {
    match shape {
        Shape::Record(schema) => Some(schema),
        Shape::List(inner) => nested_schema(inner),
        _ => None,
    }
}
