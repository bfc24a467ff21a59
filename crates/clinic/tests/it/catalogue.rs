//! What is declared holds together.

use std::collections::BTreeSet;

use clinicos_contract::admit::check_body;
use clinicos_contract::schema::Filter;
use clinicos_contract::{Access, CategorySet, Explains, Method, Reply, Schema, Shape, Spec};

/// An example with well-formed ids in place of `{client_id}` and the like.
fn filled(example: &str) -> String {
    let schemas = specs().into_iter().filter_map(Spec::reply_schema);
    schemas.fold(example.to_owned(), |text, schema| match schema.field("id").map(|(_, field)| field.shape) {
        Some(Shape::Id(prefix)) => {
            let text = text.replace(&format!("{{{}_id}}", schema.name), &format!("{prefix}_01jd3vq9z4e8rb6k0w2m5x7t1c"));
            text.replace(&format!("{{other_{}_id}}", schema.name), &format!("{prefix}_01jd3vq9z4e8rb6k0w2m5x7t1d"))
        }
        _ => text,
    })
}

fn specs() -> Vec<&'static Spec> {
    clinicos_clinic::operations().map(|operation| operation.spec()).collect()
}

#[test]
fn ids_routes_and_event_names_are_unique() {
    let specs = specs();
    assert_eq!(specs.iter().map(|spec| spec.id).collect::<BTreeSet<_>>().len(), specs.len());
    assert_eq!(specs.iter().map(|spec| (spec.route.method, spec.route.path)).collect::<BTreeSet<_>>().len(), specs.len());
    let events: Vec<_> = clinicos_clinic::events().map(|event| event.name).collect();
    assert_eq!(events.iter().collect::<BTreeSet<_>>().len(), events.len());
}

#[test]
fn operations_follow_one_style() {
    for spec in specs() {
        let id = spec.id;
        assert!(spec.route.path.starts_with("/v1/"), "{id}");
        assert!(!spec.summary.is_empty() && !spec.resource.name.is_empty(), "{id}");
        assert_eq!(spec.idempotent, spec.route.method == Method::Post, "{id}");
        assert_eq!(spec.if_match, matches!(spec.route.method, Method::Patch | Method::Delete), "{id}");
        assert_eq!(spec.access == Access::Read, spec.route.method == Method::Get, "{id}");
        assert_eq!(spec.body.is_some(), matches!(spec.route.method, Method::Post | Method::Patch), "{id}");
        assert_eq!(spec.body.is_some(), !spec.example.is_empty(), "{id}");
        assert_eq!(matches!(spec.reply, Reply::Empty), spec.route.method == Method::Delete, "{id}");
        for event in spec.emits {
            assert!(clinicos_clinic::events().any(|known| known == *event), "{id} emits {}", event.name);
        }
    }
}

#[test]
fn examples_are_accepted() {
    for spec in specs() {
        let Some(body) = &spec.body else { continue };
        let text = filled(spec.example);
        let value = clinicos_contract::json::parse(text.as_bytes()).unwrap();
        check_body(body, &value, CategorySet::ALL).unwrap_or_else(|problem| panic!("{}: {:?}", spec.id, problem.errors));
    }
}

#[test]
fn schemas_are_complete() {
    for spec in specs() {
        for schema in spec.reply_schema().into_iter().chain(spec.body.map(|body| body.schema)) {
            assert!(schema.fields.len() <= 64, "{}", schema.name);
            for field in schema.fields {
                let at = format!("{}.{}", schema.name, field.name);
                assert!(field.doc.trim().ends_with('.') || field.doc.contains(". "), "{at}: {}", field.doc);
                let comparable = matches!(field.shape, Shape::Int | Shape::Money | Shape::Date | Shape::Time);
                assert!(field.filter != Filter::Range || comparable, "{at} has no order");
            }
        }
    }
}

/// Tables and columns that name a client or a patient, by the migrations.
fn referring() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for text in clinicos_store::migrate::ALL.iter().map(|migration| migration.common) {
        let mut table = String::new();
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["CREATE", "TABLE", name, ..] => table = (*name).to_owned(),
                ["ALTER", "TABLE", name, "ADD", "COLUMN", column, ..] => found.push(((*name).to_owned(), (*column).to_owned())),
                [column, "TEXT", ..] => found.push((table.clone(), (*column).to_owned())),
                _ => {}
            }
        }
    }
    found.retain(|(_, column)| column.ends_with("client_id") || column.ends_with("patient_id"));
    // The key of a part is not a reference: its record is the patient.
    found.retain(|(table, column)| !(table == "patient_ownerships" && column == "patient_id"));
    found
}

#[test]
fn a_merge_says_whatever_it_announces() {
    use clinicos_clinic::merging::{CLIENTS_EMIT, PATIENTS_EMIT};
    use clinicos_clinic::references::{in_documents, plain};
    for (prefix, emits) in [("cli", CLIENTS_EMIT), ("pat", PATIENTS_EMIT)] {
        for reference in plain(prefix).chain(in_documents(prefix)) {
            assert!(emits.contains(&reference.event), "{} is missing for {prefix}", reference.event.name);
        }
    }
}

