//! How refunds go out and in as they stand.

use clinicos_contract::{FieldError, View, Writer};
use clinicos_store::page::ListSql;
use clinicos_store::{Conn, Row, StoreError, Value};
use futures_util::future::BoxFuture;

use super::model::Refund;
use super::rows;
use crate::documents::ExternalIds;
use crate::standing::{Place, Standing};
use crate::sums::{Figure, Sums, unless_equal};

impl Standing for Refund<'static> {
    const READS: &'static str = "refunds.list";
    const LIST: &'static ListSql = &rows::LIST;

    fn scope(place: Place) -> Vec<Value<'static>> {
        vec![place.clinic.into()]
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
        let counts = if self.status.counts() { self.amount.amount } else { 0 };
        sums.adds(Figure::PaymentRefunded, self.payment_id.any(), counts);
        let (mut errors, lines) = (Vec::new(), self.lines.value().unwrap_or_default().0);
        if !lines.is_empty() {
            let sum = lines.iter().fold(0_i64, |sum, line| sum.saturating_add(line.amount.amount));
            unless_equal(&mut errors, "/amount", self.amount.amount, sum, "the refund's lines");
        }
        errors
    }
}
