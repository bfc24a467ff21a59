//! The files beside the pages: style, scripts and the icon of the browser's tab. They are part
//! of the binary. Their address holds a hash of their bytes, so a browser may keep them for good.

use std::sync::LazyLock;

/// Where the files are served.
pub const PREFIX: &str = "/console/assets/";

/// Name, media type and bytes of each file.
const FILES: [(&str, &str, &[u8]); 5] = [
    ("console.css", "text/css; charset=utf-8", include_bytes!("../assets/console.css")),
    ("console.js", "text/javascript; charset=utf-8", include_bytes!("../assets/console.js")),
    ("favicon.ico", "image/x-icon", include_bytes!("../assets/favicon.ico")),
    ("favicon.svg", "image/svg+xml", include_bytes!("../assets/favicon.svg")),
    ("htmx.min.js", "text/javascript; charset=utf-8", include_bytes!("../assets/htmx.min.js")),
];

/// A file to serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset {
    /// Its content.
    pub bytes: &'static [u8],
    /// Its media type.
    pub content_type: &'static str,
    /// Eight hex digits over the content, for an `ETag` (without quotes).
    pub etag_hash: &'static str,
    /// Whether the path held the hash, so that the answer stays true for good.
    pub immutable: bool,
}

struct Known {
    name: &'static str,
    url: String,
    hash: String,
    content_type: &'static str,
    bytes: &'static [u8],
}

static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let known = FILES.iter().map(|(name, content_type, bytes)| {
        let hash = format!("{:08x}", crc32fast::hash(bytes));
        Known { name, url: format!("{PREFIX}{hash}/{name}"), hash, content_type, bytes }
    });
    known.collect()
});

/// The address of a file, with its hash. Empty for a file that does not exist.
pub fn url(name: &str) -> &'static str {
    KNOWN.iter().find(|known| known.name == name).map_or("", |known| known.url.as_str())
}

/// The file behind a path: what follows [`PREFIX`], as `1a2b3c4d/console.css` or `console.css`.
/// A path with a hash of other bytes answers nothing.
pub fn asset(path: &str) -> Option<Asset> {
    let (hash, name) = match path.split_once('/') {
        Some((hash, name)) => (Some(hash), name),
        None => (None, path),
    };
    let known = KNOWN.iter().find(|known| known.name == name)?;
    let asset = Asset { bytes: known.bytes, content_type: known.content_type, etag_hash: &known.hash, immutable: hash.is_some() };
    hash.is_none_or(|hash| hash == known.hash).then_some(asset)
}

/// The paths of all files, as [`asset`] takes them, without hashes.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::{PREFIX, asset, names, url};

    #[test]
    fn every_file_is_found_by_its_address() {
        for name in names() {
            let path = url(name).strip_prefix(PREFIX).unwrap();
            let found = asset(path).unwrap();
            assert!(found.immutable && !found.bytes.is_empty());
            assert!(path.starts_with(found.etag_hash));
            assert!(!asset(name).unwrap().immutable);
        }
    }

    #[test]
    fn other_paths_answer_nothing() {
        for path in ["", "/", "console.cs", "00000000/console.css", "../Cargo.toml", "a/b/console.css"] {
            assert_eq!(asset(path), None, "{path}");
        }
        assert_eq!(url("nothing.css"), "");
    }
}