#[test]
fn a_merge_knows_every_column_that_refers() {
    use clinicos_clinic::merging::{PARTS, TO_CLIENTS};
    let known = TO_CLIENTS.iter().map(|reference| (reference.table, reference.column)).chain(PARTS.iter().copied());
    let plain = ["cli", "pat"].into_iter().flat_map(clinicos_clinic::references::plain);
    let known = known.chain(plain.map(|reference| (reference.table, reference.column)));
    let mut known: Vec<(String, String)> = known.map(|(table, column)| (table.to_owned(), column.to_owned())).collect();
    let mut there = referring();
    known.sort();
    there.sort();
    assert_eq!(there, known, "crates/clinic/src/merging.rs has to know every column that refers to a client or a patient");
}

/// The letters in front of every identifier in records of a schema, however deep.
fn named_by(schema: &Schema, found: &mut BTreeSet<&'static str>) {
    schema.fields.iter().for_each(|field| named_in(&field.shape, found));
}

fn named_in(shape: &Shape, found: &mut BTreeSet<&'static str>) {
    match shape {
        Shape::Id(prefix) => drop(found.insert(prefix)),
        Shape::List(inner) => named_in(inner, found),
        Shape::Object(schema) | Shape::Record(schema) => named_by(schema, found),
        _ => {}
    }
}

#[test]
fn what_a_record_names_comes_in_before_it() {
    let mut earlier = BTreeSet::new();
    for kind in clinicos_clinic::record() {
        let table = kind.list().table;
        let mut found = BTreeSet::new();
        named_by(kind.schema(), &mut found);
        for home in found.into_iter().filter_map(clinicos_clinic::ids::home) {
            // A record that names one of its own kind may stand before it: nothing orders those.
            let comes_before = earlier.contains(home.table) || home.table == table;
            assert!(comes_before, "`{table}` names records of `{}`, so those must stand before it in RESOURCES", home.table);
        }
        earlier.insert(table);
    }
    assert!(earlier.contains("appointments") && earlier.contains("document_contents"));
}

#[test]
fn who_is_named_decides_about_being_named() {
    use clinicos_consent::OF_CLIENTS;
    let mut named = 0;
    // Who is bound by clients' words may not call what tells of decisions.
    for spec in specs().into_iter().filter(|spec| spec.explains == Explains::Nothing) {
        let fields = spec.reply_schema().map_or(&[][..], |schema| schema.fields);
        for field in fields.iter().chain(spec.through).filter(|field| field.shape.is_subject()) {
            // What a record is called names nobody; what it was merged into is all that is left of it.
            if ["id", "merged_into"].contains(&field.name) {
                continue;
            }
            let asked = field.consented().is_some_and(|category| OF_CLIENTS.contains(category));
            assert!(asked, "{}: `{}` names a client or a patient whom nobody asks", spec.id, field.name);
            named += 1;
        }
    }
    assert!(named > 50, "{named}");
}

/// A figure is nobody's as long as nobody knows whose it is: a record that says whose it is must not lead to one where
/// the client refused the data that this one is of.
#[test]
fn an_id_of_a_record_asks_for_what_that_record_is_of() {
    use clinicos_consent::OF_CLIENTS;
    let specs = specs();
    let primary = |prefix: &str| {
        let reads = specs.iter().find(|spec| {
            let schema = spec.reply_schema();
            let own = schema.and_then(|schema| schema.field("id"));
            // A partner is nobody's.
            let is_of_clients = schema.is_some_and(|schema| schema.fields.iter().any(|field| field.shape.holds_subjects()));
            spec.route.method == Method::Get && is_of_clients && own.is_some_and(|(_, field)| id_in(&field.shape) == Some(prefix))
        });
        reads.map(|spec| spec.resource.primary)
    };
    let (mut led, mut unasked) = (0, Vec::new());
    for kind in clinicos_clinic::record() {
        for field in kind.schema().fields.iter().filter(|field| !["id", "merged_into"].contains(&field.name)) {
            let Some(prefix) = id_in(&field.shape).filter(|prefix| !["cli", "pat"].contains(prefix)) else { continue };
            let (Some(asked), Some(other)) = (field.consented(), primary(prefix)) else { continue };
            if !OF_CLIENTS.contains(other) || !OF_CLIENTS.contains(asked) {
                continue;
            }
            if asked != other && field.leads_to != Some(other) {
                unasked.push(format!(
                    "{}: `{}` is of `{}` and leads to `{}`",
                    kind.schema().name,
                    field.name,
                    asked.name(),
                    other.name()
                ));
            }
            led += 1;
        }
    }
    assert!(unasked.is_empty(), "{unasked:#?}");
    assert!(led > 20, "{led}");
}

fn id_in(shape: &Shape) -> Option<&'static str> {
    match shape {
        Shape::Id(prefix) => Some(prefix),
        Shape::List(inner) => id_in(inner),
        _ => None,
    }
}
