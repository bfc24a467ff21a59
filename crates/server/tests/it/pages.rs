//! Pages: every row once, in order, whatever is written meanwhile.

use clinicos_contract::schema::Schema;
use clinicos_contract::{Reply as Answers, Shape, Spec};
use clinicos_testkit::{As, BASE_URL, Samples, World, on_both_engines};
use serde_json::{Value, json};

use crate::findings::Findings;

/// Rounds of samples: as many records of most resources.
const ROUNDS: usize = 6;

/// Every operation that lists, with what it lists. A feed begins now, and has no pages of the past.
pub fn lists(world: &World) -> Vec<(&'static Spec, &'static Schema)> {
    let listed = |spec: &'static Spec| match spec.reply {
        Answers::List { .. } if spec.follows => None,
        Answers::List { schema } => Some((spec, schema)),
        Answers::One { .. } | Answers::Empty | Answers::Accepted | Answers::Lines => None,
    };
    world.specs().into_iter().filter_map(listed).collect()
}

/// Who sees the most of a list: a clinic sees one organization and one clinic, its own.
pub fn reader(world: &World, spec: &Spec) -> As {
    let few = ["organizations", "clinics"].contains(&spec.resource.name);
    if few { world.as_operator() } else { world.as_admin() }
}

/// Several records of each resource, at different times.
pub async fn populate(world: &World) -> Samples {
    let mut samples = Samples::make(world, &world.clinic).await;
    for _ in 1..ROUNDS {
        world.clock.advance_s(61);
        samples = Samples::make(world, &world.clinic).await;
    }
    for _ in 1..ROUNDS {
        samples.add_parts(world).await;
    }
    world.clock.advance_s(61);
    samples
}

/// Every row of a list, page by page.
pub async fn all_pages(caller: &As, first: &str) -> Vec<Value> {
    let (mut rows, mut next) = (Vec::new(), first.to_owned());
    loop {
        let page = caller.get(&next).await.expect(200);
        rows.extend(page.data().iter().cloned());
        assert_eq!(page.json["has_more"].as_bool(), Some(page.json["next_page_url"].is_string()), "{}", page.label);
        assert_eq!(page.json["next_cursor"].is_string(), page.json["next_page_url"].is_string(), "{}", page.label);
        match page.json["next_page_url"].as_str() {
            None => return rows,
            Some(url) => next = url.strip_prefix(BASE_URL).unwrap().to_owned(),
        }
        assert!(rows.len() < 50_000, "{first} never ends");
    }
}

pub fn id_of(row: &Value) -> &str {
    row["id"].as_str().unwrap()
}

/// A value as something that can be ordered like the column behind it.
pub fn key(shape: &Shape, value: &Value) -> (i64, String) {
    match shape {
        Shape::Money => (value["amount"].as_i64().unwrap_or(0), String::new()),
        Shape::Int => (value.as_i64().unwrap_or(0), String::new()),
        Shape::Bool => (i64::from(value.as_bool().unwrap_or(false)), String::new()),
        _ => (0, value.as_str().unwrap_or_default().to_owned()),
    }
}

/// Makes one more record of what is listed, if something creates it.
async fn one_more(world: &World, samples: &Samples, listed: &Schema) {
    let creates = |spec: &&&'static Spec| {
        let by_key = listed.name == "connection" && spec.id == "keys.create";
        by_key || (spec.id.ends_with(".create") && spec.reply_schema().is_some_and(|schema| schema.name == listed.name))
    };
    let specs = world.specs();
    if let Some(spec) = specs.iter().find(creates) {
        samples.caller(world, spec).send(samples.plain(world, spec).await).await.expect(201);
    }
}

/// Follows the pages of a list while records are made.
async fn while_writing(world: &World, samples: &Samples, spec: &Spec, schema: &Schema, query: &str) -> Vec<Value> {
    let caller = reader(world, spec);
    let (mut rows, mut next) = (Vec::new(), format!("{}?limit=2{query}", samples.filled(spec.route.path)));
    for _ in 0..1_000 {
        // Entries that are durable but not numbered yet have no place in the order.
        world.store.sealed().await.unwrap();
        let page = caller.get(&next).await.expect(200);
        assert!(page.data().len() <= 2, "{}", page.label);
        rows.extend(page.data().iter().cloned());
        let Some(url) = page.json["next_page_url"].as_str() else { return rows };
        next = url.strip_prefix(BASE_URL).unwrap().to_owned();
        if rows.len() < 8 {
            world.clock.advance_s(1);
            one_more(world, samples, schema).await;
        }
    }
    panic!("{} never ends", spec.id);
}

