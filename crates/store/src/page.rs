//! Builds the statement of a list page from declared parts.

use clinicos_contract::query::{Op, Operand, Query, Term};

use crate::sql::{Value, places};

/// Most rows that one page examines before it returns short.
pub const EXAMINED_MAX: i64 = 10_000;

/// The parts of a list statement. Written in a folder's `rows.rs`.
#[derive(Debug)]
pub struct ListSql {
    /// Columns, in the order that the decoder reads them, each with the alias in front.
    pub columns: &'static str,
    /// How many columns those are.
    pub column_count: usize,
    /// The table.
    pub table: &'static str,
    /// The alias of the table in every expression.
    pub alias: &'static str,
    /// The condition that holds the rows to the permit: `i.clinic_id = $1`.
    pub scope: &'static str,
    /// The id column with its alias; it orders the rows when no sort is asked for.
    pub id: &'static str,
    /// Fields whose SQL is not a column of the same name: `("status", "CASE …")`.
    pub expressions: &'static [(&'static str, &'static str)],
    /// Fields with an index on `(scope, field, id)`: equality on them narrows the walk itself.
    pub indexed: &'static [&'static str],
    /// A field of few words with an index on `(scope, field, id)`: equality on it narrows the walk where nothing else
    /// gives it a direction. Beside another index it is worse than a look at each row: most records may have the word.
    pub worklist: Option<&'static str>,
    /// What rows are filtered by that is no column of theirs, with the condition: `$1` is the clinic, `{}` the value. It
    /// finds its rows by an index, so that it narrows the walk itself.
    pub through: &'static [(&'static str, &'static str)],
}

/// A statement and its parameters.
#[derive(Debug)]
pub struct Statement {
    /// The text.
    pub sql: String,
    /// What stands for `$1` and on.
    pub params: Vec<Value<'static>>,
}

/// Where a page ended.
#[derive(Debug, Clone, PartialEq)]
pub struct After {
    /// The sort key of the last row, if there is a sort.
    pub sort: Option<Operand>,
    /// The id of the last row.
    pub id: String,
}

/// What a page is asked for.
#[derive(Debug)]
pub struct PageOf<'q> {
    /// The parts of the statement.
    pub list: &'static ListSql,
    /// Values of the parameters that `scope`, `columns` and `expressions` use.
    pub scope: &'q [Value<'static>],
    /// Filters and sort.
    pub query: &'q Query,
    /// Where the page before ended.
    pub after: Option<&'q After>,
}

impl PageOf<'_> {
    /// Whether rows are dropped after they were examined, so that the walk needs its own bound.
    pub fn examines(&self) -> bool {
        self.query.filters.iter().any(|term| !self.narrows(term))
    }

    /// The statement of the next `limit` rows. The id is in column `column_count`, the sort key
    /// in the one after it.
    ///
    /// With filters that no index serves, an inner query walks the key order and stops after
    /// [`EXAMINED_MAX`] rows; the outer one filters. The outer one has no order of its own,
    /// because SQLite would sort all examined rows for it; who reads the rows checks their order.
    /// An expression that is filtered by is worked out in the inner one, once for each row.
    pub fn statement(&self, limit: i64) -> Statement {
        let mut build = Build { sql: String::with_capacity(768), params: self.scope.to_vec() };
        let list = self.list;
        if self.examines() {
            let derived = self.derived();
            let columns = derived.iter().fold(list.columns.to_owned(), |columns, (name, sql)| columns.replace(sql, name));
            build.push(&["SELECT ", &columns, ", ", list.id, ", ", &self.sort_key(), " FROM (SELECT ", list.alias, ".*"]);
            for (name, sql) in &derived {
                build.push(&[", ", sql, " AS ", name]);
            }
            build.push(&[" FROM ", list.table, " ", list.alias]);
            self.walk(&mut build);
            build.push(&[" LIMIT ", &EXAMINED_MAX.to_string(), ") ", list.alias]);
            self.filters(&mut build);
        } else {
            build.push(&["SELECT ", list.columns, ", ", list.id, ", ", &self.sort_key(), " FROM ", list.table, " ", list.alias]);
            self.walk(&mut build);
        }
        build.push(&[" LIMIT "]);
        build.param(Value::Int(limit));
        Statement { sql: build.sql, params: build.params }
    }

    /// The statement that finds the last row that [`PageOf::statement`] may examine, if there are
    /// that many: its id and sort key.
    pub fn boundary(&self) -> Statement {
        let mut build = Build { sql: String::with_capacity(256), params: self.scope.to_vec() };
        let list = self.list;
        build.push(&["SELECT ", list.id, ", ", &self.sort_key(), " FROM ", list.table, " ", list.alias]);
        self.walk(&mut build);
        build.push(&[" LIMIT 1 OFFSET ", &(EXAMINED_MAX - 1).to_string()]);
        Statement { sql: build.sql, params: build.params }
    }

    fn narrows(&self, term: &Term) -> bool {
        let on_sort_key = self.query.sort.is_some_and(|sort| sort.field == term.field);
        on_sort_key
            || self.through(term.field).is_some()
            || (term.op == Op::Equal && self.list.indexed.contains(&term.field))
            || self.is_worklist(term)
    }

    fn through(&self, field: &str) -> Option<&'static str> {
        self.list.through.iter().find(|(name, _)| *name == field).map(|(_, sql)| *sql)
    }

    fn is_worklist(&self, term: &Term) -> bool {
        let is_indexed = |other: &Term| other.op == Op::Equal && self.list.indexed.contains(&other.field);
        self.list.worklist == Some(term.field)
            && term.op == Op::Equal
            && self.query.sort.is_none()
            && !self.query.filters.iter().any(is_indexed)
    }

    /// The expressions that are filtered by, each with the name that the inner query gives it.
    fn derived(&self) -> Vec<(String, &'static str)> {
        let filtered = |field: &str| self.query.filters.iter().any(|term| !self.narrows(term) && term.field == field);
        let derived = self.list.expressions.iter().filter(|(field, _)| filtered(field));
        derived.map(|(field, sql)| (derived_name(field), *sql)).collect()
    }

    fn sort_key(&self) -> String {
        self.query.sort.map_or_else(|| self.list.id.to_owned(), |sort| self.expression(sort.field))
    }

    fn expression(&self, field: &str) -> String {
        match self.list.expressions.iter().find(|(name, _)| *name == field) {
            Some((_, sql)) => (*sql).to_owned(),
            None => format!("{}.{field}", self.list.alias),
        }
    }

    /// ` WHERE … ORDER BY …` of the walk along an index.
    fn walk(&self, build: &mut Build) {
        let descending = self.query.sort.is_some_and(|sort| sort.descending);
        build.push(&[" WHERE ", self.list.scope]);
        if let Some(after) = self.after {
            let compare = if descending { ") < (" } else { ") > (" };
            match &after.sort {
                Some(value) => {
                    build.push(&[" AND (", &self.sort_key(), ", ", self.list.id, compare]);
                    build.operand(value);
                    build.push(&[", "]);
                }
                None => build.push(&[" AND (", self.list.id, compare]),
            }
            build.param(Value::Owned(after.id.clone()));
            build.push(&[")"]);
        }
        for term in self.query.filters.iter().filter(|term| self.narrows(term)) {
            match self.through(term.field).and_then(|sql| sql.split_once("{}")) {
                Some((before, after)) => {
                    build.push(&[" AND ", before]);
                    build.operand(&term.value);
                    build.push(&[after]);
                }
                None => {
                    build.push(&[" AND ", &self.expression(term.field), term.op.sql()]);
                    build.operand(&term.value);
                }
            }
        }
        let direction = if descending { " DESC" } else { "" };
        build.push(&[" ORDER BY "]);
        if self.query.sort.is_some() {
            build.push(&[&self.sort_key(), direction, ", "]);
        }
        build.push(&[self.list.id, direction]);
    }

    fn filters(&self, build: &mut Build) {
        let mut word = " WHERE ";
        for term in self.query.filters.iter().filter(|term| !self.narrows(term)) {
            let is_derived = self.list.expressions.iter().any(|(field, _)| *field == term.field);
            let name = if is_derived { derived_name(term.field) } else { self.expression(term.field) };
            build.push(&[word, &name, term.op.sql()]);
            build.operand(&term.value);
            word = " AND ";
        }
    }
}

