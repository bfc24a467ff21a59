//! Applies a merge patch field by field and remembers which fields really changed.

use std::borrow::Cow;

use clinicos_contract::Patch;
use clinicos_contract::wire::{Doc, Document};

/// The fields that a patch changed.
#[derive(Debug, Default)]
pub struct Changes(Vec<&'static str>);

impl Changes {
    /// Whether nothing is different from before.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this field is different from before.
    pub fn has(&self, field: &str) -> bool {
        self.0.contains(&field)
    }

    /// The names of the fields that changed.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.iter().copied()
    }

    /// Remembers a change that was made elsewhere.
    pub fn note(&mut self, field: &'static str) {
        self.0.push(field);
    }

    /// A value that is always there.
    pub fn value<T: PartialEq>(&mut self, field: &'static str, patch: Patch<T>, target: &mut T) {
        if let Patch::Set(value) = patch
            && value != *target
        {
            *target = value;
            self.0.push(field);
        }
    }

    /// A value that may be removed.
    pub fn optional<T: PartialEq>(&mut self, field: &'static str, patch: Patch<T>, target: &mut Option<T>) {
        let wanted = match patch {
            Patch::Keep => return,
            Patch::Clear => None,
            Patch::Set(value) => Some(value),
        };
        if wanted != *target {
            *target = wanted;
            self.0.push(field);
        }
    }

    /// A text that is always there.
    pub fn text(&mut self, field: &'static str, patch: Patch<String>, target: &mut Cow<'static, str>) {
        self.value(field, patch.map(Cow::Owned), target);
    }

    /// A text that may be removed.
    pub fn optional_text(&mut self, field: &'static str, patch: Patch<String>, target: &mut Option<Cow<'static, str>>) {
        self.optional(field, patch.map(Cow::Owned), target);
    }

    /// A document that is always there.
    pub fn document<T: Document>(&mut self, field: &'static str, patch: Patch<T>, target: &mut Doc<'static, T>) {
        if let Patch::Set(value) = patch {
            let wanted = Doc::of(&value);
            if wanted.text() != target.text() {
                *target = wanted;
                self.0.push(field);
            }
        }
    }

    /// A document that may be removed.
    pub fn optional_document<T: Document>(&mut self, field: &'static str, patch: Patch<T>, target: &mut Option<Doc<'static, T>>) {
        let wanted = match patch {
            Patch::Keep => return,
            Patch::Clear => None,
            Patch::Set(value) => Some(Doc::of(&value)),
        };
        if wanted.as_ref().map(Doc::text) != target.as_ref().map(Doc::text) {
            *target = wanted;
            self.0.push(field);
        }
    }
}
