//! Checks a record as it stands: what an export wrote, about to be taken in.
//!
//! Names, types and forms are checked. Lengths and least values are not: they are rules for what is
//! written anew, and what stands was right when it was written.

use serde_json::{Map, Value};

use super::Check;
use crate::problem::FieldError;
use crate::schema::{Field, Presence, Schema, Verb};

/// Checks a record of this schema. Errors are pointers into it.
pub fn check_standing(schema: &'static Schema, members: &Map<String, Value>) -> Vec<FieldError> {
    let mut check = Check { errors: Vec::new(), by_external_id: false, standing: true };
    check.object("", schema, Verb::Create, members);
    check.errors
}

impl Check {
    /// Whether a member may or must be there. Everything of a record as it stands is, apart from what is
    /// left out when empty; parts of it may have been stored before they had a field.
    pub(super) fn presence(&self, at: &str, field: &Field, verb: Verb) -> Presence {
        match self.standing {
            false => field.presence(verb),
            true if field.sparse || !at.is_empty() => Presence::Optional,
            true => Presence::Required,
        }
    }
}
