//! Query strings: nothing is ignored, nothing is widened.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use clinicos_contract::query::{self, QUERY_BYTES_MAX, Query, Sight};
use clinicos_contract::{CategorySet, Reply, Schema, Spec, problem};

use crate::catalogue;

/// Longest text after encoding each byte.
const ENCODED_BYTES_MAX: usize = QUERY_BYTES_MAX / 3;

/// A query string, for every operation.
///
/// - Reading it never panics.
/// - What is accepted, written again, reads as the same: nothing of it was ignored.
/// - The clinic that is looked up before the rest is the one that is read later.
/// - Who may see nothing can neither filter nor sort.
/// - What is refused names its parameter.
pub fn query(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for spec in kinds() {
        match query::parse(spec, text, Sight::whole(CategorySet::ALL)) {
            Ok(read) => accepted(spec, text, &read),
            Err(refused) if refused.code == &problem::INVALID_PARAMETER => {
                assert!(!refused.errors.is_empty(), "`{}` refuses `{text}` and names nothing", spec.id);
            }
            Err(refused) => assert_eq!(refused.code, &problem::MALFORMED, "{}", spec.id),
        }
        if let Ok(read) = query::parse(spec, text, Sight::whole(CategorySet::NONE)) {
            assert!(read.filters.is_empty() && read.sort.is_none(), "`{}`: `{text}` uses what may not be seen", spec.id);
        }
    }
}

/// An operation for each kind of answer: a query is read by what it answers, and by nothing else.
fn kinds() -> &'static [&'static Spec] {
    static KINDS: OnceLock<Vec<&'static Spec>> = OnceLock::new();
    KINDS.get_or_init(|| {
        let mut seen = BTreeSet::new();
        let is_new = |spec: &&'static Spec| {
            let is_list = matches!(spec.reply, Reply::List { .. });
            seen.insert((spec.reply_schema().map(std::ptr::from_ref::<Schema>).map(<*const Schema>::addr), is_list))
        };
        catalogue().operations().map(|operation| operation.spec()).filter(is_new).collect()
    })
}

fn accepted(spec: &Spec, text: &str, read: &Query) {
    let named = query::clinic_id(text).ok().flatten();
    assert_eq!(named, read.clinic_id, "`{}`: two clinics in `{text}`", spec.id);
    let cursor = read.cursor.as_deref().map(|cursor| ("cursor", cursor));
    let mut again = String::new();
    for (name, value) in read.given().chain(cursor) {
        query::encode(name, &mut again);
        again.push('=');
        query::encode(value, &mut again);
        again.push('&');
    }
    if again.len() > ENCODED_BYTES_MAX {
        return;
    }
    match query::parse(spec, &again, Sight::whole(CategorySet::ALL)) {
        Ok(second) => assert_eq!(shape(&second), shape(read), "`{}`: `{text}` reads otherwise once written", spec.id),
        Err(refused) => panic!("`{}` accepts `{text}` but not `{again}`: {refused}", spec.id),
    }
}

/// Everything that a query asks for.
fn shape(query: &Query) -> String {
    let Query { limit, cursor, clinic_id, fields, filters, sort, .. } = query;
    format!("{limit:?} {cursor:?} {clinic_id:?} {fields:?} {filters:?} {sort:?}")
}
