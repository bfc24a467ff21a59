//! The jurisdictions that come with the program. Each is a file; adding one is a file and a line.

use std::sync::{Arc, LazyLock};

use crate::rules::{MethodSet, Rules};

/// The code of the rules that hold where no others are known.
pub const GENERIC: &str = "generic";

const GENERIC_TEXT: &str = include_str!("../jurisdictions/generic.toml");

/// All others; each names `generic` as its base.
const TEXTS: &[&str] = &[
    include_str!("../jurisdictions/us-ca.toml"),
    include_str!("../jurisdictions/us-fl.toml"),
    include_str!("../jurisdictions/us-il.toml"),
    include_str!("../jurisdictions/us-ks.toml"),
    include_str!("../jurisdictions/us-ky.toml"),
    include_str!("../jurisdictions/us-nj.toml"),
    include_str!("../jurisdictions/us-ny.toml"),
    include_str!("../jurisdictions/us-oh.toml"),
    include_str!("../jurisdictions/us-tx.toml"),
];

static ALL: LazyLock<Vec<Arc<Rules>>> = LazyLock::new(|| {
    // A file that cannot be read lets nothing pass; a test reads them all.
    let generic = Arc::new(Rules::parse(GENERIC_TEXT, None).unwrap_or_else(|_| closed()));
    let others = TEXTS.iter().filter_map(|text| Rules::parse(text, Some(&generic)).ok()).map(Arc::new);
    std::iter::once(Arc::clone(&generic)).chain(others).collect()
});

fn closed() -> Rules {
    Rules {
        code: GENERIC.into(),
        name: "Closed".into(),
        about: "Nothing leaves.".into(),
        exceptions: Vec::new(),
        defaults: Vec::new(),
        methods: MethodSet::NONE,
        methods_with_evidence: MethodSet::NONE,
    }
}

/// Every jurisdiction, `generic` first.
pub fn all() -> &'static [Arc<Rules>] {
    &ALL
}

static CLOSED: LazyLock<Arc<Rules>> = LazyLock::new(|| Arc::new(closed()));

/// The rules of a stored code. Of one that this program does not know nothing is permitted.
pub fn rules_of(code: &str) -> Arc<Rules> {
    Arc::clone(find(code).unwrap_or(&CLOSED))
}

/// The rules of this code.
pub fn find(code: &str) -> Option<&'static Arc<Rules>> {
    all().iter().find(|rules| *rules.code == *code)
}

#[cfg(test)]
mod states;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read_and_names_its_sources() {
        let generic = Rules::parse(GENERIC_TEXT, None).unwrap();
        for text in TEXTS {
            let rules = Rules::parse(text, Some(&generic)).unwrap();
            let own = |id: &str| !generic.exceptions.iter().chain(&generic.defaults).any(|rule| *rule.id == *id);
            for rule in rules.exceptions.iter().chain(&rules.defaults).filter(|rule| own(&rule.id)) {
                assert!(rule.url.is_some() && !rule.source.is_empty(), "{}: {} cites no source", rules.code, rule.id);
            }
            assert!(rules.about.contains("Not legal advice"), "{}: an admin takes it for advice", rules.code);
        }
        assert_eq!(all().len(), TEXTS.len() + 1);
        assert_eq!(*all().first().unwrap().code, *GENERIC);
    }
}
