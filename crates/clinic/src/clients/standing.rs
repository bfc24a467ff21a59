//! How clients go out and in as they stand.

use clinicos_contract::{FieldError, View, Writer};
use clinicos_store::page::ListSql;
use clinicos_store::{Conn, Row, StoreError, Value};
use futures_util::future::BoxFuture;

use super::model::Client;
use super::rows;
use crate::documents::ExternalIds;
use crate::standing::{Place, Standing};
use crate::sums::{Figure, Sums};

impl Standing for Client<'static> {
    const READS: &'static str = "clients.list";
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
    fn weigh(&self, sums: &mut Sums) -> Vec<FieldError> {
        sums.says(Figure::ClientBalance, self.id.any(), self.balance.amount);
        sums.says(Figure::ClientCredit, self.id.any(), self.credit.amount);
        Vec::new()
    }
}
