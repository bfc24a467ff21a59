//! The reference: every operation with its example and what it answered, and every field. All of
//! it derives from the catalogue.

use std::fmt::Write as _;

use clinicos_contract::schema::{Filter, Presence, Shape, Word};
use clinicos_contract::{Resource, Schema, Spec};
use clinicos_gate::Catalogue;

use super::super::say::lower;
use super::examples::{self, Examples};
use super::headings::slug;

pub(super) fn overview(catalogue: &Catalogue) -> String {
    let mut page = String::from("# Reference\n\nEvery operation, by what it is about.\n");
    for resource in catalogue.resources() {
        let _ = write!(page, "\n## [{}](/docs/reference/{})\n\n", resource.title, resource.name);
        for spec in of(catalogue, resource) {
            let _ = writeln!(page, "- `{} {}`: {}", spec.route.method.name(), spec.route.path, lower(spec.summary));
        }
    }
    page
}

fn of(catalogue: &Catalogue, resource: &'static Resource) -> impl Iterator<Item = &'static Spec> {
    catalogue.specs().filter(|spec| spec.resource.name == resource.name)
}

pub(super) fn of_resource(catalogue: &Catalogue, resource: &'static Resource) -> String {
    let mut page = format!("# {}\n\nWith the scopes of this resource a connection may {}", resource.title, resource.can_see);
    let change = if resource.can_change.is_empty() { String::new() } else { format!(", and {}", resource.can_change) };
    let _ = writeln!(page, "{change}. Its data is of the category `{}`.", resource.primary.name());
    let mut specs: Vec<&'static Spec> = of(catalogue, resource).collect();
    specs.sort_by_key(|spec| examples::place(spec));
    let mut schemas: Vec<&'static Schema> = Vec::new();
    specs.iter().filter_map(|spec| spec.reply_schema()).for_each(|schema| gather(schema, &mut schemas));
    contents(&mut page, &specs, &schemas);
    let examples = Examples::new(catalogue);
    page.push_str(&examples.before(&specs));
    for spec in specs {
        operation(&mut page, spec, &examples);
    }
    for schema in schemas {
        fields(&mut page, schema);
    }
    page
}

/// A schema, and those of the objects that stand inside it.
fn gather(schema: &'static Schema, found: &mut Vec<&'static Schema>) {
    if found.iter().any(|known| known.name == schema.name) {
        return;
    }
    found.push(schema);
    for field in schema.fields {
        let mut shape = &field.shape;
        while let Shape::List(item) = shape {
            shape = item;
        }
        if let Shape::Object(inside) = shape {
            gather(inside, found);
        }
    }
}

/// What stands on the page, with links to it.
fn contents(page: &mut String, specs: &[&'static Spec], schemas: &[&'static Schema]) {
    page.push_str("\n## On this page\n\n");
    for spec in specs {
        let (method, path) = (spec.route.method.name(), spec.route.path);
        let _ = writeln!(page, "- [{}](#{}): `{method} {path}`", spec.summary, slug(spec.summary));
    }
    for schema in schemas {
        let title = title_of_fields(schema);
        let _ = writeln!(page, "- [{}](#{})", title.replace('`', ""), slug(&title));
    }
}

fn title_of_fields(schema: &Schema) -> String {
    format!("The fields of `{}`", schema.name)
}

fn operation(page: &mut String, spec: &Spec, examples: &Examples<'_>) {
    let _ = write!(page, "\n## {}\n\n`{} {}`\n\n", spec.summary, spec.route.method.name(), spec.route.path);
    if !spec.description.is_empty() {
        let _ = write!(page, "{}\n\n", spec.description);
    }
    let scope = if spec.is_operators() {
        "Only whoever runs the server may call it, through the control socket.".to_owned()
    } else if spec.is_open() {
        "Anybody may call it, without a credential.".to_owned()
    } else {
        format!("Needs `{}`.", spec.scope())
    };
    let _ = write!(page, "{scope} Budget: `{}`.", spec.rate.name());
    if spec.idempotent {
        page.push_str(" Send an `Idempotency-Key`.");
    }
    if spec.if_match {
        page.push_str(" Send the `ETag` that you read as `If-Match`.");
    }
    if spec.heeds_if_match {
        page.push_str(" If you send the `ETag` that you read as `If-Match`, it is refused if the record has changed since.");
    }
    links(page, spec);
    let _ = write!(page, "\n\n```sh\n{}\n```\n", examples.of(spec));
    if let Some((status, answer)) = examples::answer(spec) {
        let _ = match answer {
            "" => writeln!(page, "\nIt answers {status}, without a body."),
            body => writeln!(page, "\nIt answers {status}:\n\n{body}"),
        };
    }
}

/// What an answer can bring along.
fn links(page: &mut String, spec: &Spec) {
    for (at, link) in spec.links.iter().enumerate() {
        let word = if at == 0 { "\n\nIt can include" } else { "," };
        let _ = write!(page, "{word} `{}` (as `{}`)", link.name, link.reads);
    }
    if !spec.links.is_empty() {
        page.push_str("; see [lists](/docs/lists).");
    }
}

fn fields(page: &mut String, schema: &Schema) {
    let _ = write!(
        page,
        "\n## {}\n\n{}\n\n| field | type | what it is | what else |\n|---|---|---|---|\n",
        title_of_fields(schema),
        schema.doc.trim()
    );
    for field in schema.fields {
        let mut marks = Vec::new();
        if field.filter != Filter::None {
            marks.push("filter");
        }
        if field.sort {
            marks.push("sort");
        }
        if field.create == Presence::Required {
            marks.push("required");
        }
        if field.update {
            marks.push("can change");
        }
        let null = if field.nullable { ", or null" } else { "" };
        let _ = writeln!(
            page,
            "| `{}` | {}{null} | {} `{}` | {} |",
            field.name,
            shape(&field.shape),
            field.doc.replace('|', "\\|"),
            field.category.name(),
            marks.join(", ")
        );
    }
    for (field, words) in schema.fields.iter().filter_map(|field| Some((field, words_of(&field.shape)?))) {
        let _ = writeln!(page, "\nThe words of `{}`:\n", field.name);
        for word in words {
            let _ = writeln!(page, "- `{}`: {}", word.name, lower(word.doc.trim().trim_end_matches('.')));
        }
    }
}

/// The words that a field can hold.
fn words_of(shape: &Shape) -> Option<&'static [Word]> {
    match shape {
        Shape::Enum(words) => Some(words),
        Shape::List(item) => words_of(item),
        _ => None,
    }
}

