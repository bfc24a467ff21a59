//! The router: a route for each operation of the catalogue, the raw routes, and refusals for
//! everything else.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Router;
use axum::body::Body as HttpBody;
use axum::extract::{RawPathParams, Request as HttpRequest};
use axum::routing::{MethodFilter, MethodRouter};
use bytes::Bytes;
use clinicos_console::web;
use clinicos_contract::json::shorten;
use clinicos_contract::{FieldError, Method, Problem, problem};
use clinicos_gate::{AnyOperation, Credential, Door, Origin};
use futures_util::FutureExt as _;
use http::header::STRICT_TRANSPORT_SECURITY;
use http::{HeaderValue, Response};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

use super::adapter::{Adapter, Seen, peer};
use super::canonical::{flaw, is_canonical};
use super::heads::Flawed;
use super::page::is_preflight;
use super::unread::{Charged, Unread};
use super::{raw_routes, unsent};

/// How long a browser may remember to come by TLS alone: two years, as sites ask that mean it.
const TWO_YEARS: &str = "max-age=63072000";

/// Most bytes of path and query.
const URI_BYTES_MAX: usize = 8 << 10;
/// Most bytes of all headers.
const HEAD_BYTES_MAX: usize = 32 << 10;
/// Most headers.
const HEADERS_MAX: usize = 100;

/// Who comes in by this way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Anybody, who must show a credential.
    Anyone,
    /// Whoever can open the control socket: the operator.
    Operator,
}

/// The router over a door.
pub fn router(door: Arc<dyn Door>, who: Who) -> Router {
    let operations: Vec<&'static dyn AnyOperation> = match who {
        Who::Anyone => door.catalogue().public().collect(),
        Who::Operator => door.catalogue().operations().collect(),
    };
    let is_encrypted = door.services().base_url.starts_with("https://");
    let adapter = Adapter::new(door, who);
    let mut by_path: BTreeMap<&'static str, MethodRouter> = BTreeMap::new();
    let mut methods: BTreeMap<&'static str, Vec<&'static str>> = BTreeMap::new();
    for operation in operations {
        let route = operation.spec().route;
        let method_router = by_path.remove(route.path).unwrap_or_default();
        by_path.insert(route.path, method_router.on(filter(route.method), handler(adapter.clone(), operation)));
        methods.entry(route.path).or_default().push(route.method.name());
    }
    let mut router = Router::new();
    for (path, method_router) in by_path {
        let allow = methods.remove(path).unwrap_or_default().join(", ");
        let refusal = method_refusal(adapter.clone(), path, allow);
        router = router.route(path, method_router.fallback(refusal));
    }
    router = raw_routes::add(router, &adapter);
    if who == Who::Anyone {
        let forms = adapter.clone();
        let read = axum::middleware::from_fn(move |request: HttpRequest, next: axum::middleware::Next| {
            let adapter = forms.clone();
            async move { with_its_form(&adapter, request, next).await }
        });
        router = router.merge(web::router(adapter.door.clone()).layer(read));
    }
    let unmatched = adapter.clone();
    router
        .fallback(move |request: HttpRequest| {
            let adapter = unmatched.clone();
            async move { astray(&adapter, "http.unmatched", Problem::not_found(), request).await }
        })
        // Pages shrink to a tenth at any level; the highest ones cost more time than they save.
        .layer(CompressionLayer::new().gzip(true).quality(CompressionLevel::Fastest))
        .layer(axum::middleware::from_fn(move |request: HttpRequest, next: axum::middleware::Next| {
            let adapter = adapter.clone();
            async move {
                let mut response = match before_routing(&adapter, &request) {
                    Some((label, problem)) => astray(&adapter, label, problem, request).await,
                    None => match question_of_a_page(&adapter, &request) {
                        Some(origin) => adapter.preflight(origin).await,
                        None => unless_it_panics(&adapter, request, next).await,
                    },
                };
                if is_encrypted {
                    response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TWO_YEARS));
                }
                response.map(unsent::counted)
            }
        }))
}

/// Reads a form before its page sees it, within the bounds that hold for every body.
async fn with_its_form(adapter: &Adapter, request: HttpRequest, next: axum::middleware::Next) -> Response<HttpBody> {
    let mut room = adapter.room_of(&Credential::None, peer(&request));
    // Files are read of nobody who is not signed in.
    let is_known = adapter.door.knows(&web::shown(&adapter.door, request.headers()));
    let (parts, body) = request.into_parts();
    // No other method has a body that a page looks at.
    let kind = parts.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let most = if is_known && kind.starts_with("multipart/form-data") { web::FILES_BYTES_MAX } else { web::FORM_BYTES_MAX };
    let read = match parts.method == http::Method::POST {
        true => room.read(body, most).await,
        false => Ok(Bytes::new()),
    };
    match read {
        Ok(form) => next.run(HttpRequest::from_parts(parts, form.into())).await,
        Err(problem) => {
            let request = HttpRequest::from_parts(parts, HttpBody::empty());
            web::problem_page(adapter.door.clone(), request, problem).await
        }
    }
}

/// Runs what was routed. A panic is a fault of this program: it ends the call and nothing else.
async fn unless_it_panics(adapter: &Adapter, request: HttpRequest, next: axum::middleware::Next) -> Response<HttpBody> {
    let (method, seen) = (method_name(request.method()), adapter.seen(&request));
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => refuse(adapter, "http.panic", Problem::unavailable("a call panicked"), method, seen).await,
    }
}

