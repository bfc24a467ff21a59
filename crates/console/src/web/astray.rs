//! People whose browser went where there is no page: they get a page that says so, in the look of
//! the others. Programs get the problem that they can read.

use std::sync::Arc;

use axum::extract::Request;
use clinicos_contract::{Problem, problem};
use clinicos_gate::Door;
use http::header::{ACCEPT, LOCATION};
use http::{HeaderValue, Method, StatusCode};

use super::entry::account_as;
use super::respond::{Refused, Response, html, refused};
use super::visit::{Seen, Visit, origin};
use super::{Web, docs, imports};

/// Where programs call, whatever they accept.
const OF_PROGRAMS: [&str; 2] = ["/v1", "/health"];
/// Where pages are.
const DOCS: &str = "/docs";
const OF_PAGES: [&str; 2] = ["/console", DOCS];

/// Whether a person looks at what comes back: the browser says that it takes a page.
pub fn is_browsing(request: &Request) -> bool {
    let path = request.uri().path();
    let mut accepted = request.headers().get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    !OF_PROGRAMS.iter().any(|prefix| is_within(path, prefix)) && accepted.any(|value| value.contains("text/html"))
}

/// The one spelling of a page's address that was written with a slash behind it. Only pages are
/// read this way: whatever else is written in another spelling is refused.
pub fn page_address(request: &Request) -> Option<String> {
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    let path = request.uri().path().strip_suffix('/').filter(|_| reads)?;
    let is_page = OF_PAGES.iter().any(|prefix| is_within(path, prefix));
    is_page.then(|| path.to_owned())
}

fn is_within(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Journals a refusal, and says it on a page.
pub async fn problem_page(door: Arc<dyn Door>, request: Request, problem: Problem) -> Response {
    let web = Web::new(door);
    let (seen, shown) = (Seen::of(&web, &request), web.shown(request.headers()));
    if problem.code == &problem::NOT_FOUND && is_within(request.uri().path(), DOCS) {
        let is_markdown = request.uri().path().ends_with(".md");
        return if is_markdown { docs::missing_markdown(&web, seen).await } else { docs::missing(&web, seen).await };
    }
    let too_large = problem.code == &problem::TOO_LARGE && request.uri().path() == imports::PATH;
    let problem = Refused::by(seen.origin.clone(), problem).journaled(&web, shown.clone()).await;
    // Who sent files that are too many comes back to the form, and reads there what to do.
    if too_large
        && web.door.knows(&shown)
        && let Ok(page) = imports::too_large(&web, &Visit::of(&web, Vec::new(), &request), problem.status).await
    {
        return problem.on(page);
    }
    refused(&web, Some(seen), problem).await
}

/// Journals that a browser was sent to the one spelling of an address, and sends it there.
pub async fn to_page(door: Arc<dyn Door>, request: Request, path: &str) -> Response {
    let web = Web::new(door);
    let origin = origin(&web, &request);
    if let Err(problem) = account_as(&web, origin, "console.address", "GET *", 308).await {
        return refused(&web, None, problem.journaled(&web, web.shown(request.headers())).await).await;
    }
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut response = html(StatusCode::PERMANENT_REDIRECT.as_u16(), String::new());
    // The path is plain: the caller looked at its spelling.
    let to = HeaderValue::from_str(&format!("{path}{query}")).unwrap_or(HeaderValue::from_static("/console"));
    response.headers_mut().insert(LOCATION, to);
    response
}