/// The parts of a statement that reads what records lead to. Written in the `rows.rs` of what is
/// read.
#[derive(Debug)]
pub struct LinkSql {
    /// Columns, in the order that the decoder reads them; `$2` is the clinic's day.
    pub columns: &'static str,
    /// How many columns those are.
    pub column_count: usize,
    /// The tables from where the link starts to where it leads, joined within one clinic.
    pub from: &'static str,
    /// The column that holds the rows to the permit: `i.clinic_id`.
    pub clinic: &'static str,
    /// The id of the record where the link starts.
    pub record: &'static str,
    /// The order of what one record leads to.
    pub order: &'static str,
}

/// What some records lead to.
#[derive(Debug)]
pub struct LinkedTo<'r> {
    /// The parts of the statement.
    pub link: &'static LinkSql,
    /// The clinic of the permit.
    pub clinic: Value<'static>,
    /// Its day.
    pub today: Value<'static>,
    /// The ids of the records.
    pub records: Vec<&'r str>,
}

impl LinkedTo<'_> {
    /// The statement; the id of the record that leads to a row is in column `column_count`.
    ///
    /// It names `$2`, which always holds, because a statement must use each parameter it is given.
    pub fn statement(&self, limit: i64) -> Statement {
        let mut build = Build { sql: String::with_capacity(768), params: vec![self.clinic.clone(), self.today.clone()] };
        let link = self.link;
        build.push(&[
            "SELECT ",
            link.columns,
            ", ",
            link.record,
            " FROM ",
            link.from,
            " WHERE ",
            link.clinic,
            " = $1 AND $2 <> ''",
        ]);
        let ids = self.records.iter().map(|id| Value::Owned((*id).to_owned()));
        let places = places(&mut build.params, ids);
        build.push(&[" AND ", link.record, " IN (", &places, ") ORDER BY ", link.record, ", ", link.order, " LIMIT "]);
        build.param(Value::Int(limit));
        Statement { sql: build.sql, params: build.params }
    }
}

fn derived_name(field: &str) -> String {
    format!("derived_{field}")
}

struct Build {
    sql: String,
    params: Vec<Value<'static>>,
}

impl Build {
    fn push(&mut self, parts: &[&str]) {
        self.sql.extend(parts.iter().copied());
    }

    fn param(&mut self, value: Value<'static>) {
        self.params.push(value);
        self.push(&["$", &self.params.len().to_string()]);
    }

    fn operand(&mut self, operand: &Operand) {
        match operand {
            Operand::Text(text) => self.param(Value::Owned(text.clone())),
            Operand::Int(int) => self.param(Value::Int(*int)),
        }
    }
}
