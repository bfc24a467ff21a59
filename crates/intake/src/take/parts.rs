//! Records of which another file should have parts.

use super::child::Child;
use super::{Taken, Taking};
use crate::Fault;

impl Taking<'_> {
    /// Whether of a file that belongs to this one only what was rejected is there, and of this one everything.
    pub(super) fn has_rejects_only(&self, child: &Child<'_>) -> bool {
        child.table.is_of_rejects() && !self.table.is_of_rejects()
    }

    /// Whether nothing of a record comes back: it is as it was.
    pub(super) fn is_passed_over(&self, taken: &Taken) -> bool {
        let mut parts = self.children.iter().zip(&taken.children);
        parts.any(|(child, records)| {
            child.plan.must && records.is_empty() && self.has_rejects_only(child) && !child.lost.has(&taken.key)
        })
    }

    /// What a record waits for that has parts behind a quote of another file, or may have: without them it would be less
    /// than it is.
    pub(super) fn lost_parts(&self, taken: &Taken) -> Option<Fault> {
        self.children.iter().find_map(|child| child.lost.waits(&taken.key, (&child.plan.name, false), taken.line))
    }

    /// What is wrong with a record of which another file should have parts, and has none.
    pub(super) fn partless(&self, taken: &Taken) -> Option<Fault> {
        let mut found = self.children.iter().zip(&taken.children);
        let (child, _) = found.find(|(child, records)| child.plan.must && records.is_empty())?;
        let detail = format!("no line of `{}` has this key: it would be one of 0.00, and stand as paid", child.plan.name);
        Some(Fault::new(taken.line, self.bound.name(self.plan.key), "no_lines", detail))
    }
}
