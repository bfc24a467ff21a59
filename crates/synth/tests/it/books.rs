//! Money and goods add up.

use std::collections::BTreeMap;

use clinicos_clinic::invoices::model::lines::gross;
use clinicos_clinic::invoices::model::stage::{self, Stage};
use clinicos_clinic::payments::model::status::PaymentStatus;
use clinicos_clinic::texts::Decimal;

use crate::made::{Made, Members, SEEDS, cents, day, items, made, text, time, until};

fn quantity(text: &str) -> i128 {
    Decimal::from(text.to_owned()).ten_thousandths().unwrap()
}

/// What payments put towards each invoice.
fn allocated(made: &Made) -> BTreeMap<&str, i64> {
    let mut sums = BTreeMap::new();
    for allocation in made.all("payments").iter().flat_map(|payment| items(payment, "allocations")) {
        *sums.entry(allocation["invoice_id"].as_str().unwrap()).or_insert(0) += cents(&allocation["amount"]);
    }
    sums
}

#[test]
fn invoices_add_up() {
    for seed in SEEDS {
        let made = made(seed);
        let paid = allocated(made);
        for invoice in made.all("invoices") {
            let mut sums = [0; 4];
            for line in items(invoice, "lines") {
                let full = gross(quantity(line["quantity"].as_str().unwrap()), cents(&line["unit_price"])).unwrap();
                let (discount, tax) = (cents(&line["discount"]), cents(&line["tax"]));
                assert_eq!(cents(&line["total"]), full - discount + tax, "seed {seed}: {line}");
                if line["state"] == "billed" {
                    for (sum, by) in sums.iter_mut().zip([full, discount, tax, full - discount + tax]) {
                        *sum += by;
                    }
                }
            }
            let written = ["subtotal", "discount", "tax", "total"].map(|name| cents(&invoice[name]));
            assert_eq!(written, sums, "seed {seed}: {invoice:?}");
            let (total, put) = (sums[3], paid.get(text(invoice, "id")).copied().unwrap_or(0));
            assert_eq!(cents(&invoice["paid"]), put, "seed {seed}: {invoice:?}");
            let stage = Stage::parse(text(invoice, "stage")).unwrap();
            assert_eq!(cents(&invoice["balance"]), stage::balance(stage, total, put), "seed {seed}: {invoice:?}");
            let status = stage::status(stage, total, put, day(invoice, "due_on").unwrap(), until());
            assert_eq!(text(invoice, "status"), status.name(), "seed {seed}: {invoice:?}");
            assert!(put <= total, "seed {seed}: {invoice:?}");
        }
        let numbers: std::collections::BTreeSet<&str> = made.all("invoices").iter().map(|one| text(one, "number")).collect();
        let last = i64::try_from(made.all("invoices").len()).unwrap();
        assert_eq!(i64::try_from(numbers.len()).unwrap(), last, "each number is one invoice's");
        assert_eq!(made.record.ended.last_invoice_number, last);
    }
}

#[test]
fn payments_and_refunds_add_up() {
    for seed in SEEDS {
        let made = made(seed);
        let mut back: BTreeMap<&str, i64> = BTreeMap::new();
        for refund in made.all("refunds") {
            *back.entry(text(refund, "payment_id")).or_default() += cents(&refund["amount"]);
            let lines: i64 = items(refund, "lines").iter().map(|line| cents(&line["amount"])).sum();
            assert!(lines == 0 || lines == cents(&refund["amount"]), "seed {seed}: {refund:?}");
        }
        for payment in made.all("payments") {
            let put: i64 = items(payment, "allocations").iter().map(|one| cents(&one["amount"])).sum();
            let (amount, refunded) = (cents(&payment["amount"]), cents(&payment["refunded"]));
            assert_eq!(refunded, back.get(text(payment, "id")).copied().unwrap_or(0), "seed {seed}: {payment:?}");
            let status = PaymentStatus::parse(text(payment, "status")).unwrap();
            let left = if status.counts() { amount - refunded - put } else { 0 };
            assert!(left >= 0 && amount > 0, "seed {seed}: {payment:?}");
            assert_eq!(cents(&payment["unallocated"]), left, "seed {seed}: {payment:?}");
            if refunded > 0 {
                assert_eq!(status, PaymentStatus::with_refunded(refunded, amount), "seed {seed}: {payment:?}");
            }
        }
    }
}

#[test]
fn clients_owe_what_their_invoices_say() {
    for seed in SEEDS {
        let made = made(seed);
        let sums = |kind: &str, field: &str| {
            let mut sums: BTreeMap<String, i64> = BTreeMap::new();
            for one in made.all(kind) {
                *sums.entry(text(one, "client_id").to_owned()).or_default() += cents(&one[field]);
            }
            sums
        };
        let (owed, ahead) = (sums("invoices", "balance"), sums("payments", "unallocated"));
        for client in made.all("clients") {
            let of = |sums: &BTreeMap<String, i64>| sums.get(text(client, "id")).copied().unwrap_or(0);
            assert_eq!((cents(&client["balance"]), cents(&client["credit"])), (of(&owed), of(&ahead)), "seed {seed}");
        }
    }
}

/// The sum of each account: debits less credits.
fn accounts(made: &Made) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for line in made.all("journal_entries").iter().flat_map(|entry| items(entry, "lines")) {
        *sums.entry(line["account"].as_str().unwrap().to_owned()).or_insert(0) += cents(&line["debit"]) - cents(&line["credit"]);
    }
    sums
}

