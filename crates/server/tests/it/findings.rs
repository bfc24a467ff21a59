//! Gathers what is wrong, so that one run names every operation that fails.

use std::collections::BTreeMap;

use clinicos_contract::{Spec, id};
use clinicos_store::journal::audit::Entry;
use clinicos_testkit::{Reply, World};

/// What was found wrong so far.
#[derive(Default)]
pub struct Findings {
    wrong: Vec<String>,
    answered: Vec<(String, u16, String)>,
}

impl Findings {
    /// Expects this refusal, and its entry in the journal.
    pub fn refused(&mut self, what: &str, reply: &Reply, status: u16, code: &str) {
        if reply.status != status || reply.code() != code {
            self.note(what, &format!("expected {status} {code}, got {} {}", reply.status, reply.json));
        }
        if reply.status >= 400 && reply.header("content-type") != "application/problem+json" {
            self.note(what, &format!("`{}` is no problem's media type", reply.header("content-type")));
        }
        self.answered.push((what.to_owned(), reply.status, reply.request_id().to_owned()));
    }

    /// Expects something else.
    pub fn check(&mut self, what: &str, holds: bool, otherwise: &str) {
        if !holds {
            self.note(what, otherwise);
        }
    }

    /// Something is wrong.
    pub fn note(&mut self, what: &str, wrong: &str) {
        self.wrong.push(format!("{what}: {wrong}"));
    }

    /// Checks that each answer has exactly one entry, and fails if anything was wrong.
    #[track_caller]
    pub fn done(mut self, journal: &[Entry]) {
        let mut entries: BTreeMap<[u8; 16], Vec<u16>> = BTreeMap::new();
        for entry in journal {
            entries.entry(entry.request_id).or_default().push(entry.status);
        }
        for (what, status, request_id) in std::mem::take(&mut self.answered) {
            let found = id::parse_any(&request_id).and_then(|(_, bytes)| entries.get(&bytes));
            if found != Some(&vec![status]) {
                self.note(&what, &format!("the journal has {found:?} for an answer of status {status}"));
            }
        }
        assert!(self.wrong.is_empty(), "{} findings:\n{}", self.wrong.len(), self.wrong.join("\n"));
    }
}

/// Every operation that a clinic's key can be allowed to call.
pub fn callable(world: &World) -> Vec<&'static Spec> {
    world.specs().into_iter().filter(|spec| !world.is_operators(spec) && !spec.is_open()).collect()
}

/// Whether an answer tells of calls, the one that asks among them: no two are the same.
pub fn tells_of_calls(spec: &Spec) -> bool {
    clinicos_testkit::apart::OF_CALLS.contains(&spec.resource.name)
}
