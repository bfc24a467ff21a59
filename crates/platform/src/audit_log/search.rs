//! What a query string asks of the log.

use clinicos_contract::id;
use clinicos_contract::query::{Op, Operand, Query};
use clinicos_store::journal::audit::{Bytes16, Outcome, Search};

use super::model;

/// What is no id is in no answer.
const NO_RECORD: Bytes16 = [0; 16];

/// What a query string asks for.
pub(crate) fn conditions(query: &Query) -> Search {
    let mut search = Search::default();
    for term in &query.filters {
        match (term.field, &term.value) {
            ("credential_id", Operand::Text(text)) => search.credential = bytes(text),
            ("connection_id", Operand::Text(text)) => search.connection = bytes(text),
            ("request_id", Operand::Text(text)) => search.request_id = bytes(text),
            ("actor", Operand::Text(text)) => search.actor = model::Actor::parse(text).map(model::kind),
            ("user_id", Operand::Text(text)) => search.person = bytes(text),
            ("only_looked", Operand::Int(looked)) => search.only_looked = Some(*looked != 0),
            ("subject_id", Operand::Text(text)) => search.about = vec![bytes(text).unwrap_or(NO_RECORD)],
            ("record_id", Operand::Text(text)) => search.record = Some(bytes(text).unwrap_or(NO_RECORD)),
            ("operation", Operand::Text(text)) => search.operation = Some(text.clone()),
            ("outcome", Operand::Text(text)) => {
                search.outcome = Some(match model::Outcome::parse(text) {
                    Some(model::Outcome::Allowed) => Outcome::Allowed,
                    Some(model::Outcome::Refused) | None => Outcome::Refused,
                });
            }
            ("at", Operand::Int(at)) => time(&mut search, term.op, *at),
            _ => {}
        }
    }
    search
}

/// Times are whole microseconds, so "after" is "not before the next one".
fn time(search: &mut Search, op: Op, at: i64) {
    let from = |search: &mut Search, at: i64| search.from = Some(search.from.map_or(at, |known| known.max(at)));
    let until = |search: &mut Search, at: i64| search.until = Some(search.until.map_or(at, |known| known.min(at)));
    match op {
        Op::Equal => {
            from(search, at);
            until(search, at.saturating_add(1));
        }
        Op::GreaterOrEqual => from(search, at),
        Op::Greater => from(search, at.saturating_add(1)),
        Op::Less => until(search, at),
        Op::LessOrEqual => until(search, at.saturating_add(1)),
    }
}

fn bytes(text: &str) -> Option<Bytes16> {
    id::parse_any(text).map(|(_, bytes)| bytes)
}