#[test]
fn the_journal_balances_and_says_what_the_records_say() {
    for seed in SEEDS {
        let made = made(seed);
        for entry in made.all("journal_entries") {
            let side = |side: &str| items(entry, "lines").iter().map(|line| cents(&line[side])).sum::<i64>();
            assert_eq!(
                (side("debit"), side("credit")),
                (cents(&entry["total"]), cents(&entry["total"])),
                "seed {seed}: {entry:?}"
            );
        }
        let accounts = accounts(made);
        let of = |account: &str| accounts.get(account).copied().unwrap_or(0);
        let sum = |kind: &str, field: &str| made.all(kind).iter().map(|one| cents(&one[field])).sum::<i64>();
        assert_eq!(of("1200"), sum("clients", "balance"), "seed {seed}: what is owed");
        assert_eq!(of("2100"), -sum("clients", "credit"), "seed {seed}: what was paid ahead");
        assert_eq!(of("1010"), 0, "seed {seed}: tills are emptied each day");
        let issued = |one: &&Members| !["draft", "void"].contains(&text(one, "stage"));
        let taxes: i64 = made.all("invoices").iter().filter(issued).map(|one| cents(&one["tax"])).sum();
        assert_eq!(of("2200"), -taxes, "seed {seed}: taxes");
    }
}

#[test]
fn tills_and_payouts_fit_what_was_tendered() {
    for seed in SEEDS {
        let made = made(seed);
        let accounts = accounts(made);
        let (mut counted, mut wrong) = (0, 0);
        for payout in made.all("payouts") {
            counted += cents(&payout["counted"]);
            wrong += cents(&payout["variance"]);
        }
        let expected: i64 = made.all("payouts").iter().map(|one| cents(&one["expected"])).sum();
        assert_eq!(counted, expected + wrong, "seed {seed}");
        assert_eq!(accounts.get("6900").copied().unwrap_or(0), -wrong, "seed {seed}: what tills were short of");
    }
}

#[test]
fn there_is_of_each_product_what_moved() {
    for seed in SEEDS {
        let made = made(seed);
        let mut sums: BTreeMap<&str, i128> = BTreeMap::new();
        for movement in made.all("stock_movements") {
            *sums.entry(text(movement, "product_id")).or_default() += quantity(text(movement, "quantity"));
        }
        for product in made.all("products") {
            let moved = sums.get(text(product, "id")).copied();
            let tracked = product["tracked"] == true;
            assert_eq!(moved.is_some(), tracked, "seed {seed}: {product:?}");
            let Some(moved) = moved else { continue };
            assert_eq!(quantity(text(product, "on_hand")), moved, "seed {seed}: {product:?}");
            let lots: i128 = items(product, "lots").iter().map(|lot| quantity(lot["quantity"].as_str().unwrap())).sum();
            assert_eq!(lots, moved, "seed {seed}: {product:?}");
            assert!(moved >= 0);
        }
    }
}

#[test]
fn there_is_of_each_lot_what_moved_and_never_less_than_nothing() {
    for seed in SEEDS {
        let made = made(seed);
        let mut moved: BTreeMap<(&str, &str), Vec<(_, i128)>> = BTreeMap::new();
        for one in made.all("stock_movements") {
            let of = (text(one, "product_id"), text(one, "lot"));
            moved.entry(of).or_default().push((time(one, "moved_at").unwrap(), quantity(text(one, "quantity"))));
        }
        let lots = made.all("products").iter().flat_map(|product| {
            items(product, "lots").iter().map(move |lot| {
                let left = quantity(lot["quantity"].as_str().unwrap());
                ((text(product, "id"), lot["number"].as_str().unwrap()), left)
            })
        });
        let left: BTreeMap<(&str, &str), i128> = lots.collect();
        for (lot, moves) in &mut moved {
            moves.sort_by_key(|one| (one.0, -one.1));
            let mut there = 0;
            for (at, by) in moves.iter() {
                there += by;
                assert!(there >= 0, "seed {seed}: {lot:?} has {there} at {at}");
            }
            assert_eq!(there, left.get(lot).copied().unwrap_or(0), "seed {seed}: {lot:?}");
        }
        assert!(left.keys().all(|lot| moved.contains_key(lot)), "seed {seed}");
    }
}

#[test]
fn nothing_is_paid_before_it_is_billed() {
    for seed in SEEDS {
        let made = made(seed);
        let invoices: BTreeMap<&str, &Members> = made.all("invoices").iter().map(|one| (text(one, "id"), one)).collect();
        for payment in made.all("payments").iter().filter(|one| text(one, "type") == "payment") {
            for one in items(payment, "allocations") {
                let billed = time(invoices[one["invoice_id"].as_str().unwrap()], "created_at");
                assert!(billed <= time(payment, "tendered_at"), "seed {seed}: {payment:?}");
            }
        }
    }
}

/// A practice that loses its clients would be another story: what it earns in the second half of a year is about what it
/// earns in the first.
#[test]
fn a_practice_earns_as_much_late_as_early() {
    let (mut early, mut late) = (0, 0);
    for seed in SEEDS {
        let made = made(seed);
        let mut of_months: BTreeMap<(i16, i8), i64> = BTreeMap::new();
        for invoice in made.all("invoices").iter().filter(|one| !["draft", "void"].contains(&text(one, "stage"))) {
            let day = day(invoice, "issued_on").unwrap();
            *of_months.entry((day.year(), day.month())).or_default() += cents(&invoice["subtotal"]);
        }
        let months: Vec<i64> = of_months.into_values().collect();
        let half = months.len() / 2;
        early += months[..half].iter().sum::<i64>();
        late += months[half..].iter().sum::<i64>();
        println!("seed {seed}: {:?}", months.iter().map(|cents| cents / 100).collect::<Vec<_>>());
    }
    assert!((90..=115).contains(&(late * 100 / early)), "{late} after {early}");
}
