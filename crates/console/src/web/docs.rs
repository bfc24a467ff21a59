//! `/docs`: written by hand in `docs/site`, and the reference that derives from the catalogue.
//! Public; every page has a Markdown twin at `.md`.

use std::fmt::Write as _;

use askama::Template as _;
use axum::body::Body;
use clinicos_contract::schema::{Filter, Presence, Shape};
use clinicos_contract::{Problem, Resource, Schema, Spec};
use clinicos_gate::Catalogue;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use pulldown_cmark::{Options, Parser};

use super::Web;
use super::entry::account;
use super::respond::{Page, Refused, html};
use super::visit::Visit;
use crate::frame::{Frame, Section};
use crate::pages::docs::{DocLink, DocSection, Docs, TrustedHtml};

/// A page that was written by hand: its group, its name in the address, and its text.
struct Written {
    group: &'static str,
    name: &'static str,
    text: &'static str,
}

macro_rules! written {
    ($($group:literal: $($name:literal)+;)+) => {
        &[$($(Written { group: $group, name: $name, text: include_str!(concat!("../../../../docs/site/", $name, ".md")) },)+)+]
    };
}

const WRITTEN: &[Written] = written! {
    "Start": "index" "get-started";
    "For clinics": "connections" "stop-a-connection" "access-log" "import";
    "For developers": "authentication" "lists" "errors" "limits" "versions";
};
const REFERENCE: &str = "Reference";

/// A page, found.
struct Found {
    title: String,
    markdown: String,
}

/// `GET /docs`
pub async fn index(web: Web, visit: Visit) -> Page {
    serve(web, visit, "index".to_owned()).await
}

/// `GET /docs/{page}`
pub async fn page(web: Web, visit: Visit) -> Page {
    let name = visit.part("page");
    serve(web, visit, name).await
}

/// `GET /docs/reference/{resource}`
pub async fn reference(web: Web, visit: Visit) -> Page {
    let name = format!("reference/{}", visit.part("resource"));
    serve(web, visit, name).await
}

/// `GET /llms.txt`: every page, for programs that read.
pub async fn llms(web: Web, visit: Visit) -> Page {
    let mut list = String::from("# ClinicOS OpenAPI\n\n> The clean doorway to a veterinary clinic's data.\n");
    for section in sections(web.door.catalogue(), "") {
        let _ = write!(list, "\n## {}\n\n", section.title);
        for link in section.links {
            let _ = writeln!(list, "- [{}]({}{}.md)", link.title, web.door.services().base_url, twin(&link.href));
        }
    }
    let _ = write!(list, "\n## The whole API\n\n- [OpenAPI 3.1]({}/v1/openapi.json)\n", web.door.services().base_url);
    account(&web, visit, "docs.llms", "GET /llms.txt").await?;
    Ok(plain(list))
}

/// The address whose `.md` is the twin.
fn twin(href: &str) -> &str {
    if href == "/docs" { "/docs/index" } else { href }
}

async fn serve(web: Web, visit: Visit, name: String) -> Page {
    let (name, is_markdown) = name.strip_suffix(".md").map_or((name.as_str(), false), |name| (name, true));
    let catalogue = web.door.catalogue();
    let Some(found) = find(catalogue, name) else { return Err(Refused::by(visit.origin, Problem::not_found())) };
    let response = if is_markdown { plain(found.markdown) } else { shown(&web, name, found) };
    account(&web, visit, "docs.page", "GET /docs/{page}").await?;
    Ok(response)
}

