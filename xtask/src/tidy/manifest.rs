//! Reads what tidy needs of a Cargo.toml: sections, keys and lines. No more TOML than that.

/// One `key = value` line.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry<'t> {
    /// `dependencies`, `dev-dependencies`, `lints`, …
    pub section: &'t str,
    /// The name in front of `=` or of `.workspace`.
    pub key: &'t str,
    /// Counted from 1.
    pub line: usize,
    /// The line as it stands.
    pub text: &'t str,
}

/// The entries of a manifest. `[dependencies.name]` counts as an entry `name`, and the
/// dependencies of a target as dependencies.
pub fn entries(manifest: &str) -> Vec<Entry<'_>> {
    let mut section = "";
    let mut found = Vec::new();
    for (line, text) in (1..).zip(manifest.lines()) {
        let text = text.trim();
        if let Some(header) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let (table, key) = dependency_table(header);
            section = table;
            if let Some(key) = key {
                found.push(Entry { section, key, line, text });
                // What follows describes that one dependency.
                section = "one dependency";
            }
        } else if let Some((key, _)) = text.split_once('=')
            && !text.starts_with('#')
        {
            let key = key.trim().split('.').next().unwrap_or_default().trim_matches('"');
            found.push(Entry { section, key, line, text });
        }
    }
    found
}

fn dependency_table(header: &str) -> (&str, Option<&str>) {
    for table in ["dev-dependencies", "build-dependencies", "dependencies"] {
        if header == table || (header.starts_with("target.") && header.ends_with(table)) {
            return (table, None);
        }
        if let Some(key) = header.strip_prefix(table).and_then(|rest| rest.strip_prefix('.')) {
            return (table, Some(key));
        }
    }
    (header, None)
}

impl Entry<'_> {
    /// Whether it names a crate that this one depends on.
    pub fn is_dependency(&self) -> bool {
        matches!(self.section, "dependencies" | "dev-dependencies" | "build-dependencies")
    }

    /// Whether only tests depend on it.
    pub fn is_dev(&self) -> bool {
        self.section == "dev-dependencies"
    }
}

#[cfg(test)]
mod tests {
    use super::entries;

    #[test]
    fn finds_dependencies_in_every_spelling() {
        let manifest = "[package]\nname = \"x\"\n[dependencies]\na.workspace = true\nb = { version = \"1\" }\n# c = 1\n\
                        [dependencies.d]\nversion = \"1\"\n[target.'cfg(unix)'.dependencies]\ne = \"1\"\n[dev-dependencies]\nf = \"1\"\n";
        let found: Vec<(&str, bool)> =
            entries(manifest).iter().filter(|entry| entry.is_dependency()).map(|entry| (entry.key, entry.is_dev())).collect();
        assert_eq!(found, [("a", false), ("b", false), ("d", false), ("e", false), ("f", true)]);
    }
}
