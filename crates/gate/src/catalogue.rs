//! The catalogue: every operation, checked once when the server starts.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use clinicos_contract::event::EventType;
use clinicos_contract::scope::{SCOPES_MAX, ScopeTable};
use clinicos_contract::{Field, Link, Method, RateClass, Reply, Resource, Shape, Spec};

use crate::follow::{self, Direct};
use crate::include::Linked;
use crate::operation::AnyOperation;

/// Every operation of the server.
pub struct Catalogue {
    operations: Vec<&'static dyn AnyOperation>,
    scopes: Arc<ScopeTable>,
    scope_of: BTreeMap<&'static str, usize>,
    /// Each link, and the operation that reads the same directly.
    linked: Vec<(&'static Linked, &'static Spec)>,
    /// The resources whose changes are told.
    followed: Vec<Direct>,
}

/// Why a catalogue cannot be served. Found when the server starts, and by a test.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Inconsistent {
    /// Two operations have the same id or route.
    #[error("`{0}` is declared twice")]
    Twice(String),
    /// An operation leaves out what has no default.
    #[error("`{0}` has no {1}")]
    Missing(&'static str, &'static str),
    /// A declaration contradicts itself or the style of the API.
    #[error("`{0}`: {1}")]
    Contradiction(&'static str, &'static str),
    /// There are more scopes than a set can hold.
    #[error("more than {SCOPES_MAX} scopes")]
    Scopes,
}

impl Catalogue {
    /// The catalogue of these operations, and of how the links that they declare are followed.
    pub fn new(operations: Vec<&'static dyn AnyOperation>, links: &[&'static Linked]) -> Result<Self, Inconsistent> {
        let mut seen = HashSet::new();
        for operation in &operations {
            let spec = operation.spec();
            check(spec)?;
            let route = format!("{} {}", spec.route.method.name(), spec.route.path);
            if !seen.insert(spec.id.to_owned()) || !seen.insert(route) {
                return Err(Inconsistent::Twice(spec.id.to_owned()));
            }
        }
        let scopes = ScopeTable::of(
            operations.iter().map(|operation| operation.spec()).filter(|spec| spec.is_public() && !spec.is_open()),
        );
        if scopes.names().count() > SCOPES_MAX {
            return Err(Inconsistent::Scopes);
        }
        let scope_of = operations
            .iter()
            .filter_map(|operation| Some((operation.spec().id, scopes.position(&operation.spec().scope())?)))
            .collect();
        let linked = linked(&operations, links)?;
        let followed = follow::directs(&operations);
        Ok(Self { operations, linked, followed, scopes: Arc::new(scopes), scope_of })
    }

    /// Every operation, in declared order: those of the API, and those for people alone.
    pub fn operations(&self) -> impl Iterator<Item = &'static dyn AnyOperation> {
        self.operations.iter().copied()
    }

    /// Those that the API lists, in declared order.
    pub fn public(&self) -> impl Iterator<Item = &'static dyn AnyOperation> {
        self.operations().filter(|operation| operation.spec().is_public())
    }

    /// The declarations of the API, in declared order.
    pub fn specs(&self) -> impl Iterator<Item = &'static Spec> {
        self.public().map(|operation| operation.spec())
    }

    /// The operation with this id.
    pub fn find(&self, id: &str) -> Option<&'static dyn AnyOperation> {
        self.operations().find(|operation| operation.spec().id == id)
    }

    /// How a link is followed, and the operation that reads the same directly.
    pub fn linked(&self, link: &'static Link) -> Option<(&'static Linked, &'static Spec)> {
        self.linked.iter().copied().find(|(linked, _)| std::ptr::eq(&linked.link, link))
    }

    /// The resources whose changes are told, and how a record of each is read.
    pub fn followed(&self) -> &[Direct] {
        &self.followed
    }

    /// Whether an operation is about what a clinic's record is made of: what goes out of a clinic and comes in again.
    pub fn is_of_record(&self, spec: &Spec) -> bool {
        self.followed.iter().any(|direct| direct.operation.spec().resource.name == spec.resource.name)
    }

    /// Every resource that some operation is guarded by, once.
    pub fn resources(&self) -> Vec<&'static Resource> {
        let mut resources: Vec<&'static Resource> = Vec::new();
        for spec in self.specs() {
            if !resources.iter().any(|known| known.name == spec.resource.name) {
                resources.push(spec.resource);
            }
        }
        resources
    }

    /// Every event that some operation emits, once, by name.
    pub fn events(&self) -> Vec<&'static EventType> {
        let mut events: Vec<&'static EventType> = self.specs().flat_map(|spec| spec.emits.iter().copied()).collect();
        events.sort_by_key(|event| event.name);
        events.dedup();
        events
    }

    /// The scopes.
    pub fn scopes(&self) -> &Arc<ScopeTable> {
        &self.scopes
    }

    /// The number of the scope that an operation needs. One that no set holds, if it is unknown.
    pub fn scope_of(&self, spec: &Spec) -> usize {
        self.scope_of.get(spec.id).copied().unwrap_or(SCOPES_MAX)
    }

    /// A name for this set of operations: grants say which one they were made from.
    pub fn version(&self) -> String {
        let text: String = self.specs().map(|spec| spec.id).collect::<Vec<_>>().join("\n");
        format!("{}-{:08x}", clinicos_contract::version::LATEST, crc32fast::hash(text.as_bytes()))
    }
}

