//! Stories of refunds: what goes back is owed again, and everything always adds up.

use std::collections::BTreeMap;

use clinicos_testkit::{As, Reply, Samples, World, on_both_engines};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::pages::all_pages;

fn dollars(amount: i64) -> Value {
    json!({"amount": amount, "currency": "USD"})
}

fn amount(record: &Value, name: &str) -> i64 {
    record[name]["amount"].as_i64().unwrap_or_else(|| panic!("no {name} in {record}"))
}

fn text<'r>(record: &'r Value, name: &str) -> &'r str {
    record[name].as_str().unwrap_or_else(|| panic!("no {name} in {record}"))
}

fn items<'r>(record: &'r Value, name: &str) -> &'r [Value] {
    record[name].as_array().map_or(&[], Vec::as_slice)
}

fn points_at(reply: &Reply) -> (String, String) {
    let error = &reply.json["errors"][0];
    (error["pointer"].as_str().unwrap_or_default().to_owned(), error["code"].as_str().unwrap_or_default().to_owned())
}

async fn get(world: &World, path: &str) -> Value {
    world.as_admin().get(path).await.expect(200).json
}

/// An open invoice with lines of these prices.
async fn invoice(world: &World, client: &str, prices: &[i64]) -> Value {
    let lines: Vec<Value> = prices.iter().map(|price| json!({"description": "Exam", "unit_price": dollars(*price)})).collect();
    let body = json!({"client_id": client, "stage": "open", "lines": lines});
    world.as_admin().post("/v1/invoices", &body).await.expect(201).json
}

async fn pay(world: &World, client: &str, total: i64, allocations: &[(&Value, i64)]) -> Value {
    let allocations: Vec<Value> =
        allocations.iter().map(|(invoice, part)| json!({"invoice_id": invoice["id"], "amount": dollars(*part)})).collect();
    let body = json!({"client_id": client, "amount": dollars(total), "method": "card", "allocations": allocations});
    world.as_admin().post("/v1/payments", &body).await.expect(201).json
}

async fn refund(world: &World, payment: &Value, body: Value) -> Reply {
    let mut body = body;
    body["reason"] = json!("error");
    world.as_admin().post(&format!("/v1/payments/{}/refunds", text(payment, "id")), &body).await
}

async fn change(caller: &As, path: &str, patch: &Value) -> Reply {
    let etag = caller.get(path).await.expect(200).etag().to_owned();
    caller.patch(path, &etag, patch).await
}

/// Everything of the clinic that must add up.
struct Books {
    clients: Vec<Value>,
    invoices: Vec<Value>,
    payments: Vec<Value>,
    refunds: Vec<Value>,
}

impl Books {
    async fn read(world: &World) -> Self {
        let admin = world.as_admin();
        Self {
            clients: all_pages(&admin, "/v1/clients?limit=200").await,
            invoices: all_pages(&admin, "/v1/invoices?limit=200&include=lines").await,
            payments: all_pages(&admin, "/v1/payments?limit=200").await,
            refunds: all_pages(&admin, "/v1/refunds?limit=200").await,
        }
    }

    fn counting_refunds(&self) -> impl Iterator<Item = &Value> {
        self.refunds.iter().filter(|refund| text(refund, "status") != "failed")
    }

    fn check(&self, what: &str) {
        let mut paid: BTreeMap<&str, i64> = BTreeMap::new();
        for payment in &self.payments {
            self.check_payment(payment, what);
            for allocation in items(payment, "allocations") {
                *paid.entry(text(allocation, "invoice_id")).or_default() += amount(allocation, "amount");
            }
        }
        for invoice in &self.invoices {
            let id = text(invoice, "id");
            assert_eq!(amount(invoice, "paid"), paid.get(id).copied().unwrap_or(0), "{what}: {invoice}");
            let owes = ["open", "sent", "collections"].contains(&text(invoice, "stage"));
            let balance = if owes { amount(invoice, "total") - amount(invoice, "paid") } else { 0 };
            assert_eq!(amount(invoice, "balance"), balance, "{what}: {invoice}");
            assert!((0..=amount(invoice, "total")).contains(&amount(invoice, "paid")), "{what}: {invoice}");
            self.check_lines(invoice, what);
        }
        for client in &self.clients {
            let of = |records: &[Value], name: &str| -> i64 {
                let own = records.iter().filter(|record| record["client_id"] == client["id"]);
                own.map(|record| amount(record, name)).sum()
            };
            assert_eq!(amount(client, "balance"), of(&self.invoices, "balance"), "{what}: {client}");
            assert_eq!(amount(client, "credit"), of(&self.payments, "unallocated"), "{what}: {client}");
        }
    }

