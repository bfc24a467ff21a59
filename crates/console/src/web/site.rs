//! Which web page a browser sent a request for, and whether it is a page of this server.
//!
//! Only browsers send these headers, and no page can change them. A program can send what it
//! likes and gains nothing: without `Origin` it is asked for less, not for more.

use http::HeaderValue;
use http::header::{HOST, HeaderMap, HeaderName, ORIGIN};

/// What stands for an origin that cannot be one. Nobody can list it.
const OPAQUE: &str = "null";

/// The origin of the page that a request was sent for, if the browser names one.
pub fn page_of(headers: &HeaderMap) -> Option<&str> {
    let mut sent = headers.get_all(ORIGIN).iter();
    match (sent.next().map(HeaderValue::to_str), sent.next()) {
        (None, _) => None,
        (Some(Ok(origin)), None) => Some(origin),
        (Some(_), _) => Some(OPAQUE),
    }
}

/// Whether a request came from a page of this server, or the browser does not say: it says so
/// itself, or its origin is where the server is reached, by its public name or by the name in the
/// request.
pub fn is_ours(headers: &HeaderMap, base_url: &str) -> bool {
    if let Some(site) = headers.get(HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    let Some(origin) = page_of(headers) else { return true };
    if origin == base_url {
        return true;
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    match (origin.split_once("://"), base_url.split_once("://")) {
        (Some((scheme, authority)), Some((ours, _))) => scheme == ours && host == Some(authority),
        _ => false,
    }
}
