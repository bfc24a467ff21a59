//! Filters narrow, and never widen (abuse case A8).

use std::collections::BTreeSet;

use clinicos_contract::schema::{Field, Filter};
use clinicos_contract::{Shape, Spec, query};
use clinicos_testkit::{As, World, absent_id, on_both_engines};
use serde_json::{Value, json};

use crate::findings::{Findings, tells_of_calls};
use crate::pages::{all_pages, id_of, key, lists, populate, reader};

type Holds = fn(&(i64, String), &(i64, String)) -> bool;

const OPERATORS: [(&str, Holds); 5] = [
    ("", |row, given| row == given),
    ("[gt]", |row, given| row > given),
    ("[gte]", |row, given| row >= given),
    ("[lt]", |row, given| row < given),
    ("[lte]", |row, given| row <= given),
];

fn operators(field: &Field) -> &'static [(&'static str, Holds)] {
    if field.filter == Filter::Range { &OPERATORS } else { &OPERATORS[..1] }
}

/// A value as a parameter has it; `None` for what cannot be asked for.
fn operand(shape: &Shape, value: &Value) -> Option<String> {
    match shape {
        Shape::Money => value["amount"].as_i64().map(|amount| amount.to_string()),
        Shape::Int => value.as_i64().map(|number| number.to_string()),
        Shape::Bool => value.as_bool().map(|yes| yes.to_string()),
        _ => value.as_str().map(str::to_owned),
    }
}

/// Well-formed values that no row has.
fn absent(field: &Field) -> Vec<String> {
    match field.shape {
        Shape::Id(prefix) => vec![absent_id(prefix)],
        Shape::Money | Shape::Int => vec!["987654321".to_owned()],
        Shape::Date => vec!["1999-01-01".to_owned()],
        Shape::Time => vec!["1999-01-01T00:00:00Z".to_owned()],
        Shape::Enum(words) => words.iter().map(|word| word.name.to_owned()).collect(),
        Shape::Bool => vec!["true".to_owned(), "false".to_owned()],
        Shape::Country => vec!["AQ".to_owned()],
        _ => vec!["nobody has this".to_owned()],
    }
}

/// Values of the wrong type. Ignoring one would show everything.
fn malformed(field: &Field) -> Vec<&'static str> {
    match field.shape {
        Shape::Text | Shape::Email => vec![],
        Shape::Bool => vec!["1", "yes", "TRUE", "", "null"],
        Shape::Money | Shape::Int => vec!["12.5", "abc", "", "1e3", "99999999999999999999", "USD"],
        _ => vec!["surprise", "", "*", "%25", "null"],
    }
}

fn target(path: &str, name: &str, value: &str) -> String {
    let mut encoded = String::new();
    query::encode(value, &mut encoded);
    format!("{path}?limit=200&{name}={encoded}")
}

/// Some values of a field in these rows, and some that are not.
fn values(field: &Field, rows: &[Value]) -> BTreeSet<String> {
    let present = rows.iter().filter_map(|row| operand(&field.shape, &row[field.name]));
    present.collect::<BTreeSet<_>>().into_iter().take(4).chain(absent(field)).collect()
}

fn as_key(field: &Field, text: &str) -> (i64, String) {
    match field.shape {
        Shape::Money | Shape::Int => (text.parse().unwrap(), String::new()),
        Shape::Bool => (i64::from(text == "true"), String::new()),
        Shape::Time if !text.contains('.') => (0, text.replace('Z', ".000000Z")),
        _ => (0, text.to_owned()),
    }
}

async fn one_field(caller: &As, (spec, path): (&Spec, &str), field: &Field, all: &[Value], findings: &mut Findings) {
    let grows = tells_of_calls(spec);
    for (bracket, holds) in operators(field) {
        for value in values(field, all) {
            let what = format!("{}?{}{bracket}={value}", spec.id, field.name);
            let found = all_pages(caller, &target(path, &format!("{}{bracket}", field.name), &value)).await;
            let given = as_key(field, &value);
            let fits = |row: &&Value| !row[field.name].is_null() && holds(&key(&field.shape, &row[field.name]), &given);
            let expected: BTreeSet<&str> = all.iter().filter(fits).map(id_of).collect();
            let got: BTreeSet<&str> = found.iter().map(id_of).collect();
            findings.check(&what, found.iter().all(|row| fits(&row)), "shows rows that do not match");
            findings.check(&what, got.is_superset(&expected), "leaves out rows that match");
            findings.check(&what, grows || got == expected, "shows rows that the whole list does not have");
        }
        for wrong in malformed(field) {
            let reply = caller.get(&target(path, &format!("{}{bracket}", field.name), wrong)).await;
            findings.refused(&format!("{}?{}{bracket}={wrong}", spec.id, field.name), &reply, 400, "invalid_parameter");
        }
    }
}

async fn every_list(world: &World) {
    let samples = populate(world).await;
    let mut findings = Findings::default();
    let mut brackets = ["[ne]", "[in]", "[]", "[GT]", "[gt", "gt]", "[gt][lt]", ".gt"].into_iter().cycle();
    for (spec, schema) in lists(world) {
        let (caller, path) = (reader(world, spec), samples.filled(spec.route.path));
        let all = all_pages(&caller, &format!("{path}?limit=200")).await;
        for field in schema.fields {
            if field.filter == Filter::None {
                let reply = caller.get(&target(&path, field.name, "1")).await;
                // Parameters that are no filters can have a field's name.
                let other = ["clinic_id"].contains(&field.name);
                findings.check(&format!("{}?{}", spec.id, field.name), other || reply.status == 400, "is ignored");
                continue;
            }
            one_field(&caller, (spec, &path), field, &all, &mut findings).await;
            // One of them for each field: all fields are read by the same few lines.
            if let Some(bracket) = brackets.next() {
                let reply = caller.get(&target(&path, &format!("{}{bracket}", field.name), "1")).await;
                findings.refused(&format!("{}?{}{bracket}", spec.id, field.name), &reply, 400, "invalid_parameter");
            }
        }
    }
    findings.done(&world.journal().await);
}

