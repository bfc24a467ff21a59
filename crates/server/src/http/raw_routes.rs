//! Routes that are no operations, each with its reason. A test pins this list: whatever else
//! answers must be declared in the catalogue.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body as HttpBody;
use axum::extract::{Path, Request as HttpRequest};
use axum::routing::get;
use bytes::Bytes;
use clinicos_console::web;
use clinicos_contract::{Problem, problem};
use http::{Response, StatusCode};

use super::adapter::{Adapter, Seen};
use super::router::{Handling, Who, method_refusal};
use crate::documents::{openapi, pages};

/// Path, and why it is no operation.
pub const RAW_ROUTES: &[(&str, &str)] = &[
    ("/", "tells a newcomer where to go"),
    ("/docs/problems/{code}", "the pages that problems lead to; public"),
    ("/health/live", "asked by machines every few seconds; holds no data and is not journaled"),
    ("/health/ready", "the same"),
    ("/v1/openapi.json", "the document of the catalogue itself; public"),
];

const MARKDOWN: &str = "text/markdown; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

/// Adds them.
pub fn add(router: Router, adapter: &Adapter) -> Router {
    let (root, openapi, problems, ready) = (adapter.clone(), adapter.clone(), adapter.clone(), adapter.clone());
    let who = adapter.who;
    // Written when it is first asked for: a server that nobody asks need not wait for it to start.
    let written: Arc<OnceLock<Bytes>> = Arc::default();
    router
        .route(
            "/",
            get(move |request: HttpRequest| {
                let adapter = root.clone();
                let origin = adapter.origin(&request);
                async move {
                    let page = Bytes::from(pages::welcome(&*adapter.door));
                    guarded(adapter.document("docs.welcome", HTML, page, ("GET /".to_owned(), origin)).await)
                }
            })
            .fallback(only_get(adapter, "/")),
        )
        .route(
            "/v1/openapi.json",
            get(move |request: HttpRequest| {
                let adapter = openapi.clone();
                let document = written.get_or_init(|| document(&adapter)).clone();
                let seen = ("GET /v1/openapi.json".to_owned(), adapter.origin(&request));
                async move { adapter.document("docs.openapi", "application/json", document, seen).await }
            })
            .fallback(only_get(adapter, "/v1/openapi.json")),
        )
        .route(
            "/docs/problems/{code}",
            get(move |Path(code): Path<String>, request: HttpRequest| {
                let adapter = problems.clone();
                let seen = adapter.seen(&request);
                async move { problem_page(&adapter, &code, seen, request).await }
            })
            .fallback(only_get(adapter, "/docs/problems/{code}")),
        )
        .route("/health/live", get(async move || live(who)))
        .route(
            "/health/ready",
            get(move || {
                let adapter = ready.clone();
                async move { health(adapter.door.is_ready()) }
            }),
        )
}

fn document(adapter: &Adapter) -> Bytes {
    Bytes::from(openapi::document(adapter.door.catalogue(), &adapter.door.services().base_url).to_string())
}

/// Refuses every other method, as routes of operations do.
fn only_get(adapter: &Adapter, path: &'static str) -> impl Fn(HttpRequest) -> Handling + Clone + Send + Sync + 'static {
    method_refusal(adapter.clone(), path, "GET".to_owned())
}

async fn problem_page(adapter: &Adapter, code: &str, seen: Seen, request: HttpRequest) -> Response<HttpBody> {
    let route = "GET /docs/problems/{code}".to_owned();
    let (code, is_markdown) = code.strip_suffix(".md").map_or((code, false), |code| (code, true));
    match problem::ALL.iter().find(|known| known.name == code) {
        Some(code) => {
            let (kind, page) = if is_markdown {
                (MARKDOWN, pages::problem_markdown(code))
            } else {
                (HTML, pages::problem(&*adapter.door, code))
            };
            guarded(adapter.document("docs.problem", kind, Bytes::from(page), (route, seen.into_origin())).await)
        }
        None if web::is_browsing(&request) => web::problem_page(adapter.door.clone(), request, Problem::not_found()).await,
        None => adapter.refuse("http.unmatched", route, Problem::not_found(), seen).await,
    }
}

/// The operator is also told whether anything panicked; who probes from outside is not.
fn live(who: Who) -> Response<HttpBody> {
    let mut response = health(true);
    if who == Who::Operator {
        *response.body_mut() = HttpBody::from(format!("{{\"status\":\"ok\",\"panics\":{}}}", crate::panics::seen()));
    }
    response
}

/// A page is kept from being framed or scripted, as those of the console are.
fn guarded(mut response: Response<HttpBody>) -> Response<HttpBody> {
    web::guard(&mut response);
    response
}

fn health(well: bool) -> Response<HttpBody> {
    let (status, word) = if well { (StatusCode::OK, "ok") } else { (StatusCode::SERVICE_UNAVAILABLE, "unavailable") };
    let mut response = Response::new(HttpBody::from(format!("{{\"status\":\"{word}\"}}")));
    *response.status_mut() = status;
    response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    response
}
