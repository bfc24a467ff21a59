//! How products go out and in as they stand.

use clinicos_contract::{FieldError, View, Writer};
use clinicos_store::page::ListSql;
use clinicos_store::{Conn, Row, StoreError, Value};
use futures_util::future::BoxFuture;

use super::model::Product;
use super::rows;
use crate::documents::ExternalIds;
use crate::standing::{Place, Standing};
use crate::sums::Sums;

impl Standing for Product<'static> {
    const READS: &'static str = "products.list";
    const LIST: &'static ListSql = &rows::LIST;

    fn scope(place: Place) -> Vec<Value<'static>> {
        vec![place.clinic.into(), Value::Text("all")]
    }
    fn emit(row: &dyn Row, out: &mut Writer, view: &View) -> Result<(), StoreError> {
        rows::emit(row, out, view)
    }
    fn insert<'c>(conn: &'c mut dyn Conn, new: &'c [Self]) -> BoxFuture<'c, Result<(), StoreError>> {
        Box::pin(rows::insert(conn, new))
    }
    fn external_ids(&self) -> ExternalIds {
        self.external_ids.value().unwrap_or_default()
    }
    fn weigh(&self, _sums: &mut Sums) -> Vec<FieldError> {
        if self.tracked || self.on_hand.is_none() {
            return Vec::new();
        }
        vec![FieldError::new("/on_hand", "not_tracked", "no stock is kept of what is not `tracked`")]
    }
}
