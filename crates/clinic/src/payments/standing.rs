//! How payments go out and in as they stand.

use clinicos_contract::{FieldError, View, Writer};
use clinicos_store::page::ListSql;
use clinicos_store::{Conn, Row, StoreError, Value};
use futures_util::future::BoxFuture;

use super::model::Payment;
use super::rows;
use crate::documents::ExternalIds;
use crate::standing::{Place, Standing};
use crate::sums::{Figure, Sums, unless_equal};

impl Standing for Payment<'static> {
    const READS: &'static str = "payments.list";
    const LIST: &'static ListSql = &rows::LIST;

    fn scope(place: Place) -> Vec<Value<'static>> {
        vec![place.clinic.into(), Value::Text("all")]
    }
    fn emit(row: &dyn Row, out: &mut Writer, view: &View) -> Result<(), StoreError> {
        rows::emit(row, out, view)
    }
    fn insert<'c>(conn: &'c mut dyn Conn, new: &'c [Self]) -> BoxFuture<'c, Result<(), StoreError>> {
        Box::pin(async move {
            let placed: Vec<rows::PlacedAllocation> = new.iter().flat_map(placed).collect();
            rows::insert(conn, new).await?;
            rows::insert_allocations(conn, &placed).await
        })
    }
    fn external_ids(&self) -> ExternalIds {
        self.external_ids.value().unwrap_or_default()
    }
    fn weigh(&self, sums: &mut Sums) -> Vec<FieldError> {
        let mut allocated = 0_i64;
        for allocation in self.allocations.value().unwrap_or_default().0 {
            sums.adds(Figure::InvoicePaid, allocation.invoice_id.any(), allocation.amount.amount);
            allocated = allocated.saturating_add(allocation.amount.amount);
        }
        sums.adds(Figure::ClientCredit, self.client_id.any(), self.unallocated.amount);
        sums.says(Figure::PaymentRefunded, self.id.any(), self.refunded.amount);
        let mut errors = Vec::new();
        let from = "what came through, less what was refunded and allocated,";
        unless_equal(&mut errors, "/unallocated", self.unallocated.amount, self.left(allocated), from);
        errors
    }
}

fn placed(payment: &Payment<'static>) -> impl Iterator<Item = rows::PlacedAllocation> {
    let (clinic, payment, allocations) = (payment.clinic_id, payment.id, payment.allocations.value().unwrap_or_default());
    allocations.0.into_iter().map(move |allocation| rows::PlacedAllocation { clinic, payment, allocation })
}
