//! Where a follower is, as its cursor keeps it: a position, and for each clinic a digest of what could
//! be seen there.

use std::collections::BTreeMap;

use clinicos_contract::query::Operand;
use clinicos_gate::{ClinicId, Cx};
use clinicos_store::page::After;

/// What could be seen of each clinic.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen(BTreeMap<String, String>);

impl Seen {
    /// What can be seen now.
    pub fn now(cx: &Cx<'_>) -> Self {
        Self(cx.followed().iter().map(|one| (one.id().to_string(), one.digest())).collect())
    }

    /// What could be seen when a cursor was made. Of a call about one clinic, which the cursor is bound
    /// to, the digest stands alone.
    fn then(cx: &Cx<'_>, text: &str) -> Self {
        if cx.follows_all() {
            return Self(
                text.split(' ')
                    .filter_map(|one| one.split_once('='))
                    .map(|(id, seen)| (id.to_owned(), seen.to_owned()))
                    .collect(),
            );
        }
        Self(cx.followed().iter().map(|one| (one.id().to_string(), text.to_owned())).collect())
    }

    /// As a cursor keeps it.
    pub fn at(&self, cx: &Cx<'_>, position: i64) -> After {
        let text: Vec<String> = match cx.follows_all() {
            true => self.0.iter().map(|(id, seen)| format!("{id}={seen}")).collect(),
            false => self.0.values().cloned().collect(),
        };
        After { sort: Some(Operand::Int(position)), id: text.join(" ") }
    }

    /// The clinics of which less, more or anything else can be seen than when a cursor was made.
    pub fn differing(&self, cx: &Cx<'_>, after: &After) -> Vec<ClinicId> {
        let then = Self::then(cx, &after.id);
        let mut clinics: Vec<&String> = self.0.keys().chain(then.0.keys()).collect();
        clinics.sort_unstable();
        clinics.dedup();
        clinics.retain(|id| self.0.get(*id) != then.0.get(*id));
        clinics.into_iter().filter_map(|id| ClinicId::from_stored(id)).collect()
    }

    /// Whether each clinic that can be seen is one of these.
    pub fn are_all_in(&self, clinics: &[ClinicId]) -> bool {
        self.0.keys().all(|id| clinics.iter().any(|one| one.to_string() == *id))
    }
}
