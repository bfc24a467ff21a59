//! What a caller holds.

use clinicos_contract::CategorySet;
use clinicos_contract::scope::ScopeSet;

/// Scopes and categories that a caller holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Grant {
    /// Scopes, with what they imply.
    pub scopes: ScopeSet,
    /// Categories that the clinic opted in to, for the connection's purpose, at this moment.
    pub categories: CategorySet,
}

impl Grant {
    /// Whether all of another grant is in this one: nobody can grant what they do not hold.
    pub fn covers(&self, other: &Self) -> bool {
        let categories = other.categories.iter().all(|category| self.categories.contains(category));
        categories && self.scopes.covers(&other.scopes)
    }
}