fn check_order(findings: &mut Findings, what: &str, rows: &[Value], sort: Option<(&str, &Shape)>, descending: bool) {
    let keys: Vec<((i64, String), &str)> =
        rows.iter().map(|row| (sort.map_or_else(Default::default, |(name, shape)| key(shape, &row[name])), id_of(row))).collect();
    let ordered = keys.windows(2).all(|pair| if descending { pair[0] > pair[1] } else { pair[0] < pair[1] });
    findings.check(what, ordered, &format!("is out of order: {keys:?}"));
}

on_both_engines! {
    async fn each_row_comes_once_and_in_order_while_rows_are_written(world: World) {
        let samples = populate(&world).await;
        let mut findings = Findings::default();
        for (spec, schema) in lists(&world) {
            let before = all_pages(&reader(&world, spec), &format!("{}?limit=200", samples.filled(spec.route.path))).await;
            findings.check(spec.id, before.len() >= ROUNDS, &format!("has only {} rows to page through", before.len()));
            // The access log has an order of its own: newest first.
            let log = ["audit_entry", "disclosure"].contains(&schema.name).then_some(("sequence", &Shape::Int));
            let mut orders = vec![(String::new(), log, log.is_some())];
            for field in schema.fields.iter().filter(|field| field.sort) {
                orders.push((format!("&sort={}", field.name), Some((field.name, &field.shape)), false));
                orders.push((format!("&sort=-{}", field.name), Some((field.name, &field.shape)), true));
            }
            for (query, sort, descending) in orders {
                let what = format!("{}{query}", spec.id);
                let rows = while_writing(&world, &samples, spec, schema, &query).await;
                let ids: Vec<&str> = rows.iter().map(id_of).collect();
                check_order(&mut findings, &what, &rows, sort, descending);
                for row in &before {
                    let times = ids.iter().filter(|id| **id == id_of(row)).count();
                    findings.check(&what, times == 1, &format!("shows {} {times} times", id_of(row)));
                }
            }
        }
        findings.done(&world.journal().await);
    }

    async fn the_size_of_a_page_is_bounded(world: World) {
        let samples = populate(&world).await;
        let mut findings = Findings::default();
        for (spec, _) in lists(&world) {
            let (caller, path) = (reader(&world, spec), samples.filled(spec.route.path));
            for limit in ["0", "201", "-1", "1.5", "many", ""] {
                let reply = caller.get(&format!("{path}?limit={limit}")).await;
                findings.refused(&format!("{} limit={limit}", spec.id), &reply, 400, "invalid_parameter");
            }
            let one = caller.get(&format!("{path}?limit=1")).await.expect(200);
            findings.check(spec.id, one.data().len() == 1 && one.json["has_more"] == json!(true), "limit=1 is not one row");
            for sort in ["surprise", "-", "id", "--updated_at", "updated_at,id"] {
                let reply = caller.get(&format!("{path}?sort={sort}")).await;
                findings.refused(&format!("{} sort={sort}", spec.id), &reply, 400, "invalid_parameter");
            }
        }
        findings.done(&world.journal().await);
    }

    async fn fields_are_picked_one_by_one(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let mut findings = Findings::default();
        for spec in world.specs().into_iter().filter(|spec| spec.route.method.name() == "GET") {
            let Some(schema) = spec.reply_schema() else { continue };
            let (caller, call) = (samples.caller(&world, spec), samples.ready(&world, spec).await);
            for field in schema.fields {
                let what = format!("{} fields={}", spec.id, field.name);
                let reply = caller.send(call.clone().query(&format!("fields={}", field.name))).await.expect(200);
                let records = if reply.json.get("data").is_some() { reply.data() } else { std::slice::from_ref(&reply.json) };
                for record in records {
                    let names: Vec<&str> = record.as_object().unwrap().keys().map(String::as_str).collect();
                    let extra = names.iter().any(|name| *name != "id" && *name != field.name);
                    findings.check(&what, !extra && names.contains(&"id"), &format!("shows {names:?}"));
                }
            }
        }
        findings.done(&world.journal().await);
    }
}
