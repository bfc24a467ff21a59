//! Paths have one spelling. Any other is refused before routing, so that no rule that speaks of
//! a path can be passed by writing it another way.

/// Whether a raw path is in its one spelling: segments of plain characters, none empty, none of
/// dots alone, nothing percent-encoded, no slash at the end.
pub fn is_canonical(path: &str) -> bool {
    flaw(path).is_none()
}

/// The first segment that is not plain, from 1, and what is wrong with it; 0 is the path as a whole.
pub(super) fn flaw(path: &str) -> Option<(usize, &'static str)> {
    let Some(rest) = path.strip_prefix('/') else { return Some((0, "does not begin with `/`")) };
    if rest.is_empty() {
        return None;
    }
    rest.split('/').enumerate().find_map(|(at, segment)| Some((at + 1, flaw_of(segment)?)))
}

fn flaw_of(segment: &str) -> Option<&'static str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    match () {
        () if segment.is_empty() => Some("is empty: there is one `/` too many"),
        () if segment.contains('%') => Some("is percent-encoded, and nothing of a path is"),
        () if !segment.bytes().all(is_plain) => Some("has other characters than letters, figures, `-`, `_`, `.` and `~`"),
        () if segment.bytes().all(|byte| byte == b'.') => Some("is made of dots alone"),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{flaw, is_canonical};

    #[test]
    fn the_first_part_that_is_not_plain_is_named() {
        for (path, at) in
            [("/v1//invoices", 2), ("/v1/invoices/", 3), ("/v1/%69nvoices", 2), ("/v1/..", 2), ("/v1/a;b", 2), ("*", 0)]
        {
            assert_eq!(flaw(path).map(|(at, _)| at), Some(at), "{path}");
        }
    }

    /// Abuse case R3: a corpus of spellings that proxies and routers have disagreed about.
    #[test]
    fn r3_only_one_spelling_passes() {
        for good in ["/", "/v1/invoices", "/v1/invoices/inv_0", "/v1/openapi.json", "/docs/problems/not_found"] {
            assert!(is_canonical(good), "{good}");
        }
        let bad = [
            "",
            "v1",
            "//",
            "//v1/invoices",
            "/v1//invoices",
            "/v1/invoices/",
            "/v1/./invoices",
            "/v1/../v1/invoices",
            "/v1/invoices/.",
            "/v1/invoices/..",
            "/v1/%2e/invoices",
            "/v1/%2E%2E/invoices",
            "/v1%2finvoices",
            "/v1/invoices%2f",
            "/v1/invoices%00",
            "/v1/invoices;a=b",
            "/v1/..;/invoices",
            "/v1\\invoices",
            "/v1/invoices\\..",
            "/v1/inv oices",
            "/v1/invoices%20",
            "/v1/invo\u{ef}ces",
            "/v1/*",
            "/v1/invoices:batch",
            "*",
            "/v1/invoices'",
            "/v1/%69nvoices",
            "/v1/.../",
            "/v1/invoices/%2e%2e/clients",
        ];
        for path in bad {
            assert!(!is_canonical(path), "{path}");
        }
    }
}
