//! Builds the statement of a list page from declared parts.

use clinicos_contract::query::{Operand, Query, Sort};

use crate::sql::Value;

/// Most rows that one page examines before it returns short.
pub const EXAMINED_MAX: i64 = 10_000;

/// The parts of a list statement. Written in a folder's `rows.rs`.
#[derive(Debug)]
pub struct ListSql {
    /// Columns, in the order that the decoder reads them.
    pub columns: &'static str,
    /// Table, with an alias that `columns` and `expressions` use.
    pub from: &'static str,
    /// The condition that holds the rows to the permit: `i.clinic_id = $1`.
    pub scope: &'static str,
    /// How many parameters `scope` takes.
    pub scope_params: usize,
    /// The id column, which orders the rows when no sort is asked for.
    pub id: &'static str,
    /// Fields whose SQL is not a column of the same name: `("status", "CASE …")`.
    pub expressions: &'static [(&'static str, &'static str)],
    /// The alias in front of columns that `expressions` does not name.
    pub alias: &'static str,
}

/// A statement and its parameters.
#[derive(Debug)]
pub struct Statement<'a> {
    /// The text.
    pub sql: String,
    /// What stands for `$1` and on.
    pub params: Vec<Value<'a>>,
    /// The column of the sort key (equal to `id_column` without a sort).
    pub sort_column: usize,
    /// The column of the id.
    pub id_column: usize,
}

/// Where the page before ended.
#[derive(Debug, Clone, PartialEq)]
pub struct After {
    /// The sort key of the last row, if there is a sort.
    pub sort: Option<Operand>,
    /// The id of the last row.
    pub id: String,
}

impl ListSql {
    /// The page of `limit` rows after `after`.
    ///
    /// At most [`EXAMINED_MAX`] rows are looked at: the inner query walks an index in key order,
    /// the outer one filters. Column count of `columns` must be given for the key columns.
    pub fn page<'a>(&self, scope: Vec<Value<'a>>, query: &Query, after: Option<&After>, limit: i64, columns: usize) -> Statement<'a> {
        let mut build = Build { sql: String::with_capacity(512), params: scope };
        let sort_sql = query.sort.map(|sort| self.expression(sort.field));
        let key = sort_sql.clone().unwrap_or_else(|| self.id.to_owned());
        build.sql.push_str("SELECT ");
        build.sql.push_str(self.columns);
        build.sql.push_str(", ");
        build.sql.push_str(&key);
        if sort_sql.is_some() {
            build.sql.push_str(", ");
            build.sql.push_str(self.id);
        }
        build.walk(self, query.sort, sort_sql.as_deref(), after, query.filters.is_empty());
        for term in &query.filters {
            build.sql.push_str(" AND ");
            let expression = self.expression(term.field);
            build.sql.push_str(&expression);
            build.sql.push_str(term.op.sql());
            build.operand(&term.value);
        }
        build.order(self.id, query.sort, sort_sql.as_deref());
        build.sql.push_str(" LIMIT ");
        build.param(Value::Int(limit));
        let id_column = columns + usize::from(sort_sql.is_some());
        Statement { sql: build.sql, params: build.params, sort_column: columns, id_column }
    }

    fn expression(&self, field: &str) -> String {
        match self.expressions.iter().find(|(name, _)| *name == field) {
            Some((_, sql)) => (*sql).to_owned(),
            None => format!("{}.{field}", self.alias),
        }
    }
}

struct Build<'a> {
    sql: String,
    params: Vec<Value<'a>>,
}

impl<'a> Build<'a> {
    fn param(&mut self, value: Value<'a>) {
        self.params.push(value);
        self.sql.push('$');
        self.sql.push_str(&self.params.len().to_string());
    }

    fn operand(&mut self, operand: &Operand) {
        match operand {
            Operand::Text(text) => self.param(Value::Owned(text.clone())),
            Operand::Int(int) => self.param(Value::Int(*int)),
        }
    }

    fn walk(&mut self, list: &ListSql, sort: Option<Sort>, sort_sql: Option<&str>, after: Option<&After>, _unfiltered: bool) {
        self.sql.push_str(" FROM ");
        self.sql.push_str(list.from);
        self.sql.push_str(" WHERE ");
        self.sql.push_str(list.scope);
        if let Some(after) = after {
            let less = sort.is_some_and(|sort| sort.descending);
            self.sql.push_str(" AND (");
            if let (Some(sort_sql), Some(value)) = (sort_sql, &after.sort) {
                self.sql.push_str(sort_sql);
                self.sql.push_str(", ");
                self.sql.push_str(list.id);
                self.sql.push_str(if less { ") < (" } else { ") > (" });
                self.operand(value);
                self.sql.push_str(", ");
            } else {
                self.sql.push_str(list.id);
                self.sql.push_str(if less { ") < (" } else { ") > (" });
            }
            self.param(Value::Owned(after.id.clone()));
            self.sql.push(')');
        }
    }

    fn order(&mut self, id: &str, sort: Option<Sort>, sort_sql: Option<&str>) {
        let direction = if sort.is_some_and(|sort| sort.descending) { " DESC" } else { "" };
        self.sql.push_str(" ORDER BY ");
        if let Some(sort_sql) = sort_sql {
            self.sql.push_str(sort_sql);
            self.sql.push_str(direction);
            self.sql.push_str(", ");
        }
        self.sql.push_str(id);
        self.sql.push_str(direction);
    }
}
