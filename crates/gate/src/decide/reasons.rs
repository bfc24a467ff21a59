//! The reasons of a decision, as they are stored.

use super::Reason;

/// The reasons of one decision, at most 16, without an allocation.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reasons {
    list: [u8; 16],
    len: usize,
}

impl Reasons {
    /// Adds a reason.
    pub fn push(&mut self, reason: Reason) {
        if let Some(slot) = self.list.get_mut(self.len) {
            *slot = reason as u8;
            self.len += 1;
        }
    }

    /// Their stored numbers.
    pub fn numbers(&self) -> &[u8] {
        self.list.get(..self.len).unwrap_or_default()
    }
}
