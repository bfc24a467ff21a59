//! From the portable text to SQLite's: `$1` becomes `?1`, because SQLite takes `$1` for a
//! name and numbers names in the order in which they appear; `FOR UPDATE` goes, because
//! writers stand in line already.

use std::collections::HashMap;
use std::sync::Arc;

/// Texts kept; list pages build some at run time, from a finite number of parts.
const KEPT_MAX: usize = 2_048;

/// Rewritten texts, by their portable form.
#[derive(Default)]
pub(super) struct Texts {
    known: HashMap<Box<str>, Arc<str>>,
}

impl Texts {
    /// The text for SQLite.
    pub(super) fn rewritten(&mut self, sql: &str) -> Arc<str> {
        if let Some(text) = self.known.get(sql) {
            return Arc::clone(text);
        }
        if self.known.len() >= KEPT_MAX {
            self.known.clear();
        }
        let text: Arc<str> = rewrite(sql).into();
        self.known.insert(sql.into(), Arc::clone(&text));
        text
    }
}

/// Where in the text we are.
#[derive(Clone, Copy, PartialEq)]
enum At {
    Sql,
    /// Between these quotes.
    Quoted(char),
    Comment,
}

fn rewrite(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut at = At::Sql;
    let mut rest = sql;
    while let Some(c) = rest.chars().next() {
        if at == At::Sql
            && let Some(after) = after_row_lock(rest, out.chars().last())
        {
            out.truncate(out.trim_end().len());
            rest = after;
            continue;
        }
        at = match (at, c) {
            (At::Sql, '\'' | '"') => At::Quoted(c),
            (At::Quoted(open), c) if c == open => At::Sql,
            (At::Sql, '-') if rest.starts_with("--") => At::Comment,
            (At::Comment, '\n') => At::Sql,
            (at, _) => at,
        };
        out.push(if at == At::Sql && c == '$' { '?' } else { c });
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    out
}

/// What follows `FOR UPDATE` and its options, if the text begins with it at a word's start.
fn after_row_lock(text: &str, before: Option<char>) -> Option<&str> {
    if before.is_some_and(|c| !c.is_whitespace()) {
        return None;
    }
    let after = text.strip_prefix("FOR UPDATE")?;
    let after = [" SKIP LOCKED", " NOWAIT"].into_iter().find_map(|option| after.strip_prefix(option)).unwrap_or(after);
    Some(after)
}

#[cfg(test)]
mod tests {
    use super::rewrite;

    #[test]
    fn placeholders_become_numbers() {
        assert_eq!(
            rewrite("SELECT $2, $1 WHERE a = '$3' -- $4\n AND b = $10"),
            "SELECT ?2, ?1 WHERE a = '$3' -- $4\n AND b = ?10"
        );
    }

    #[test]
    fn row_locks_go() {
        assert_eq!(rewrite("SELECT 1 FROM t WHERE id = $1 FOR UPDATE"), "SELECT 1 FROM t WHERE id = ?1");
        assert_eq!(rewrite("SELECT 1 LIMIT $1 FOR UPDATE SKIP LOCKED -- x"), "SELECT 1 LIMIT ?1 -- x");
        assert_eq!(rewrite("SELECT ' FOR UPDATE'"), "SELECT ' FOR UPDATE'");
    }
}
