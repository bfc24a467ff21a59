//! Paths have one spelling. Any other is refused before routing, so that no rule that speaks of
//! a path can be passed by writing it another way.

/// Whether a raw path is in its one spelling: segments of plain characters, none empty, none of
/// dots alone, nothing percent-encoded, no slash at the end.
pub fn is_canonical(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else { return false };
    rest.is_empty() || rest.split('/').all(is_plain_segment)
}

fn is_plain_segment(segment: &str) -> bool {
    let plain = segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte));
    plain && !segment.is_empty() && segment.bytes().any(|byte| byte != b'.')
}

#[cfg(test)]
mod tests {
    use super::is_canonical;

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
