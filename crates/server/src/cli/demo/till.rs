//! The payments that the demo's till takes: instalments on bills that are late. Each is of a bill that there
//! was by then and leaves a part owed, so that the demo begins with bills that somebody has to ask for.
//! The clinic's books have every one of them, as they have the payments that came with the record.

use anyhow::Context as _;
use clinicos_contract::Timestamp;
use clinicos_contract::time::{Date, parse_date};
use http::StatusCode;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::cli::client::Client;
use crate::cli::output;

/// So many late bills are looked up: a page.
const BILLS_MAX: usize = 200;
/// An instalment is such a part of what is left of a bill.
const PART: i64 = 4;
/// What is smaller is paid at once, another day, in minor units.
const LEFT_MIN: i64 = 2_000;
/// Where the till's cards stand in the clinic's books before they are paid out, and what clients owe.
const ACCOUNTS: [&str; 2] = ["1020", "1200"];

/// A bill that is late.
struct Bill {
    id: String,
    issued_on: Date,
    left: i64,
    currency: String,
}

/// The till, and who still owes.
pub struct Till {
    clinic_id: String,
    bills: Vec<Bill>,
    next: usize,
}

impl Till {
    /// Looks the bills up.
    pub async fn open(client: &Client, clinic_id: &str) -> anyhow::Result<Self> {
        let target = format!("/v1/invoices?clinic_id={clinic_id}&status=overdue&limit={BILLS_MAX}");
        let page = client.call("GET", &target, None).await?;
        let invoices = page.get("data").and_then(Value::as_array).context("a list has no `data`")?;
        let bills = invoices.iter().map(bill).collect::<Option<_>>().context("an invoice lacks what every one has")?;
        Ok(Self { clinic_id: clinic_id.to_owned(), bills, next: 0 })
    }

    /// Takes an instalment now, and writes it in the books. `None` if nobody pays.
    pub async fn take(&mut self, client: &Client, key: &str) -> anyhow::Result<Option<StatusCode>> {
        let now = client.now();
        let Some((invoice, amount)) = self.instalment(now) else { return Ok(None) };
        let body = json!({"amount": amount, "method": "card", "till_id": "front-desk-1"});
        let (status, answer) = client.call_with(key, "POST", &format!("/v1/invoices/{invoice}/payments"), Some(&body)).await?;
        if status == StatusCode::CREATED {
            let payment: Value = serde_json::from_slice(&answer)?;
            let [cards, owed] = ACCOUNTS;
            let entry = json!({
                "entry_on": now.day_in(&TimeZone::UTC).to_string(), "description": "Payment by card", "status": "posted",
                "lines": [{"account": cards, "debit": amount}, {"account": owed, "credit": amount}],
                "invoice_id": invoice, "payment_id": output::text(&payment, "id"),
            });
            let target = format!("/v1/journal_entries?clinic_id={}", self.clinic_id);
            client.call("POST", &target, Some(&entry)).await?;
        }
        Ok(Some(status))
    }

    /// The next bill of which a part is paid, and how much. Bills are asked for in turn.
    fn instalment(&mut self, now: Timestamp) -> Option<(String, Value)> {
        // A day later it was sent out everywhere.
        let before = now.plus_seconds(-86_400).day_in(&TimeZone::UTC);
        for _ in 0..self.bills.len() {
            let at = self.next % self.bills.len();
            self.next += 1;
            let Some(bill) = self.bills.get_mut(at).filter(|bill| bill.issued_on < before && bill.left >= LEFT_MIN) else {
                continue;
            };
            // Whole dollars.
            let amount = bill.left / PART / 100 * 100;
            bill.left -= amount;
            return Some((bill.id.clone(), json!({"amount": amount, "currency": bill.currency})));
        }
        None
    }
}

fn bill(invoice: &Value) -> Option<Bill> {
    Some(Bill {
        id: invoice.get("id")?.as_str()?.to_owned(),
        issued_on: parse_date(invoice.get("issued_on")?.as_str()?)?,
        left: invoice.pointer("/balance/amount")?.as_i64()?,
        currency: invoice.pointer("/balance/currency")?.as_str()?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn till(bills: &[(&str, i64)]) -> Till {
        let bill = |(day, left): &(&str, i64)| Bill {
            id: format!("inv of {day}"),
            issued_on: parse_date(day).unwrap(),
            left: *left,
            currency: "USD".to_owned(),
        };
        Till { clinic_id: String::new(), bills: bills.iter().map(bill).collect(), next: 0 }
    }

    #[test]
    fn a_part_is_paid_of_each_bill_in_turn_and_of_none_before_its_day() {
        let mut till = till(&[("2026-09-01", 10_050), ("2026-09-20", 8_000), ("2026-09-02", 1_999)]);
        let mut pay = |day: &str| {
            let (id, amount) = till.instalment(Timestamp::parse(&format!("{day}T12:00:00Z")).unwrap())?;
            Some((id, amount["amount"].as_i64().unwrap()))
        };
        assert_eq!(pay("2026-09-02"), None);
        assert_eq!(pay("2026-09-10"), Some(("inv of 2026-09-01".to_owned(), 2_500)));
        assert_eq!(pay("2026-09-22"), Some(("inv of 2026-09-20".to_owned(), 2_000)));
        let mut paid = 0;
        while let Some((_, amount)) = pay("2026-09-22") {
            assert!(amount > 0);
            paid += amount;
        }
        assert!(paid > 0 && till.bills.iter().all(|bill| (1..LEFT_MIN).contains(&bill.left)));
    }
}