/// Each declared link with how it is followed.
fn linked(
    operations: &[&'static dyn AnyOperation],
    links: &[&'static Linked],
) -> Result<Vec<(&'static Linked, &'static Spec)>, Inconsistent> {
    let mut found: Vec<(&'static Linked, &'static Spec)> = Vec::new();
    for spec in operations.iter().map(|operation| operation.spec()) {
        for link in spec.links {
            let wrong = |rule| Inconsistent::Contradiction(spec.id, rule);
            let how = links.iter().find(|linked| std::ptr::eq(&linked.link, *link));
            let how = how.ok_or_else(|| wrong("nothing says how a link is followed"))?;
            let direct = operations.iter().map(|operation| operation.spec()).find(|direct| direct.id == link.reads);
            let direct = direct.filter(|direct| direct.route.method == Method::Get && direct.reach == spec.reach);
            let direct = direct.ok_or_else(|| wrong("no operation reads directly what a link leads to"))?;
            if !reads(direct, link) {
                return Err(wrong("the operation that a link names reads something else"));
            }
            if !found.iter().any(|(known, _)| std::ptr::eq(*known, *how)) {
                found.push((how, direct));
            }
        }
    }
    Ok(found)
}

/// Whether what a link leads to is what the operation answers with, or a part of it.
fn reads(direct: &Spec, link: &Link) -> bool {
    let Some(schema) = direct.reply_schema() else { return false };
    let is_part = |field: &Field| matches!(field.shape, Shape::List(Shape::Record(part)) if part.name == link.schema.name);
    schema.name == link.schema.name || schema.field(link.name).is_some_and(|(_, field)| is_part(field))
}

fn check(spec: &'static Spec) -> Result<(), Inconsistent> {
    let given = [("id", spec.id), ("path", spec.route.path), ("summary", spec.summary), ("resource", spec.resource.name)];
    if let Some((what, _)) = given.into_iter().find(|(_, value)| value.is_empty()) {
        return Err(Inconsistent::Missing(spec.id, what));
    }
    let creates = spec.route.method == Method::Post;
    let changes = matches!(spec.route.method, Method::Patch | Method::Delete);
    let rules = [
        (spec.route.method == Method::Get && spec.writes(), "a GET cannot write"),
        (spec.route.method != Method::Get && !spec.writes(), "only a GET can have read access"),
        (
            (creates && spec.is_public() && !spec.is_open()) != spec.idempotent,
            "a POST of the API requires an idempotency key, and nothing else does",
        ),
        (spec.is_open() && !matches!(spec.reply, Reply::Accepted), "what anybody may call tells nothing"),
        (spec.is_open() && !matches!(spec.rate, RateClass::Govern), "what anybody may call is charged as what governs"),
        (changes != spec.if_match, "a PATCH or DELETE requires If-Match, and nothing else does"),
        (spec.heeds_if_match && (!creates || spec.if_match), "only a POST can heed an If-Match that it does not require"),
        (spec.held.is_some_and(|name| !spec.route.parameters().any(|one| one == name)), "a held snapshot is named in the path"),
        (spec.held.is_some() && spec.writes(), "only a read can read in a held snapshot"),
        (spec.body.is_some() && spec.example.is_empty(), "a body needs an example"),
        (spec.body.is_none() && !spec.example.is_empty(), "an example needs a body"),
        (!spec.links.is_empty() && spec.route.method != Method::Get, "only a GET includes linked records"),
        (
            spec.follows && !(spec.route.method == Method::Get && matches!(spec.reply, Reply::List { .. })),
            "only a list tells of changes",
        ),
        (!spec.route.path.starts_with("/v1/"), "a path starts with /v1/"),
        (spec.body.is_some_and(|body| body.schema.fields.len() > 64), "a schema has at most 64 fields"),
        (spec.reply_schema().is_some_and(|schema| schema.fields.len() > 64), "a schema has at most 64 fields"),
    ];
    match rules.into_iter().find(|(broken, _)| *broken) {
        Some((_, rule)) => Err(Inconsistent::Contradiction(spec.id, rule)),
        None => Ok(()),
    }
}
