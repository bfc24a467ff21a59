//! The records that a body names, and whether clients keep them from who names them.

use std::fmt::{Display, Write as _};

use clinicos_contract::id::parse_any;
use clinicos_contract::{AnyId, Schema, Writer};
use serde_json::Value;

use crate::operation::AnyRecord;
use crate::permit::Permit;

/// The records that a body names, each once and with where it stands first. `known` gives the letters in front of
/// the ids that are looked for.
pub(crate) fn named_in(body: &Value, known: &dyn Fn(&str) -> Option<&'static str>) -> Vec<(String, AnyId)> {
    let mut walk = Walk { known, pointer: String::new(), found: Vec::new() };
    walk.value(body);
    walk.found
}

/// Whether clients hide anything of a record from the caller. What names nobody is hidden by nobody: whoever made it may
/// go on with what they see of it.
pub(crate) fn hides(permit: &Permit, schema: &'static Schema, record: &dyn AnyRecord) -> bool {
    let mut out = Writer::default();
    record.write(&mut out, &permit.view(schema, None));
    out.looked().is_narrowed() && !out.looked().subjects.is_empty()
}

struct Walk<'k> {
    known: &'k dyn Fn(&str) -> Option<&'static str>,
    pointer: String,
    found: Vec<(String, AnyId)>,
}

impl Walk<'_> {
    /// Bodies are no deeper than [`clinicos_contract::json`] lets them be.
    fn value(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().enumerate().for_each(|(at, item)| self.member(&at, item)),
            Value::Object(members) => members.iter().for_each(|(name, member)| self.member(name, member)),
            Value::String(text) => {
                let id = parse_any(text).and_then(|(prefix, bytes)| Some(AnyId { prefix: (self.known)(prefix)?, bytes }));
                if let Some(id) = id.filter(|id| self.found.iter().all(|(_, known)| known != id)) {
                    self.found.push((self.pointer.clone(), id));
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn member(&mut self, name: &dyn Display, value: &Value) {
        let length = self.pointer.len();
        // Writing into a `String` cannot fail.
        let _ = write!(self.pointer, "/{name}");
        self.value(value);
        self.pointer.truncate(length);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_record_is_named_once_with_where_it_stands() {
        let (one, other) = ("cli_01jd3vq9z4e8rb6k0w2m5x7t1c", "inv_01jd3vq9z4e8rb6k0w2m5x7t1c");
        let body = json!({
            "client_id": one, "again": [one], "notes": "cli_01", "count": 7,
            "allocations": [{"amount": null}, {"invoice_id": other, "line_id": "lin_01jd3vq9z4e8rb6k0w2m5x7t1c"}],
        });
        let known = |prefix: &str| ["cli", "inv"].into_iter().find(|known| *known == prefix);
        let found: Vec<(String, String)> =
            named_in(&body, &known).into_iter().map(|(pointer, id)| (pointer, id.to_string())).collect();
        let expected = [("/again/0", one), ("/allocations/1/invoice_id", other)];
        assert_eq!(found, expected.map(|(pointer, id)| (pointer.to_owned(), id.to_owned())), "members stand in their order");
    }
}