    fn check_payment(&self, payment: &Value, what: &str) {
        let refunds: Vec<&Value> = self.counting_refunds().filter(|refund| refund["payment_id"] == payment["id"]).collect();
        let refunded: i64 = refunds.iter().map(|refund| amount(refund, "amount")).sum();
        assert_eq!(amount(payment, "refunded"), refunded, "{what}: {payment}");
        let allocated: i64 = items(payment, "allocations").iter().map(|allocation| amount(allocation, "amount")).sum();
        let counts = ["succeeded", "disputed", "partially_refunded", "refunded"].contains(&text(payment, "status"));
        let whole = if counts { amount(payment, "amount") } else { 0 };
        assert_eq!(allocated + amount(payment, "unallocated") + refunded, whole, "{what}: {payment}");
        assert!(amount(payment, "unallocated") >= 0, "{what}: {payment}");
        let expected = match refunded {
            0 => !["partially_refunded", "refunded"].contains(&text(payment, "status")),
            part if part == amount(payment, "amount") => text(payment, "status") == "refunded",
            _ => text(payment, "status") == "partially_refunded",
        };
        assert!(expected, "{what}: {payment}");
    }

    fn check_lines(&self, invoice: &Value, what: &str) {
        let lines = self.counting_refunds().flat_map(|refund| items(refund, "lines"));
        let mut refunded: BTreeMap<&str, i64> = BTreeMap::new();
        for line in lines {
            *refunded.entry(text(line, "line_id")).or_default() += amount(line, "amount");
        }
        for line in items(invoice, "lines") {
            let back = refunded.get(text(line, "id")).copied().unwrap_or(0);
            assert!(back <= amount(line, "total"), "{what}: {back} of {line}");
        }
    }
}

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }

    fn pick<'t>(&mut self, of: &'t [Value]) -> Option<&'t Value> {
        of.get(self.below(of.len()))
    }

    fn word(&mut self, of: &[&'static str]) -> &'static str {
        of[self.below(of.len())]
    }

    fn amount(&mut self) -> i64 {
        [1, 5, 40, 100, 250, 1_000][self.below(6)]
    }
}

/// Does something, sensible or not: what breaks a rule must be refused, and change nothing.
async fn something(world: &World, dice: &mut Dice, client: &str) -> Reply {
    let admin = world.as_admin();
    let books = Books::read(world).await;
    let (invoice, payment) = (dice.pick(&books.invoices).cloned().unwrap(), dice.pick(&books.payments).cloned().unwrap());
    let (invoice_path, payment_path) =
        (format!("/v1/invoices/{}", text(&invoice, "id")), format!("/v1/payments/{}", text(&payment, "id")));
    let part = dollars(dice.amount());
    match dice.below(12) {
        0 => {
            admin
                .post(
                    "/v1/invoices",
                    &json!({"client_id": client, "stage": "open", "lines": [
                        {"description": "A", "unit_price": dollars(dice.amount())}, {"description": "B", "unit_price": part},
                    ]}),
                )
                .await
        }
        1 => admin.post(&format!("{invoice_path}/payments"), &json!({"amount": part, "method": "cash"})).await,
        2 => admin.post("/v1/payments", &json!({"client_id": client, "amount": part, "method": "card"})).await,
        3 => {
            let allocations = json!([{"invoice_id": invoice["id"], "amount": part}]);
            admin.post(&format!("{payment_path}/allocate"), &json!({"allocations": allocations})).await
        }
        4 => change(&admin, &payment_path, &json!({"status": dice.word(&["failed", "disputed", "succeeded"])})).await,
        5 => admin.delete(&payment_path, admin.get(&payment_path).await.expect(200).etag()).await,
        6 => admin.post(&format!("{invoice_path}/void"), &json!({"reason": "A test"})).await,
        7 => match dice.pick(&books.refunds).map(|refund| format!("/v1/refunds/{}", text(refund, "id"))) {
            Some(path) => change(&admin, &path, &json!({"status": dice.word(&["failed", "succeeded"])})).await,
            None => admin.get("/v1/refunds").await,
        },
        8 | 9 => {
            let lines = items(&invoice, "lines");
            let Some(line) = dice.pick(lines) else { return admin.get("/v1/refunds").await };
            let line = json!({"invoice_id": invoice["id"], "line_id": line["id"], "amount": part});
            // Mostly a payment that pays the invoice.
            let pays = |payment: &&Value| items(payment, "allocations").iter().any(|one| one["invoice_id"] == invoice["id"]);
            let payment = books.payments.iter().find(pays).unwrap_or(&payment);
            refund(world, payment, json!({"lines": [line], "status": dice.word(&["pending", "succeeded"])})).await
        }
        _ => refund(world, &payment, json!({"amount": part, "status": dice.word(&["pending", "succeeded"])})).await,
    }
}

on_both_engines! {
    async fn what_goes_back_is_owed_again(world: World) {
        let client = Samples::make(&world, &world.clinic).await.id("client_id").to_owned();
        let before = get(&world, &format!("/v1/clients/{client}")).await;
        let first = invoice(&world, &client, &[300]).await;
        world.clock.advance_s(1);
        let second = invoice(&world, &client, &[500]).await;
        let payment = pay(&world, &client, 1_000, &[(&first, 300), (&second, 500)]).await;
        // The credit goes first, then the newest invoice.
        let made = refund(&world, &payment, json!({"amount": dollars(350)})).await.expect(201).json;
        assert_eq!(made["allocations"], json!([{"invoice_id": second["id"], "amount": dollars(150)}]));
        let payment = get(&world, &format!("/v1/payments/{}", text(&payment, "id"))).await;
        assert_eq!((text(&payment, "status"), amount(&payment, "refunded"), amount(&payment, "unallocated")), ("partially_refunded", 350, 0));
        let owed = get(&world, &format!("/v1/invoices/{}", text(&second, "id"))).await;
        assert_eq!((amount(&owed, "paid"), amount(&owed, "balance"), text(&owed, "status")), (350, 150, "partial"));
        let after = get(&world, &format!("/v1/clients/{client}")).await;
        assert_eq!(amount(&after, "balance") - amount(&before, "balance"), 150);
        // All of the rest, and nothing more.
        let over = refund(&world, &payment, json!({"amount": dollars(651)})).await.refused(422, "rule_broken");
        assert_eq!(points_at(&over), ("/amount".to_owned(), "exceeds_payment".to_owned()));
        refund(&world, &payment, json!({"amount": dollars(650)})).await.expect(201);
        let payment = get(&world, &format!("/v1/payments/{}", text(&payment, "id"))).await;
        assert_eq!((text(&payment, "status"), &payment["allocations"]), ("refunded", &json!([])));
        refund(&world, &payment, json!({"amount": dollars(1)})).await.refused(409, "conflict");
        let names: Vec<String> = world.events().await.into_iter().map(|event| event.name).collect();
        for name in ["refund.created", "refund.succeeded", "payment.updated", "invoice.updated"] {
            assert!(names.iter().any(|known| known == name), "{name}");
        }
        Books::read(&world).await.check("after all");
    }

    async fn a_line_is_paid_back_once(world: World) {
        let client = Samples::make(&world, &world.clinic).await.id("client_id").to_owned();
        let bill = invoice(&world, &client, &[300, 500]).await;
        let other = invoice(&world, &client, &[300]).await;
        let (first, second) = (pay(&world, &client, 400, &[(&bill, 400)]).await, pay(&world, &client, 400, &[(&bill, 400)]).await);
        let line = |at: usize, part: i64| json!({"invoice_id": bill["id"], "line_id": bill["lines"][at]["id"], "amount": dollars(part)});
        refund(&world, &first, json!({"lines": [line(0, 200)]})).await.expect(201);
        for (payment, lines, pointer, code) in [
            (&second, json!([line(0, 101)]), "/lines/0/amount", "exceeds_line"),
            (&first, json!([line(1, 1), line(0, 200)]), "/lines", "exceeds_payment"),
            (&first, json!([{"invoice_id": other["id"], "line_id": other["lines"][0]["id"], "amount": dollars(1)}]), "/lines/0/invoice_id", "not_paid"),
            (&first, json!([{"invoice_id": bill["id"], "line_id": other["lines"][0]["id"], "amount": dollars(1)}]), "/lines/0/line_id", "unknown_record"),
        ] {
            let reply = refund(&world, payment, json!({"lines": lines})).await.refused(422, "rule_broken");
            assert_eq!(points_at(&reply), (pointer.to_owned(), code.to_owned()));
        }
        refund(&world, &second, json!({"lines": [line(0, 100)]})).await.expect(201);
        let back = get(&world, &format!("/v1/invoices/{}", text(&bill, "id"))).await;
        assert_eq!((amount(&back, "paid"), amount(&back, "balance")), (500, 300));
        let page = get(&world, &format!("/v1/payments/{}?include=refunds", text(&first, "id"))).await;
        assert_eq!(page["refunds"][0]["lines"], json!([line(0, 200)]));
    }

    /// What failed pays its invoices again as far as they take it; the rest is credit.
    async fn a_refund_that_failed_counts_no_more(world: World) {
        let client = Samples::make(&world, &world.clinic).await.id("client_id").to_owned();
        let bill = invoice(&world, &client, &[1_000]).await;
        let payment = pay(&world, &client, 1_000, &[(&bill, 1_000)]).await;
        let pending = refund(&world, &payment, json!({"amount": dollars(600), "status": "pending"})).await.expect(201).json;
        let invoice_path = format!("/v1/invoices/{}", text(&bill, "id"));
        assert_eq!(amount(&get(&world, &invoice_path).await, "balance"), 600, "it counts from the start");
        world.as_admin().post(&format!("{invoice_path}/payments"), &json!({"amount": dollars(450), "method": "cash"})).await.expect(201);
        let path = format!("/v1/refunds/{}", text(&pending, "id"));
        change(&world.as_admin(), &path, &json!({"status": "failed"})).await.expect(200);
        let payment = get(&world, &format!("/v1/payments/{}", text(&payment, "id"))).await;
        assert_eq!((text(&payment, "status"), amount(&payment, "refunded"), amount(&payment, "unallocated")), ("succeeded", 0, 450));
        let bill = get(&world, &invoice_path).await;
        assert_eq!((text(&bill, "status"), amount(&bill, "balance")), ("paid", 0));
        let reply = change(&world.as_admin(), &path, &json!({"status": "succeeded"})).await.refused(422, "rule_broken");
        assert_eq!(points_at(&reply), ("/status".to_owned(), "transition".to_owned()));
        Books::read(&world).await.check("after all");
    }

    /// Writing payments does not let a key pay back; the action alone does, and lets it do nothing else.
    async fn paying_back_takes_its_own_scope(world: World) {
        let client = Samples::make(&world, &world.clinic).await.id("client_id").to_owned();
        let payment = pay(&world, &client, 1_000, &[]).await;
        let path = format!("/v1/payments/{}/refunds", text(&payment, "id"));
        let body = json!({"amount": dollars(100), "reason": "goodwill"});
        let writer = world.key(&["payments:write"]).await;
        let refused = world.as_key(&writer.secret).post(&path, &body).await.refused(403, "missing_scope");
        assert_eq!(refused.json["missing_scope"], "payments:refund");
        let refunder = world.key(&["payments:refund"]).await;
        let caller = world.as_key(&refunder.secret);
        let made = caller.post(&path, &body).await.expect(201);
        caller.get("/v1/payments").await.refused(403, "missing_scope");
        caller.get("/v1/refunds").await.refused(403, "missing_scope");
        world.as_key(&writer.secret).get(&format!("/v1/refunds/{}", made.id())).await.expect(200);
        world.change_connection(&refunder.connection_id, &json!({"writes_enabled": false})).await;
        caller.post(&path, &body).await.refused(403, "writes_off");
    }

    async fn what_was_not_paid_is_not_paid_back(world: World) {
        let client = Samples::make(&world, &world.clinic).await.id("client_id").to_owned();
        let body = json!({"client_id": client, "amount": dollars(1_000), "method": "card", "status": "pending"});
        let payment = world.as_admin().post("/v1/payments", &body).await.expect(201).json;
        let path = format!("/v1/payments/{}", text(&payment, "id"));
        refund(&world, &payment, json!({"amount": dollars(1)})).await.refused(409, "conflict");
        change(&world.as_admin(), &path, &json!({"status": "succeeded"})).await.expect(200);
        let euros = json!({"amount": {"amount": 1, "currency": "EUR"}});
        assert_eq!(points_at(&refund(&world, &payment, euros).await.refused(422, "rule_broken")).1, "currency_mismatch");
        change(&world.as_admin(), &path, &json!({"status": "disputed"})).await.expect(200);
        refund(&world, &payment, json!({"amount": dollars(1)})).await.refused(409, "conflict");
        change(&world.as_admin(), &path, &json!({"status": "succeeded"})).await.expect(200);
        refund(&world, &payment, json!({"amount": dollars(1)})).await.expect(201);
        let now = world.as_admin().get(&path).await.expect(200);
        world.as_admin().delete(&path, now.etag()).await.refused(409, "conflict");
        let reply = world.as_admin().patch(&path, now.etag(), &json!({"status": "refunded"})).await.refused(422, "rule_broken");
        assert_eq!(points_at(&reply).1, "transition");
    }

    /// Many at once: never more than was paid.
    async fn refunds_at_once_are_at_most_the_payment(world: World) {
        let client = Samples::make(&world, &world.clinic).await.id("client_id").to_owned();
        let bill = invoice(&world, &client, &[1_000]).await;
        let payment = pay(&world, &client, 1_000, &[(&bill, 1_000)]).await;
        let replies = join_all((0..16).map(|_| refund(&world, &payment, json!({"amount": dollars(300)})))).await;
        let made = replies.iter().filter(|reply| reply.status == 201).count();
        assert!((1..=3).contains(&made), "{made} were made");
        assert!(replies.iter().all(|reply| [201, 422, 503].contains(&reply.status)));
        let books = Books::read(&world).await;
        assert_eq!(books.counting_refunds().filter(|one| one["payment_id"] == payment["id"]).count(), made);
        books.check("after all");
    }

    /// Random sequences of all that moves money: after each step, everything adds up.
    async fn everything_always_adds_up(world: World) {
        let client = Samples::make(&world, &world.clinic).await.id("client_id").to_owned();
        let mut dice = Dice(7);
        let mut refunds = 0;
        for step in 0..120 {
            let reply = something(&world, &mut dice, &client).await;
            assert!(reply.status < 500, "step {step}: {} {}", reply.label, reply.json);
            refunds += usize::from(reply.status == 201 && reply.label.ends_with("/refunds"));
            Books::read(&world).await.check(&format!("step {step}, {} {}", reply.label, reply.status));
        }
        assert!(refunds >= 5, "only {refunds} refunds");
    }
}