/// Where a browser's question comes from, if a request is one: whether a page of another site may call.
fn question_of_a_page(adapter: &Adapter, request: &HttpRequest) -> Option<Origin> {
    if !is_preflight(request) {
        return None;
    }
    Some(adapter.origin(request)).filter(|origin| origin.page.is_some())
}

/// What is looked at before routing: the coarse limit of the address, and the path's spelling.
fn before_routing(adapter: &Adapter, request: &HttpRequest) -> Option<(&'static str, Problem)> {
    let path = request.uri().path();
    if !path.starts_with("/health/")
        && let Some(address) = request.extensions().get::<Charged>().map(|charged| charged.0).or_else(|| peer(request))
        && let Err(problem) = adapter.door.charge_address(address)
    {
        return Some(("http.address_limit", problem));
    }
    if let Some(unread) = request.extensions().get::<Unread>() {
        return Some(("http.unread", unread.problem()));
    }
    if let Some(flawed) = request.extensions().get::<Flawed>() {
        return Some(("http.headers", flawed.problem()));
    }
    if let Some(problem) = too_large(request) {
        return Some(("http.head", problem));
    }
    flaw(path).map(|(at, what)| ("http.path", not_canonical(at, what)))
}

/// A path that is written in another way than the one in which it is documented: the first part of it that is.
fn not_canonical(at: usize, what: &str) -> Problem {
    let mut problem = Problem::new(&problem::PATH_NOT_CANONICAL, "write the path as documented, without encoded or empty parts");
    let pointer = if at == 0 { "path".to_owned() } else { format!("path/{at}") };
    problem.errors.push(FieldError::new(pointer, "format", what));
    problem
}

/// Refuses a head that is too large. What is larger still never becomes a request (`unread.rs`).
fn too_large(request: &HttpRequest) -> Option<Problem> {
    let uri = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if uri > URI_BYTES_MAX {
        let detail = format!("path and query have {uri} bytes; at most {URI_BYTES_MAX} are taken");
        return Some(Problem::new(&problem::URI_TOO_LONG, detail).about("path", "too_long"));
    }
    let headers = request.headers();
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes > HEAD_BYTES_MAX || headers.len() > HEADERS_MAX {
        let detail = format!("at most {HEADERS_MAX} headers with {HEAD_BYTES_MAX} bytes in all are taken");
        // Of too many headers, none is the one; of too many bytes, the longest is.
        let longest = headers.iter().max_by_key(|(name, value)| name.as_str().len() + value.len());
        let longest =
            longest.filter(|_| headers.len() <= HEADERS_MAX).map_or("head".to_owned(), |(name, _)| shorten(name.as_str()));
        return Some(Problem::new(&problem::HEAD_TOO_LARGE, detail).about(longest, "too_long"));
    }
    None
}

/// The journal keeps no text of the caller's own choice.
fn method_name(method: &http::Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"];
    known.into_iter().find(|name| *name == method.as_str()).unwrap_or("OTHER")
}

/// Answers what reaches no route: a page to people, a problem to programs. Who wrote a page's
/// address with a slash behind it is sent to the page.
async fn astray(adapter: &Adapter, label: &'static str, problem: Problem, request: HttpRequest) -> Response<HttpBody> {
    let has_pages = adapter.who == Who::Anyone;
    if has_pages
        && problem.code == &problem::PATH_NOT_CANONICAL
        && let Some(path) = web::page_address(&request).filter(|path| is_canonical(path))
    {
        return web::to_page(adapter.door.clone(), request, &path).await;
    }
    if has_pages && web::is_browsing(&request) {
        return web::problem_page(adapter.door.clone(), request, problem).await;
    }
    let (method, seen) = (method_name(request.method()), adapter.seen(&request));
    refuse(adapter, label, problem, method, seen).await
}

async fn refuse(adapter: &Adapter, label: &'static str, problem: Problem, method: &str, seen: Seen) -> Response<HttpBody> {
    adapter.refuse(label, format!("{method} *"), problem, seen).await
}

pub(super) type Handling = std::pin::Pin<Box<dyn Future<Output = Response<HttpBody>> + Send>>;

fn handler(
    adapter: Adapter,
    operation: &'static dyn AnyOperation,
) -> impl Fn(RawPathParams, HttpRequest) -> Handling + Clone + Send + Sync + 'static {
    let names: Arc<[&'static str]> = operation.spec().route.parameters().collect();
    move |params, request| {
        let adapter = adapter.clone();
        let values = params.iter().map(|(_, value)| value.to_owned());
        let path = names.iter().copied().zip(values).collect();
        Box::pin(async move { adapter.call(operation, path, request).await })
    }
}

pub(super) fn method_refusal(
    adapter: Adapter,
    path: &'static str,
    allow: String,
) -> impl Fn(HttpRequest) -> Handling + Clone + Send + Sync + 'static {
    move |request| {
        let (adapter, allow) = (adapter.clone(), allow.clone());
        Box::pin(async move {
            let mut problem = Problem::new(&problem::METHOD_NOT_ALLOWED, format!("this path takes {allow}"));
            problem.allow = Some(allow);
            let seen = adapter.seen(&request);
            adapter.refuse("http.method", format!("{} {path}", method_name(request.method())), problem, seen).await
        })
    }
}

fn filter(method: Method) -> MethodFilter {
    match method {
        Method::Get => MethodFilter::GET,
        Method::Post => MethodFilter::POST,
        Method::Patch => MethodFilter::PATCH,
        Method::Delete => MethodFilter::DELETE,
    }
}
