//! `include=`: what is put into records is what its caller could have read directly, and no more
//! (abuse case A4).

use std::collections::BTreeSet;

use clinicos_contract::{Category, Link, Spec, id};
use clinicos_store::journal::audit::Entry;
use clinicos_testkit::{As, MadeKey, Reply, Samples, World, on_both_engines, record_ids};
use serde_json::{Value, json};

use crate::answers::{against_the_document, document};
use crate::findings::Findings;
use crate::pages::all_pages;

/// Every operation that includes, with each of its links.
fn links(world: &World) -> Vec<(&'static Spec, &'static Link)> {
    world.specs().into_iter().flat_map(|spec| spec.links.iter().map(move |link| (spec, *link))).collect()
}

/// An invoice with lines that two payments pay, a payment of two invoices, and a patient with two
/// owners: each link leads somewhere.
async fn entangled(world: &World) -> Samples {
    let samples = Samples::make(world, &world.clinic).await;
    let admin = world.as_admin();
    let client = samples.id("client_id");
    let other = admin.post("/v1/clients", &json!({"family_name": "Other"})).await.expect(201).id();
    let dollars = |amount: i64| json!({"amount": amount, "currency": "USD"});
    let line = json!({"description": "Exam", "unit_price": dollars(6_800)});
    let body = json!({"client_id": client, "stage": "open", "lines": [line, line]});
    let second = admin.post("/v1/invoices", &body).await.expect(201).id();
    let first = samples.id("invoice_id");
    for allocations in [
        json!([{"invoice_id": first, "amount": dollars(700)}, {"invoice_id": second, "amount": dollars(300)}]),
        json!([{"invoice_id": first, "amount": dollars(1_000)}]),
    ] {
        let body = json!({"client_id": client, "amount": dollars(1_000), "method": "cash", "allocations": allocations});
        admin.post("/v1/payments", &body).await.expect(201);
    }
    let ownerships = json!([
        {"client_id": client, "role": "primary"},
        {"client_id": other, "role": "co_owner", "from": "2025-01-01"},
        {"client_id": other, "role": "foster", "from": "2020-01-01", "to": "2021-01-01"},
    ]);
    admin.post("/v1/patients", &json!({"name": "Rex", "species": "canine", "ownerships": ownerships})).await.expect(201);
    samples
}

fn records(reply: &Reply) -> Vec<Value> {
    if reply.json.get("data").is_some() { reply.data().to_vec() } else { vec![reply.json.clone()] }
}

/// What one link put into an answer.
fn included(reply: &Reply, link: &Link) -> Vec<Value> {
    let members = records(reply).into_iter().map(|record| record[link.name].clone());
    members.flat_map(|member| if link.many { member.as_array().unwrap().clone() } else { vec![member] }).collect()
}

/// Whether a record shows no more than another reading of the same one, and the same where both do.
fn is_part_of(record: &Value, direct: &Value) -> bool {
    record.as_object().unwrap().iter().all(|(name, value)| direct.get(name) == Some(value))
}

/// Compares what is included with what its caller reads directly.
async fn against_direct_reads(caller: &As, spec: &Spec, link: &Link, reply: &Reply, findings: &mut Findings) {
    let what = format!("{} include={}", spec.id, link.name);
    let path = |name: &str, id: &Value| format!("/v1/{name}s/{}", id.as_str().unwrap());
    if spec.resource.name == link.reads.split('.').next().unwrap() {
        // A part of the record itself: the direct read is of the record.
        for record in records(reply) {
            let direct = caller.get(&path(spec.resource.singular, &record["id"])).await.expect(200);
            findings.check(&what, record[link.name] == direct.json[link.name], &format!("{record} is not {}", direct.json));
        }
        return;
    }
    for record in included(reply, link) {
        let direct = caller.get(&path(link.schema.name, &record["id"])).await.expect(200);
        findings.check(&what, is_part_of(&record, &direct.json), &format!("{record} is not {}", direct.json));
    }
}

async fn change(world: &World, key: &MadeKey, scopes: &[&str], categories: &[Category], excluded: &[&str]) {
    let opt_ins: Vec<Value> = categories.iter().map(|category| json!({"category": category.name()})).collect();
    let change = json!({"scopes": scopes, "opt_ins": opt_ins, "excluded_operations": excluded});
    world.change_connection(&key.connection_id, &change).await;
}

/// Every set of these categories.
fn subsets(of: &[Category]) -> Vec<Vec<Category>> {
    let chosen = |bits: usize| of.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, one)| *one).collect();
    (0..1 << of.len()).map(chosen).collect()
}

fn ids_in(entry: &Entry) -> BTreeSet<String> {
    let uuids = |bytes: &[u8]| -> Vec<String> { bytes.chunks(16).map(|uuid| id::text_of(uuid.try_into().unwrap())).collect() };
    entry.records.iter().flat_map(|group| uuids(&group.ids).into_iter().map(|uuid| format!("{}_{uuid}", group.prefix))).collect()
}

