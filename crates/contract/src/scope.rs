//! Scopes: derived from the catalogue, kept as bitsets.

use std::collections::BTreeMap;

use crate::spec::{Access, Spec};

/// Most scopes that a catalogue can have.
pub const SCOPES_MAX: usize = 256;

/// A set of scopes of one [`ScopeTable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScopeSet([u64; SCOPES_MAX / 64]);

impl ScopeSet {
    /// Adds a scope by its index.
    pub fn insert(&mut self, index: usize) {
        if let Some(word) = self.0.get_mut(index / 64) {
            *word |= 1 << (index % 64);
        }
    }

    /// Whether the scope with this index is in the set.
    pub fn contains(&self, index: usize) -> bool {
        self.0.get(index / 64).is_some_and(|word| word & (1 << (index % 64)) != 0)
    }

    /// The scopes that are in both sets.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut both = *self;
        both.0.iter_mut().zip(other.0).for_each(|(ours, theirs)| *ours &= theirs);
        both
    }

    /// Whether all of another set are in this one.
    pub fn covers(&self, other: &Self) -> bool {
        self.0.iter().zip(other.0).all(|(ours, theirs)| ours & theirs == theirs)
    }
}

/// Every scope that some operation needs, numbered in alphabetical order.
#[derive(Debug, Default)]
pub struct ScopeTable {
    names: Vec<String>,
    index: BTreeMap<String, usize>,
    implied: Vec<Option<usize>>,
}

impl ScopeTable {
    /// The scopes that these operations need.
    pub fn of<'s>(specs: impl Iterator<Item = &'s Spec>) -> Self {
        let names: std::collections::BTreeSet<String> =
            specs.flat_map(|spec| [spec.scope(), format!("{}:{}", spec.resource.name, Access::Read.name())]).collect();
        let names: Vec<String> = names.into_iter().collect();
        let index: BTreeMap<String, usize> = names.iter().cloned().enumerate().map(|(at, name)| (name, at)).collect();
        let implied = names.iter().map(|name| implied_by(name).and_then(|read| index.get(&read).copied())).collect();
        Self { names, index, implied }
    }

    /// The number of a scope.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    /// Every scope, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The set of these scopes and of what they imply; names that no longer exist are left out.
    pub fn set<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> ScopeSet {
        let mut set = ScopeSet::default();
        for index in names.into_iter().filter_map(|name| self.position(name)) {
            set.insert(index);
            if let Some(read) = self.implied.get(index).copied().flatten() {
                set.insert(read);
            }
        }
        set
    }
}

/// Writing implies reading the same resource; a named action implies nothing.
fn implied_by(name: &str) -> Option<String> {
    Some(format!("{}:read", name.strip_suffix(":write")?))
}
