//! `/docs`: written by hand in `docs/site`, and the reference that derives from the catalogue.
//! Public; every page has a Markdown twin at `.md`. A test runs every sample on them as it stands.

mod examples;
mod headings;
mod reference;

use std::fmt::Write as _;

use askama::Template as _;
use axum::body::Body;
use clinicos_contract::{Problem, problem};
use clinicos_gate::{Catalogue, Credential, Door, Environment};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use pulldown_cmark::{Options, Parser};

use super::Web;
use super::entry::account;
use super::respond::{self, Page, Refused, for_whoever_is_known, html};
use super::visit::{Seen, Visit};
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
        &[$($(Written { group: $group, name: $name, text: include_str!(concat!("../../../../../docs/site/", $name, ".md")) },)+)+]
    };
}

const WRITTEN: &[Written] = written! {
    "Start": "index" "get-started";
    "For clinics": "connections" "keys" "stop-a-connection" "access-log" "consent" "records" "import" "export" "sign-in" "people";
    "For developers": "authentication" "lists" "changes" "leaked-keys" "errors" "limits" "versions";
    "For whoever runs it": "running" "transport" "synth";
};
const REFERENCE: &str = "Reference";
/// Where pages say that the server is; each server puts its own address there.
const BASE_URL_WRITTEN: &str = "http://127.0.0.1:8080";

const MISSING_TITLE: &str = "There is no such help page";
const MISSING: &str = "\
It may have been renamed, or the address has a typing error. All help pages stand in the list beside this text; on a small screen \
it is folded up above it. Most visitors look for one of these:

- [Get started](/docs/get-started): the first call of a program
- [How to stop a connection](/docs/stop-a-connection)
- [Reference](/docs/reference): every operation
- [Errors](/docs/errors): what a refusal says
- [The first help page](/docs)
";

/// A page, found.
struct Found {
    title: String,
    markdown: String,
}

/// `GET /docs`
pub async fn index(web: Web, visit: Visit) -> Page {
    serve(web, visit, "index".to_owned()).await
}

/// `GET /docs.md`
pub async fn index_markdown(web: Web, visit: Visit) -> Page {
    serve(web, visit, "index.md".to_owned()).await
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
    list.push_str("\n## Problems\n\n");
    for code in problem::ALL {
        let _ = writeln!(list, "- [{}]({}/docs/problems/{}.md)", code.title, web.door.services().base_url, code.name);
    }
    let _ = write!(list, "\n## The whole API\n\n- [OpenAPI 3.1]({}/v1/openapi.json)\n", web.door.services().base_url);
    account(&web, visit, "docs.llms", "GET /llms.txt").await?;
    Ok(plain(200, list))
}

/// The address whose `.md` is the twin.
fn twin(href: &str) -> &str {
    if href == "/docs" { "/docs/index" } else { href }
}

async fn serve(web: Web, visit: Visit, name: String) -> Page {
    let (name, is_markdown) = name.strip_suffix(".md").map_or((name.as_str(), false), |name| (name, true));
    let catalogue = web.door.catalogue();
    let Some(mut found) = find(catalogue, name) else {
        let seen = visit.seen(&web);
        return Ok(if is_markdown { missing_markdown(&web, seen).await } else { missing(&web, seen).await });
    };
    found.markdown = found.markdown.replace(BASE_URL_WRITTEN, &web.door.services().base_url);
    let response = if is_markdown { plain(200, found.markdown) } else { shown(&web, &visit, name, found).await };
    account(&web, visit, "docs.page", "GET /docs/{page}").await?;
    Ok(response)
}

