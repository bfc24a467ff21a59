//! Money that goes back to clients.

use clinicos_clinic::invoices::model::stage::Stage;
use clinicos_clinic::payments::model::{Allocations, Payment};
use clinicos_clinic::refunds::model::status::{RefundReason, RefundStatus};
use clinicos_clinic::refunds::model::{Refund, RefundLine, RefundLines, taken};
use clinicos_contract::Timestamp;
use clinicos_contract::wire::Doc;

use crate::calendar::date;
use crate::money::{Back, Origin, asset, credit, debit};
use crate::world::{World, money, no_external_ids};

impl World {
    /// Money goes back to a client.
    pub fn refund(&mut self, mut payment: Payment<'static>, back: Back, at: Timestamp) {
        let (lines, reason) = match back {
            Back::Twice => (Vec::new(), RefundReason::Duplicate),
            Back::CalledOff => (Vec::new(), RefundReason::Cancelled),
            Back::Goodwill(number) => match self.given_back(number, &payment) {
                Some(line) => (vec![line], RefundReason::Goodwill),
                None => return self.file_payment(&payment),
            },
        };
        let amount = lines.first().map_or(payment.unallocated.amount, |line: &RefundLine| line.amount.amount);
        let from_invoices = taken(amount, &lines, &payment).unwrap_or_default();
        let mut kept = payment.allocations.value().unwrap_or_default();
        for one in &mut kept.0 {
            one.amount.amount -=
                from_invoices.iter().filter(|part| part.invoice_id == one.invoice_id).map(|part| part.amount.amount).sum::<i64>();
        }
        kept.0.retain(|one| one.amount.amount > 0);
        let allocated = kept.0.iter().map(|one| one.amount.amount).sum();
        let of_invoices = from_invoices.iter().map(|part| part.amount.amount).sum::<i64>();
        // At most what is left of the payment.
        let _ = payment.refund(amount);
        payment.allocations = Doc::of(&kept);
        payment.settle(allocated);
        payment.touch(at);
        let id = self.dice.id(at);
        self.shelf.put(&Refund {
            id,
            clinic_id: self.clinic,
            payment_id: payment.id,
            client_id: payment.client_id,
            amount: money(amount),
            lines: Doc::of(&RefundLines(lines)),
            reason,
            note: None,
            status: RefundStatus::Succeeded,
            provider_ref: None,
            allocations: Doc::of(&Allocations(from_invoices)),
            external_ids: no_external_ids(),
            created_at: at,
            updated_at: at,
            version: 1,
        });
        self.tally(&payment, -amount, 0);
        let booked = vec![debit("1200", of_invoices), debit("2100", amount - of_invoices), credit(asset(&payment), amount)];
        let from = Origin { payment: Some(payment.id), refund: Some(id), ..Origin::default() };
        self.post(at, "Refund".to_owned(), booked, from);
        if let Back::Goodwill(number) = back {
            self.forgive(number, of_invoices, at.plus_seconds(60));
        }
        self.file_payment(&payment);
    }

    /// The line of an invoice that is given back: the dearest that its payment covers.
    fn given_back(&mut self, number: i64, payment: &Payment<'static>) -> Option<RefundLine> {
        let open = self.books.open.get(&number)?;
        let lines = open.invoice.lines.as_ref()?;
        let charged = lines.0.iter().filter(|line| line.state.counts() && line.total.amount > 0);
        let line = charged.max_by_key(|line| line.total.amount)?;
        let paid = payment.allocations.value()?.0.iter().find(|one| one.invoice_id == open.invoice.id)?.amount.amount;
        let amount = line.total.amount.min(paid);
        (amount > 0).then(|| RefundLine { invoice_id: open.invoice.id, line_id: line.id, amount: money(amount) })
    }

    /// What went back of an invoice is not asked for again.
    fn forgive(&mut self, number: i64, amount: i64, at: Timestamp) {
        let last = date(self.calendar.last);
        let Some(open) = self.books.open.get_mut(&number) else { return };
        // It was paid, so that much is there.
        let _ = open.invoice.pay(-amount);
        open.invoice.settle(last);
        let (left, id) = (open.invoice.balance.amount, open.invoice.id);
        open.invoice.stage = Stage::WrittenOff;
        open.invoice.touch(at);
        let from = Origin { invoice: Some(id), ..Origin::default() };
        self.post(at, "Given back".to_owned(), vec![debit("6500", left), credit("1200", left)], from);
        self.file_invoice(number);
    }
}
