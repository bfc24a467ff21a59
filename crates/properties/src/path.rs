//! Paths: one spelling.

use clinicos_server::http::is_canonical;
use http::Uri;

/// A path as it comes in a request line.
///
/// - What is canonical means the same to everybody: decoding it, resolving its dots, merging its
///   slashes or changing backslashes does not change it.
/// - It is a path that a request line can hold, and comes out of it as it went in.
pub fn path(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let path = text.parse::<Uri>().map(|uri| uri.path().to_owned()).unwrap_or_else(|_| text.to_owned());
    for path in [text, &path] {
        if !is_canonical(path) {
            continue;
        }
        assert_eq!(resolved(path), path, "two spellings of one path");
        let uri = path.parse::<Uri>();
        assert!(uri.as_ref().is_ok_and(|uri| uri.path() == path && uri.query().is_none()), "`{path}` is read as {uri:?}");
        assert!(path.bytes().all(|byte| byte.is_ascii_graphic() && !b"%;\\?#*:".contains(&byte)), "`{path}`");
    }
}

/// The path as a lenient server would read it.
fn resolved(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part.split(';').next().unwrap_or_default()),
        }
    }
    format!("/{}", parts.join("/"))
}