on_both_engines! {
    /// What is no field of a record narrows its list as well: parts of it, and records that name it.
    async fn lists_are_narrowed_through_other_records(world: World) {
        let admin = world.as_admin();
        let usd = |amount: u32| json!({"amount": amount, "currency": "USD"});
        let client = admin.post("/v1/clients", &json!({"family_name": "Whitfield"})).await.expect(201).id();
        let owner = json!([{"client_id": client, "role": "primary"}]);
        let mut patients = Vec::new();
        for name in ["Biscuit", "Crumb", "Nobody"] {
            let body = json!({"name": name, "species": "canine", "ownerships": owner});
            patients.push(admin.post("/v1/patients", &body).await.expect(201).id());
        }
        let (mut invoices, mut appointments) = (Vec::new(), Vec::new());
        for patient in [&patients[0], &patients[0], &patients[1]] {
            let line = json!({"description": "Exam", "unit_price": usd(100), "patient_id": patient});
            let invoice = json!({"client_id": client, "stage": "open", "lines": [line.clone(), line]});
            invoices.push(admin.post("/v1/invoices", &invoice).await.expect(201).id());
            let at = |hour: usize| format!("2026-12-04T{:02}:00:00Z", 9 + hour);
            let times = (at(appointments.len()), at(appointments.len() + 1));
            let booked = json!({"client_id": client, "patient_ids": [patient], "starts_at": times.0, "ends_at": times.1});
            appointments.push(admin.post("/v1/appointments", &booked).await.expect(201).id());
        }
        let allocations = json!([{"invoice_id": invoices[0], "amount": usd(50)}, {"invoice_id": invoices[2], "amount": usd(50)}]);
        let paid = json!({"client_id": client, "amount": usd(100), "method": "cash", "allocations": allocations});
        let payment = admin.post("/v1/payments", &paid).await.expect(201).id();
        let of_all = |ids: &[String]| ids.iter().cloned().collect::<BTreeSet<_>>();
        let ids = async |target: &str| {
            let page = admin.get(target).await.expect(200);
            page.data().iter().map(|row| id_of(row).to_owned()).collect::<BTreeSet<_>>()
        };
        for (path, of, found) in [
            ("invoices?patient_id", &patients[0], &invoices[..2]),
            ("invoices?patient_id", &patients[1], &invoices[2..]),
            ("invoices?patient_id", &patients[2], &[][..]),
            ("appointments?patient_id", &patients[0], &appointments[..2]),
            ("appointments?patient_id", &patients[2], &[][..]),
            ("payments?invoice_id", &invoices[0], std::slice::from_ref(&payment)),
            ("payments?invoice_id", &invoices[1], &[][..]),
        ] {
            assert_eq!(ids(&format!("/v1/{path}={of}")).await, of_all(found), "{path}={of}");
        }
        let sorted = ids(&format!("/v1/invoices?patient_id={}&sort=-issued_on&client_id={client}", patients[0])).await;
        assert_eq!(sorted, of_all(&invoices[..2]));
        let first = ids(&format!("/v1/appointments?patient_id={}&client_id={client}&limit=1", patients[0])).await;
        assert!(first.len() == 1 && first.is_subset(&of_all(&appointments[..2])), "{first:?}");
        // Who comes changes, and who is merged takes everything along.
        let path = format!("/v1/appointments/{}", appointments[2]);
        let now = admin.get(&path).await.expect(200);
        admin.patch(&path, now.etag(), &json!({"patient_ids": [patients[2]]})).await.expect(200);
        assert_eq!(ids(&format!("/v1/appointments?patient_id={}", patients[2])).await, of_all(&appointments[2..]));
        admin.post(&format!("/v1/patients/{}/merge", patients[2]), &json!({"into": patients[0]})).await.expect(200);
        assert_eq!(ids(&format!("/v1/appointments?patient_id={}", patients[0])).await, of_all(&appointments));
        // Another clinic's names find nothing, and no name is none.
        let other = world.as_key(&world.other.admin_key);
        assert!(other.get(&format!("/v1/invoices?patient_id={}", patients[0])).await.expect(200).data().is_empty());
        for wrong in ["invoices?patient_id=", "invoices?patient_id=cli_1", "payments?invoice_id[gt]=x", "clients?patient_id=x"] {
            admin.get(&format!("/v1/{wrong}")).await.refused(400, "invalid_parameter");
        }
    }

    /// Abuse case A8: what a filter shows is part of what the list shows without it, and all of it matches.
    async fn a8_a_filter_only_narrows(world: World) {
        every_list(&world).await;
    }

    /// Abuse case A8: a filter that is given twice, or with others, is never dropped.
    async fn a8_filters_hold_together(world: World) {
        let samples = populate(&world).await;
        let admin = world.as_admin();
        let client = samples.id("client_id");
        let both = format!("/v1/invoices?client_id={client}&stage=draft");
        assert!(admin.get(&both).await.expect(200).data().is_empty());
        admin.get(&format!("/v1/invoices?client_id={client}&client_id={client}")).await.refused(400, "invalid_parameter");
        let one = admin.get(&format!("/v1/invoices?client_id={client}&stage=open&total[gt]=0")).await.expect(200);
        assert_eq!(one.data().len(), 1);
        let none = "/v1/invoices?issued_on[gte]=2026-11-03&issued_on[lt]=2026-11-03";
        assert!(admin.get(none).await.expect(200).data().is_empty());
    }
}