fn plain(text: String) -> super::respond::Response {
    let mut response = html(200, String::new());
    *response.body_mut() = Body::from(text);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/markdown; charset=utf-8"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

fn shown(web: &Web, name: &str, found: Found) -> super::respond::Response {
    let href = href(name);
    let sections = sections(web.door.catalogue(), &href);
    let all: Vec<&DocLink> = sections.iter().flat_map(|section| &section.links).collect();
    let at = all.iter().position(|link| link.href == href).unwrap_or_default();
    let body = found.markdown.split_once('\n').map_or("", |(_, rest)| rest);
    let mut rendered = String::new();
    pulldown_cmark::html::push_html(&mut rendered, Parser::new_ext(body, Options::ENABLE_TABLES));
    let page = Docs {
        frame: Frame { section: Section::Help, sandbox: web.is_sandbox(), ..Frame::default() },
        title: found.title,
        body: TrustedHtml::of_own_markdown(&rendered),
        previous: at.checked_sub(1).and_then(|at| all.get(at)).map(|link| (*link).clone()),
        next: all.get(at + 1).map(|link| (*link).clone()),
        markdown_href: Some(format!("{}.md", twin(&href))),
        sections: sections.clone(),
    };
    // No cookie: those of the console stay where they are.
    html(200, page.render().unwrap_or_default())
}

fn href(name: &str) -> String {
    if name == "index" { "/docs".to_owned() } else { format!("/docs/{name}") }
}

fn find(catalogue: &Catalogue, name: &str) -> Option<Found> {
    if let Some(page) = WRITTEN.iter().find(|page| page.name == name) {
        return Some(Found { title: title(page.text).to_owned(), markdown: page.text.to_owned() });
    }
    if name == "reference" {
        return Some(Found { title: REFERENCE.to_owned(), markdown: overview(catalogue) });
    }
    let resource = name.strip_prefix("reference/")?;
    let resource = catalogue.resources().into_iter().find(|known| known.name == resource)?;
    Some(Found { title: resource.title.to_owned(), markdown: of_resource(catalogue, resource) })
}

fn title(markdown: &str) -> &str {
    markdown.lines().next().unwrap_or_default().trim_start_matches("# ")
}

fn sections(catalogue: &Catalogue, current: &str) -> Vec<DocSection> {
    let link = |title: &str, href: String| DocLink { current: href == current, title: title.to_owned(), href };
    let mut sections: Vec<DocSection> = Vec::new();
    for page in WRITTEN {
        let link = link(title(page.text), href(page.name));
        match sections.iter_mut().find(|section| section.title == page.group) {
            Some(section) => section.links.push(link),
            None => sections.push(DocSection { title: page.group.to_owned(), links: vec![link] }),
        }
    }
    let mut links = vec![link("All operations", href(&REFERENCE.to_lowercase()))];
    let resources = catalogue.resources();
    links.extend(resources.iter().map(|resource| link(resource.title, format!("/docs/reference/{}", resource.name))));
    sections.push(DocSection { title: REFERENCE.to_owned(), links });
    sections
}

fn overview(catalogue: &Catalogue) -> String {
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

fn lower(summary: &str) -> String {
    let mut letters = summary.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

fn of_resource(catalogue: &Catalogue, resource: &'static Resource) -> String {
    let mut page = format!("# {}\n\nWith the scopes of this resource a connection may {}", resource.title, resource.can_see);
    let change = if resource.can_change.is_empty() { String::new() } else { format!(", and {}", resource.can_change) };
    let _ = writeln!(page, "{change}. Its data is of the category `{}`.", resource.primary.name());
    for spec in of(catalogue, resource) {
        operation(&mut page, spec);
    }
    let mut told: Vec<&str> = Vec::new();
    for schema in of(catalogue, resource).filter_map(Spec::reply_schema) {
        if !told.contains(&schema.name) {
            told.push(schema.name);
            fields(&mut page, schema);
        }
    }
    page
}

fn operation(page: &mut String, spec: &Spec) {
    let _ = write!(page, "\n## {}\n\n`{} {}`\n\n", spec.summary, spec.route.method.name(), spec.route.path);
    if !spec.description.is_empty() {
        let _ = write!(page, "{}\n\n", spec.description);
    }
    let scope = if spec.is_operators() {
        "Only whoever runs the server may call it.".to_owned()
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
    for (at, link) in spec.links.iter().enumerate() {
        let word = if at == 0 { "\n\nCan include" } else { "," };
        let _ = write!(page, "{word} `{}` (as `{}`)", link.name, link.reads);
    }
    if !spec.links.is_empty() {
        page.push_str("; see [lists](/docs/lists).");
    }
    page.push_str("\n\n```sh\n");
    page.push_str(&curl(spec));
    page.push_str("\n```\n");
}

/// A command that works once the names in capitals are set.
fn curl(spec: &Spec) -> String {
    let mut path = spec.route.path.to_owned();
    for parameter in spec.route.parameters() {
        path = path.replace(&format!("{{{parameter}}}"), &format!("${}", parameter.to_uppercase()));
    }
    let mut command = String::from("curl -s");
    if spec.route.method.name() != "GET" {
        let _ = write!(command, " -X {}", spec.route.method.name());
    }
    command.push_str(" -H \"Authorization: Bearer $KEY\"");
    if spec.idempotent {
        command.push_str(" -H \"Idempotency-Key: $(uuidgen)\"");
    }
    if spec.if_match {
        command.push_str(" -H \"If-Match: $ETAG\"");
    }
    if !spec.example.is_empty() {
        let _ = write!(command, " \\\n  -H 'Content-Type: application/json' -d '{}'", spec.example);
    }
    let _ = write!(command, " \\\n  \"$BASE_URL{path}\"");
    command
}

fn fields(page: &mut String, schema: &Schema) {
    let _ = write!(
        page,
        "\n## The fields of `{}`\n\n{}\n\n| field | type | what it is | |\n|---|---|---|---|\n",
        schema.name, schema.doc
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
}

fn shape(shape: &Shape) -> String {
    match shape {
        Shape::Id(prefix) => format!("id, `{prefix}_…`"),
        Shape::Text => "text".to_owned(),
        Shape::Email => "e-mail address".to_owned(),
        Shape::Int => "integer".to_owned(),
        Shape::Bool => "true or false".to_owned(),
        Shape::Money => "money".to_owned(),
        Shape::Currency => "currency".to_owned(),
        Shape::Country => "country".to_owned(),
        Shape::TimeZone => "time zone".to_owned(),
        Shape::Date => "date".to_owned(),
        Shape::Time => "time".to_owned(),
        Shape::Decimal => "decimal in a text".to_owned(),
        Shape::Enum(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" "),
        Shape::List(item) => format!("list of {}", self::shape(item)),
        Shape::Object(schema) | Shape::Record(schema) => format!("`{}`", schema.name),
        Shape::IntMap(_) => "integers by name".to_owned(),
        Shape::Rows(schema) => format!("rows, each like `{}`", schema.name),
    }
}
