//! How invoices go out and in as they stand.

pub mod rows;

use bytes::Bytes;
use clinicos_contract::wire::Nested;
use clinicos_contract::{FieldError, View, Writer};
use clinicos_store::page::ListSql;
use clinicos_store::{Conn, Row, StoreError, Value};
use futures_util::future::BoxFuture;

use super::model::lines::totals;
use super::model::{Invoice, stage};
use super::rows as invoices;
use crate::documents::ExternalIds;
use crate::standing::{Part, Place, Standing};
use crate::sums::{Figure, Sums, unless_equal};

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
    fn weigh(&self, sums: &mut Sums) -> Vec<FieldError> {
        sums.adds(Figure::ClientBalance, self.client_id.any(), self.balance.amount);
        sums.says(Figure::InvoicePaid, self.id.any(), self.paid.amount);
        let lines = self.lines.as_ref().map_or(&[][..], |Nested(lines)| lines);
        let mut errors = Vec::new();
        for (at, line) in lines.iter().enumerate() {
            let pointer = format!("/lines/{at}/total");
            match line.follows() {
                Some(total) => unless_equal(&mut errors, &pointer, line.total.amount, total, "quantity, price, discount and tax"),
                None => errors.push(FieldError::new(pointer, "range", "quantity, price, discount and tax make no amount")),
            }
        }
        let Ok(found) = totals(lines) else {
            errors.push(FieldError::new("/lines", "range", "they add up to more than the largest amount"));
            return errors;
        };
        for (name, said, follows) in [
            ("/subtotal", self.subtotal, found.subtotal),
            ("/discount", self.discount, found.discount),
            ("/tax", self.tax, found.tax),
            ("/total", self.total, found.total),
        ] {
            unless_equal(&mut errors, name, said.amount, follows, "the invoice's lines");
        }
        let balance = stage::balance(self.stage, self.total.amount, self.paid.amount);
        unless_equal(&mut errors, "/balance", self.balance.amount, balance, "stage, total and what is paid");
        errors
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
