//! What is declared holds together.

use std::collections::BTreeSet;

use clinicos_contract::admit::check_body;
use clinicos_contract::schema::Filter;
use clinicos_contract::{Access, CategorySet, Method, Reply, Shape, Spec};

/// An example with well-formed ids in place of `{client_id}` and the like.
fn filled(example: &str) -> String {
    let schemas = specs().into_iter().filter_map(Spec::reply_schema);
    schemas.fold(example.to_owned(), |text, schema| match schema.field("id").map(|(_, field)| field.shape) {
        Some(Shape::Id(prefix)) => {
            text.replace(&format!("{{{}_id}}", schema.name), &format!("{prefix}_01jd3vq9z4e8rb6k0w2m5x7t1c"))
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