fn shape(shape: &Shape) -> String {
    match shape {
        Shape::Id(prefix) => format!("id, `{prefix}_…`"),
        Shape::Text => "text".to_owned(),
        Shape::Email => "e-mail address".to_owned(),
        Shape::WebOrigin => "web origin".to_owned(),
        Shape::Int => "integer".to_owned(),
        Shape::Bool => "true or false".to_owned(),
        Shape::Money => "money".to_owned(),
        Shape::Currency => "currency".to_owned(),
        Shape::Country => "country".to_owned(),
        Shape::TimeZone => "time zone".to_owned(),
        Shape::Date => "date".to_owned(),
        Shape::Time => "time".to_owned(),
        Shape::Decimal => "decimal in a text".to_owned(),
        Shape::Enum(words) => words.iter().map(|word| format!("`{}`", word.name)).collect::<Vec<_>>().join(" "),
        Shape::List(item) => format!("list of {}", self::shape(item)),
        Shape::Object(schema) | Shape::Record(schema) => format!("`{}`", schema.name),
        Shape::AnyRecord => "the record".to_owned(),
        Shape::AnyId => "id of any kind".to_owned(),
        Shape::IntMap(_) => "integers by name".to_owned(),
        Shape::Rows(schema) => format!("rows, each like `{}`", schema.name),
    }
}