fn plain(status: u16, text: String) -> super::respond::Response {
    let mut response = html(status, String::new());
    *response.body_mut() = Body::from(text);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/markdown; charset=utf-8"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

async fn shown(web: &Web, visit: &Visit, name: &str, found: Found) -> super::respond::Response {
    let href = href(name);
    let body = found.markdown.split_once('\n').map_or("", |(_, rest)| rest);
    let mut page = Docs { markdown_href: Some(format!("{}.md", twin(&href))), ..docs(&*web.door, &href, &found.title, body) };
    page.frame.known_as = web.known_as(visit.session.clone(), visit.origin.clone()).await;
    // No cookie is set: those of the console stay where they are.
    for_whoever_is_known(html(200, page.render().unwrap_or_default()))
}

/// Where no help page is, those that there are are told.
pub async fn missing(web: &Web, seen: Seen) -> respond::Response {
    let credential = seen.session.clone().map_or(Credential::None, Credential::Session);
    let refused = Refused::by(seen.origin.clone(), Problem::not_found()).journaled(web, credential).await;
    // What was refused for another reason, such as too many calls, is told as such.
    if refused.status != problem::NOT_FOUND.status {
        return respond::refused(web, Some(seen), refused).await;
    }
    let id = refused.request_id.map(|id| format!("\nFor support: request `{id}`.\n")).unwrap_or_default();
    let mut page = docs(&*web.door, "", MISSING_TITLE, &format!("{MISSING}{id}"));
    page.frame.known_as = web.known_as(seen.session, seen.origin).await;
    for_whoever_is_known(html(refused.status, page.render().unwrap_or_default()))
}

/// The same for a program that asked for Markdown.
pub async fn missing_markdown(web: &Web, seen: Seen) -> respond::Response {
    let credential = seen.session.clone().map_or(Credential::None, Credential::Session);
    let refused = Refused::by(seen.origin, Problem::not_found()).journaled(web, credential).await;
    let text = if refused.status == problem::NOT_FOUND.status {
        format!("# {MISSING_TITLE}\n\nAll pages stand in [the list]({}/llms.txt).\n", web.door.services().base_url)
    } else {
        format!("# {}\n", refused.sentences().join(". "))
    };
    refused.on(plain(refused.status, text))
}

/// A page that stands beside the documentation and looks like it: its title, its text in Markdown,
/// and the address of the same as Markdown.
pub fn beside(door: &dyn Door, title: &str, markdown: &str, markdown_href: Option<String>) -> String {
    Docs { markdown_href, ..docs(door, "", title, markdown) }.render().unwrap_or_default()
}

fn docs(door: &dyn Door, href: &str, title: &str, markdown: &str) -> Docs {
    let sections = sections(door.catalogue(), href);
    let all: Vec<&DocLink> = sections.iter().flat_map(|section| &section.links).collect();
    let at = all.iter().position(|link| link.href == href);
    let mut rendered = String::new();
    let parsed = headings::with_ids(Parser::new_ext(markdown, Options::ENABLE_TABLES));
    pulldown_cmark::html::push_html(&mut rendered, parsed.into_iter());
    Docs {
        frame: Frame { section: Section::Help, sandbox: door.services().environment == Environment::Sandbox, ..Frame::default() },
        title: title.to_owned(),
        body: TrustedHtml::of_own_markdown(&rendered),
        previous: at.and_then(|at| all.get(at.checked_sub(1)?)).map(|link| (*link).clone()),
        next: at.and_then(|at| all.get(at + 1)).map(|link| (*link).clone()),
        markdown_href: None,
        sections: sections.clone(),
    }
}

fn href(name: &str) -> String {
    if name == "index" { "/docs".to_owned() } else { format!("/docs/{name}") }
}

fn find(catalogue: &Catalogue, name: &str) -> Option<Found> {
    if let Some(page) = WRITTEN.iter().find(|page| page.name == name) {
        return Some(Found { title: title(page.text).to_owned(), markdown: page.text.to_owned() });
    }
    if name == "reference" {
        return Some(Found { title: REFERENCE.to_owned(), markdown: reference::overview(catalogue) });
    }
    let resource = name.strip_prefix("reference/")?;
    let resource = catalogue.resources().into_iter().find(|known| known.name == resource)?;
    Some(Found { title: resource.title.to_owned(), markdown: reference::of_resource(catalogue, resource) })
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
