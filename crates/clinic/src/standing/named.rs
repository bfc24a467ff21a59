//! Whether the records that lines name are there, as far as they came before.
//!
//! Files come in the order in which their records name one another. What names a record of its own
//! file, or of a later one, is not looked at.

use std::collections::BTreeMap;

use clinicos_contract::{FieldError, Problem, Schema};
use clinicos_gate::{ClinicId, OrProblem as _};
use clinicos_store::Conn;
use serde_json::{Map, Value as Json};

use super::{refused, rows};
use crate::ids;
use crate::plain::references;

/// Records that lines name.
pub(super) struct Named {
    /// Tables that are in already.
    earlier: Vec<&'static str>,
    /// By table: each id, and the line and place that names it first.
    ids: BTreeMap<&'static str, BTreeMap<String, (usize, String)>>,
}

impl Named {
    /// Of the kinds that come before one.
    pub(super) fn before(table: &str) -> Self {
        let earlier = crate::record().map(|kind| kind.list().table).take_while(|other| *other != table).collect();
        Self { earlier, ids: BTreeMap::new() }
    }

    /// Notes what a line names.
    pub(super) fn note(&mut self, at: usize, schema: &'static Schema, members: &Map<String, Json>) {
        for (pointer, prefix, id) in references::named(schema, members) {
            let Some(home) = ids::home(prefix).filter(|home| self.earlier.contains(&home.table)) else { continue };
            self.ids.entry(home.table).or_default().entry(id).or_insert((at, pointer));
        }
    }

    /// Refuses what names a record that did not come.
    pub(super) async fn check(&self, conn: &mut dyn Conn, clinic: ClinicId) -> Result<(), Problem> {
        for (table, wanted) in &self.ids {
            let found = rows::known(conn, clinic, table, wanted.keys()).await.or_problem()?;
            if let Some((id, (at, pointer))) = wanted.iter().find(|(id, _)| !found.contains(*id)) {
                let detail = format!("there is no `{id}` in `{table}`");
                return Err(refused(*at, vec![FieldError::new(pointer.clone(), "unknown_record", detail)]));
            }
        }
        Ok(())
    }
}
