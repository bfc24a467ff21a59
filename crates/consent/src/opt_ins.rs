//! What a clinic opted in to for one connection.

use clinicos_contract::{Category, CategorySet, Purpose, Timestamp};

/// A category of data that a clinic lets a connection have, for one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptIn {
    /// The category.
    pub category: Category,
    /// What for.
    pub purpose: Purpose,
    /// When it ends; this moment is no longer within.
    pub expires_at: Option<Timestamp>,
}

/// The categories that a connection with this purpose may have at this moment.
pub fn opted_in(opt_ins: &[OptIn], purpose: Purpose, now: Timestamp) -> CategorySet {
    let live = |opt_in: &&OptIn| opt_in.purpose == purpose && opt_in.expires_at.is_none_or(|end| now < end);
    opt_ins.iter().filter(live).map(|opt_in| opt_in.category).collect()
}

/// Whether a field may leave: the clinic opted in to its category, and the client allows it, unless the field is the
/// clinic's own figure, which tells how much and not who.
pub const fn may_leave(category: Category, is_figure: bool, opted_in: CategorySet, consented: CategorySet) -> bool {
    opted_in.contains(category) && (is_figure || consented.contains(category))
}