on_both_engines! {
    /// Abuse case A4: over every link, every set of opt-ins, with and without the scope, and with
    /// the direct read excluded. Either the include is refused as the direct read is, or it shows
    /// a part of what the direct read shows.
    async fn a4_an_include_shows_what_a_direct_read_shows(world: World) {
        let samples = entangled(&world).await;
        let mut findings = Findings::default();
        let key = world.full_key().await;
        let caller = world.as_key(&key.secret);
        for (spec, link) in links(&world) {
            let direct = world.spec(link.reads);
            let (own_scope, scope) = (spec.scope(), direct.scope());
            let mut categories: BTreeSet<Category> = link.schema.fields.iter().map(|field| field.category).collect();
            categories.extend([spec.resource.primary, direct.resource.primary]);
            categories.remove(&Category::RecordSystem);
            let categories: Vec<Category> = categories.into_iter().collect();
            let mut shown = 0;
            for opt_ins in subsets(&categories) {
                for (scopes, excluded) in [
                    (vec![own_scope.as_str(), scope.as_str()], vec![]),
                    (vec![own_scope.as_str()], vec![]),
                    (vec![own_scope.as_str(), scope.as_str()], vec![link.reads]),
                ] {
                    change(&world, &key, &scopes, &opt_ins, &excluded).await;
                    let call = samples.plain(&world, spec).await;
                    let what = format!("{} include={} with {scopes:?}, {opt_ins:?}, without {excluded:?}", spec.id, link.name);
                    let plain = caller.send(call.clone()).await;
                    let direct = caller.send(samples.plain(&world, direct).await).await;
                    let reply = caller.send(call.query(&format!("include={}", link.name))).await;
                    let refusing = [&plain, &direct].into_iter().find(|reply| reply.status != 200);
                    if let Some(refusing) = refusing {
                        findings.refused(&what, &reply, refusing.status, refusing.code());
                        let names = ["missing_scope", "missing_consent"].map(|name| (reply.json.get(name), refusing.json.get(name)));
                        findings.check(&what, names.iter().all(|(found, expected)| found == expected), "names something else");
                    } else {
                        findings.check(&what, reply.status == 200, &format!("{} {}", reply.status, reply.json));
                        against_direct_reads(&caller, spec, link, &reply, &mut findings).await;
                        shown += included(&reply, link).len();
                    }
                }
            }
            findings.check(spec.id, shown > 0 || link.name == "invoices" || link.name == "payments", &format!("`{}` leads nowhere", link.name));
        }
        findings.done(&world.journal().await);
    }

    async fn what_is_included_is_documented_and_written_down(world: World) {
        let samples = entangled(&world).await;
        let document = document(&world).await;
        let mut findings = Findings::default();
        for spec in world.specs().into_iter().filter(|spec| !spec.links.is_empty()) {
            let names: Vec<&str> = spec.links.iter().map(|link| link.name).collect();
            let call = samples.plain(&world, spec).await.query(&format!("include={}", names.join(",")));
            let reply = world.as_admin().send(call).await.expect(200);
            for wrong in against_the_document(&document, spec, &reply) {
                findings.note(spec.id, &wrong);
            }
            for name in &names {
                let text = String::from_utf8_lossy(&reply.bytes).into_owned();
                let members = text.matches(&format!("\"{name}\":")).count();
                findings.check(spec.id, members >= records(&reply).len(), &format!("`{name}` is missing"));
                findings.check(spec.id, records(&reply).iter().all(|record| record.get(*name).is_some()), &format!("`{name}` is missing"));
            }
            let entries = world.entries(reply.request_id()).await;
            let [entry] = entries.as_slice() else { panic!("{} entries", entries.len()) };
            let (noted, shown) = (ids_in(entry), record_ids(&reply.json));
            findings.check(spec.id, noted == shown, &format!("notes {noted:?}, shows {shown:?}"));
            let count: usize = entry.records.iter().map(|group| group.ids.len() / 16).sum();
            findings.check(spec.id, count == noted.len(), "notes an id twice");
        }
        findings.done(&world.journal().await);
    }

    /// Each member stands once in a record, whether the record had it already or not.
    async fn a_member_stands_once(world: World) {
        let samples = entangled(&world).await;
        for query in ["include=lines", "fields=number&include=lines", "include=lines&fields=lines"] {
            let reply = world.as_admin().get(&format!("/v1/invoices/{}?{query}", samples.id("invoice_id"))).await.expect(200);
            assert_eq!(String::from_utf8_lossy(&reply.bytes).matches("\"lines\":").count(), 1, "{query}");
            assert_eq!(reply.json["lines"].as_array().unwrap().len(), 2, "{query}");
        }
        let picked = world.as_admin().get("/v1/invoices?fields=number&include=client").await.expect(200);
        for record in picked.data() {
            let names: Vec<&String> = record.as_object().unwrap().keys().collect();
            assert_eq!(names, ["client", "id", "number"], "{record}");
        }
    }

    async fn an_include_that_is_none_is_named(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let admin = world.as_admin();
        for (query, code) in [("include=visits", "unknown"), ("include=", "unknown"), ("include=client,", "unknown"), ("include=client,client", "repeated"), ("include=lines.client", "unknown")] {
            let reply = admin.get(&format!("/v1/invoices?{query}")).await.refused(400, "invalid_parameter");
            assert_eq!((&reply.json["errors"][0]["pointer"], &reply.json["errors"][0]["code"]), (&json!("include"), &json!(code)), "{query}");
        }
        let reply = admin.get("/v1/clients?include=client").await.refused(400, "invalid_parameter");
        assert_eq!(reply.json["errors"][0]["detail"], "there is no such parameter here");
        let path = format!("/v1/invoices/{}?include=client", samples.id("invoice_id"));
        let etag = admin.get(&path).await.expect(200).etag().to_owned();
        admin.patch(&path, &etag, &json!({"notes": "n"})).await.refused(400, "invalid_parameter");
    }

    /// An ETag names the version and the view; a change asks for the version alone.
    async fn an_etag_tells_what_was_included(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let path = format!("/v1/invoices/{}", samples.id("invoice_id"));
        let mut etags = BTreeSet::new();
        for query in ["", "?include=client", "?include=payments", "?include=client,payments", "?fields=number", "?fields=number&include=client"] {
            etags.insert(world.as_admin().get(&format!("{path}{query}")).await.expect(200).etag().to_owned());
        }
        assert_eq!(etags.len(), 6, "{etags:?}");
        let etag = etags.last().unwrap().clone();
        world.as_admin().patch(&path, &etag, &json!({"notes": "n"})).await.expect(200);
    }

    async fn pages_carry_their_includes_on(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let body = |amount: i64| json!({
            "client_id": samples.id("client_id"), "stage": "open",
            "lines": [{"description": "Exam", "unit_price": {"amount": amount, "currency": "USD"}}, {"description": "Trim", "unit_price": {"amount": 7, "currency": "USD"}}],
        });
        for amount in [100, 200, 300, 400, 500] {
            world.as_admin().post("/v1/invoices", &body(amount)).await.expect(201);
        }
        let narrow = world.key(&["invoices:read", "payments:read"]).await;
        for query in ["limit=2&include=lines", "limit=2&sort=-issued_on&include=lines", "limit=2&status=open&include=lines"] {
            let rows = all_pages(&world.as_key(&narrow.secret), &format!("/v1/invoices?{query}")).await;
            let sum = |lines: &Value| lines.as_array().unwrap().iter().map(|line| line["total"]["amount"].as_i64().unwrap()).sum::<i64>();
            assert!(rows.iter().all(|row| sum(&row["lines"]) == row["total"]["amount"].as_i64().unwrap()), "{query}");
            assert_eq!(rows.len(), 6, "{query}");
        }
    }

    /// A page that leads to more than an answer can hold ends earlier, and goes on.
    async fn a_page_that_leads_to_too_much_ends_earlier(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let line = json!({"description": "Exam", "unit_price": {"amount": 1, "currency": "USD"}});
        let body = json!({"client_id": samples.id("client_id"), "stage": "open", "lines": vec![line; 200]});
        for _ in 0..26 {
            world.as_admin().post("/v1/invoices", &body).await.expect(201);
        }
        let first = world.as_admin().get("/v1/invoices?limit=200&include=lines,client").await.expect(200);
        assert_eq!((first.data().len(), &first.json["has_more"]), (13, &json!(true)), "half of 27");
        let entries = world.entries(first.request_id()).await;
        assert_eq!(ids_in(&entries[0]), record_ids(&first.json));
        let rows = all_pages(&world.as_admin(), "/v1/invoices?limit=200&include=lines,client").await;
        let ids: BTreeSet<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert_eq!((rows.len(), ids.len()), (27, 27));
        assert_eq!(rows.iter().filter(|row| row["lines"].as_array().unwrap().len() == 200).count(), 26);
    }

    async fn owners_are_those_of_today(world: World) {
        entangled(&world).await;
        let page = world.as_admin().get("/v1/patients?include=owners&name=Rex").await.expect(200);
        let rex = &page.data()[0];
        let owners: Vec<&Value> = rex["owners"].as_array().unwrap().iter().map(|owner| &owner["id"]).collect();
        assert_eq!(owners, [&rex["ownerships"][0]["client_id"], &rex["ownerships"][1]["client_id"]]);
    }

    /// What one record leads to is bounded by rules: so is an answer.
    async fn an_invoice_is_paid_by_so_many_payments(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let path = format!("/v1/invoices/{}", samples.id("invoice_id"));
        let body = json!({"amount": {"amount": 1, "currency": "USD"}, "method": "cash"});
        for _ in 0..200 {
            world.as_admin().post(&format!("{path}/payments"), &body).await.expect(201);
        }
        let reply = world.as_admin().post(&format!("{path}/payments"), &body).await.refused(422, "rule_broken");
        assert_eq!(reply.json["errors"][0]["code"], "too_many");
        let all = world.as_admin().get(&format!("{path}?include=payments")).await.expect(200);
        assert_eq!(all.json["payments"].as_array().unwrap().len(), 200);
    }
}
