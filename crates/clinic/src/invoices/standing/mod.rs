//! How invoices go out and in as they stand.

pub mod rows;

use bytes::Bytes;
use clinicos_contract::{View, Writer};
use clinicos_store::page::ListSql;
use clinicos_store::{Conn, Row, StoreError, Value};
use futures_util::future::BoxFuture;

use super::model::Invoice;
use super::rows as invoices;
use crate::documents::ExternalIds;
use crate::standing::{Part, Place, Standing};

impl Standing for Invoice<'static> {
    const READS: &'static str = "invoices.list";
    const LIST: &'static ListSql = &invoices::LIST;

    fn scope(place: Place) -> Vec<Value<'static>> {
        vec![place.clinic.into(), place.today.into(), Value::Text("all")]
    }
    fn emit(row: &dyn Row, out: &mut Writer, view: &View) -> Result<(), StoreError> {
        invoices::emit(row, out, view)
    }
    fn insert<'c>(conn: &'c mut dyn Conn, new: &'c [Self]) -> BoxFuture<'c, Result<(), StoreError>> {
        Box::pin(invoices::insert(conn, new))
    }
    fn external_ids(&self) -> ExternalIds {
        self.external_ids.value().unwrap_or_default()
    }

    // A list leaves out the lines; a record that leaves does not.
    fn write<'c>(
        conn: &'c mut dyn Conn,
        part: &'c Part,
        out: &'c mut Writer,
        view: &'c View,
        _files: &'c [Bytes],
    ) -> BoxFuture<'c, Result<(), StoreError>> {
        Box::pin(async move {
            for invoice in self::rows::some(conn, &Self::scope(part.place), part).await? {
                out.record(&invoice, view);
                out.raw("\n");
            }
            Ok(())
        })
    }
}
