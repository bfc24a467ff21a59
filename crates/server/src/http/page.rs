//! Which web page of another site a browser calls for.

use clinicos_console::web::site::{is_ours, page_of};
use http::Method;
use http::header::{ACCESS_CONTROL_REQUEST_METHOD, HeaderMap};

/// The origin of the page that a request was sent for, if it is a page of another site.
pub(crate) fn of_another_site(headers: &HeaderMap, base_url: &str) -> Option<String> {
    page_of(headers).filter(|_| !is_ours(headers, base_url)).map(str::to_owned)
}

/// Whether a browser asks, before it sends a call of the API, if a page may make it.
pub(crate) fn is_preflight<B>(request: &http::Request<B>) -> bool {
    request.method() == Method::OPTIONS
        && request.uri().path().starts_with("/v1/")
        && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

#[cfg(test)]
mod tests {
    use http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn a_page_of_another_site_is_told_from_our_own() {
        let found = |base_url: &str, pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap());
            }
            of_another_site(&headers, base_url).unwrap_or_default()
        };
        let public = "https://api.example";
        for (base_url, headers, page) in [
            (public, &[][..], ""),
            (public, &[("host", "api.example")], ""),
            (public, &[("origin", "https://api.example")], ""),
            (public, &[("origin", "https://api.example"), ("host", "10.0.0.5:8080")], ""),
            (public, &[("origin", "https://clinic.lan"), ("host", "clinic.lan")], ""),
            (public, &[("origin", "http://clinic.lan"), ("host", "clinic.lan")], "http://clinic.lan"),
            (public, &[("origin", "http://api.example"), ("host", "api.example")], "http://api.example"),
            (public, &[("origin", "https://api.example:8443"), ("host", "api.example")], "https://api.example:8443"),
            (public, &[("origin", "https://tool.example"), ("host", "api.example")], "https://tool.example"),
            (public, &[("origin", "https://tool.example"), ("sec-fetch-site", "cross-site")], "https://tool.example"),
            (public, &[("origin", "https://www.api.example"), ("sec-fetch-site", "same-site")], "https://www.api.example"),
            (public, &[("origin", "http://10.0.0.5:8080"), ("sec-fetch-site", "same-origin")], ""),
            (public, &[("origin", "null"), ("host", "null")], "null"),
            (public, &[("origin", "https://api.example"), ("origin", "https://api.example")], "null"),
            (public, &[("origin", "https://t\u{f6}ol.example")], "null"),
            ("http://127.0.0.1:8080", &[("origin", "http://localhost:8080"), ("host", "localhost:8080")], ""),
            (
                "http://127.0.0.1:8080",
                &[("origin", "http://localhost:5173"), ("host", "localhost:8080")],
                "http://localhost:5173",
            ),
        ] {
            assert_eq!(found(base_url, headers), page, "{headers:?}");
        }
    }
}
