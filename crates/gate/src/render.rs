//! How a problem looks on the wire (RFC 9457), and the headers that every answer carries.

use clinicos_contract::{Code, Problem};
use serde_json::{Map, Value, json};

use crate::ids::{DecisionId, RequestId};
use crate::limits::{Charge, WINDOW_S};
use crate::request::Draft;
use crate::services::Services;
use crate::trail::Trail;

/// Where the pages of the problem codes are served.
pub const PROBLEM_PATH: &str = "/docs/problems/";

/// Tells the holder of a key when it ends, if that is soon: RFC 3339.
pub const KEY_EXPIRES_HEADER: &str = "clinicos-key-expires";

/// The answer of a refusal.
pub(crate) fn problem(services: &Services, trail: &Trail, problem: &Problem) -> Draft {
    let body = body(&services.base_url, problem, trail.request_id);
    let mut draft = Draft { status: problem.code.status, headers: headers(trail), body, next: None };
    draft.headers.push(("content-type", "application/problem+json".to_owned()));
    if let Some(seconds) = problem.retry_after_s {
        draft.headers.push(("retry-after", seconds.to_string()));
    }
    if let Some(methods) = &problem.allow {
        draft.headers.push(("allow", methods.clone()));
    }
    if problem.code.status == 401 {
        draft.headers.push(("www-authenticate", "Bearer realm=\"clinicos\"".to_owned()));
    }
    draft
}

/// The headers that every answer carries.
pub(crate) fn headers(trail: &Trail) -> Vec<(&'static str, String)> {
    let mut headers = Vec::with_capacity(10);
    headers.push(("x-request-id", trail.request_id.to_string()));
    headers.push((clinicos_contract::version::HEADER, trail.version.to_owned()));
    headers.push(("cache-control", "no-store".to_owned()));
    if let Some(end) = trail.key_ends {
        headers.push((KEY_EXPIRES_HEADER, end.to_string()));
    }
    if let Some((charge, class)) = &trail.charge {
        limit_headers(charge, class, &mut headers);
    }
    if trail.page_may_read
        && let Some(origin) = &trail.page
    {
        page_headers(origin, &mut headers);
        headers.push(("access-control-expose-headers", EXPOSED.to_owned()));
    }
    headers
}

/// Headers of an answer that a web page of another site may read, beside those that it always may.
const EXPOSED: &str = "clinicos-key-expires, clinicos-version, deprecation, etag, idempotent-replayed, ratelimit, ratelimit-policy, retry-after, \
                       sunset, x-request-id";
/// Headers that such a page may send.
const SENDABLE: &str = "authorization, clinicos-version, content-type, idempotency-key, if-match, last-event-id";
/// Methods that the API knows.
const METHODS: &str = "GET, HEAD, POST, PATCH, DELETE";
/// How long a browser may remember that a page may call. What it remembers decides no call.
const PREFLIGHT_S: u32 = 600;

/// The answer to a browser that asks whether a page may call.
pub(crate) fn preflight(trail: &Trail, origin: &str) -> Draft {
    let mut draft = Draft { status: 204, headers: headers(trail), ..Draft::default() };
    page_headers(origin, &mut draft.headers);
    draft.headers.push(("access-control-allow-methods", METHODS.to_owned()));
    draft.headers.push(("access-control-allow-headers", SENDABLE.to_owned()));
    draft.headers.push(("access-control-max-age", PREFLIGHT_S.to_string()));
    draft
}

/// Names the one origin whose pages may read an answer: never all of them, and never with cookies.
fn page_headers(origin: &str, headers: &mut Vec<(&'static str, String)>) {
    headers.push(("access-control-allow-origin", origin.to_owned()));
    headers.push(("vary", "origin".to_owned()));
}

/// `RateLimit-Policy` and `RateLimit` as structured fields (IETF draft
/// draft-ietf-httpapi-ratelimit-headers): `q` calls in `w` seconds; `r` left, full again in `t`.
fn limit_headers(charge: &Charge, class: &str, headers: &mut Vec<(&'static str, String)>) {
    headers.push(("ratelimit-policy", format!("\"{class}\";q={};w={WINDOW_S}", charge.quota.0)));
    headers.push(("ratelimit", format!("\"{class}\";r={};t={}", charge.remaining, charge.reset_s)));
}

/// The address of the page about a code: whole where this server knows its own, else relative, as
/// RFC 9457 section 3.1.1 allows.
fn kind(base_url: &str, code: &Code) -> String {
    format!("{base_url}{PROBLEM_PATH}{}", code.name)
}

fn body(base_url: &str, problem: &Problem, request_id: RequestId) -> Vec<u8> {
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("type", json!(kind(base_url, problem.code)));
    put("title", json!(problem.code.title));
    put("status", json!(problem.code.status));
    put("detail", json!(problem.detail));
    put("code", json!(problem.code.name));
    put("request_id", json!(request_id.to_string()));
    put("decision_id", json!(DecisionId::from_bytes(request_id.to_bytes()).to_string()));
    if let Some(scope) = &problem.missing_scope {
        put("missing_scope", json!(scope));
    }
    if let Some(category) = problem.missing_consent {
        put("missing_consent", json!(category.name()));
    }
    if !problem.errors.is_empty() {
        let errors = problem.errors.iter();
        put("errors", errors.map(|e| json!({"pointer": e.pointer, "code": e.code, "detail": e.detail})).collect());
    }
    serde_json::to_vec(&object).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use clinicos_contract::problem;

    use super::*;

    #[test]
    fn a_kind_of_problem_is_a_whole_address_where_there_is_one() {
        let code = &problem::NOT_FOUND;
        assert_eq!(kind("https://api.example", code), "https://api.example/docs/problems/not_found");
        assert_eq!(kind("", code), "/docs/problems/not_found");
    }
}
