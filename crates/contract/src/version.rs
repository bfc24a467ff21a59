//! Dated versions of the API.

/// The header that asks for a version and tells which one answered.
pub const HEADER: &str = "clinicos-version";

/// Every version that is served, oldest first. The last one is the default of new connections.
pub const ALL: &[&str] = &["2026-11-01"];

/// The newest version.
pub const LATEST: &str = "2026-11-01";

/// The served version of this name.
pub fn parse(text: &str) -> Option<&'static str> {
    ALL.iter().copied().find(|version| *version == text)
}
