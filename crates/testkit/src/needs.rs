//! Which records an operation needs before it can be called, found by walking the catalogue.

use std::collections::BTreeSet;

use clinicos_contract::{Reply, Spec};

use crate::samples::{OTHERS, first};
use crate::world::World;

/// What has to be made.
#[derive(Debug)]
pub(crate) struct Needs {
    /// Names of ids, such as `invoice_id`. Those of the clinic itself are among them and made by nobody.
    names: BTreeSet<String>,
    /// The operations that make them.
    creates: BTreeSet<&'static str>,
}

impl Needs {
    /// One record of each resource, and every second one that examples name.
    pub(crate) fn all(world: &World) -> Self {
        let creates = creates(world).into_iter().map(|spec| spec.id).collect();
        Self { names: OTHERS.iter().map(|(name, _)| (*name).to_owned()).collect(), creates }
    }

    /// What this operation needs: the records that its path and its example name, with what those
    /// need, and one of what it shows. Who reads across kinds needs all.
    pub(crate) fn of(world: &World, spec: &'static Spec) -> Self {
        if matches!(spec.reply, Reply::Lines) {
            return Self::all(world);
        }
        let mut needs = Self { names: BTreeSet::new(), creates: BTreeSet::new() };
        needs.add(world, spec);
        needs
    }

    pub(crate) fn name(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    pub(crate) fn creates(&self, world: &World) -> Vec<&'static Spec> {
        creates(world).into_iter().filter(|spec| self.creates.contains(spec.id)).collect()
    }

    fn add(&mut self, world: &World, spec: &'static Spec) {
        for before in first(spec) {
            self.add(world, world.spec(before));
        }
        let shown = spec.reply_schema().map(|schema| format!("{}_id", schema.name));
        let named = spec.route.parameters().map(str::to_owned).chain(placeholders(spec.example));
        // A clinic without records is one that nobody uses.
        let empty = spec.into_empty.then(|| "clinic_id".to_owned());
        for name in named.chain(shown).chain(empty) {
            if !self.names.insert(name.clone()) {
                continue;
            }
            if let Some(maker) = maker(world, &name).filter(|maker| self.creates.insert(maker.id)) {
                self.add(world, maker);
            }
        }
    }
}

fn creates(world: &World) -> Vec<&'static Spec> {
    world.specs().into_iter().filter(|spec| spec.id.ends_with(".create")).collect()
}

/// The operation that makes what an id names: a record of that kind, or one that comes with it.
fn maker(world: &World, name: &str) -> Option<&'static Spec> {
    let kind = name.strip_prefix("other_").unwrap_or(name);
    let kind = if kind == "record_id" { "client_id" } else { kind };
    let of_kind = |spec: &&'static Spec| spec.reply_schema().is_some_and(|schema| format!("{}_id", schema.name) == kind);
    let comes_with = |spec: &&'static Spec| {
        spec.reply_schema().is_some_and(|schema| schema.field(kind).is_some())
            && placeholders(spec.example).all(|own| own != kind)
    };
    let makers = creates(world);
    makers.iter().copied().find(of_kind).or_else(|| {
        let is_own = matches!(kind, "clinic_id" | "organization_id");
        makers.iter().copied().find(|spec| !is_own && comes_with(spec))
    })
}

/// The names of ids in braces that stand in an example.
fn placeholders(example: &'static str) -> impl Iterator<Item = String> {
    let inside = example.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    inside.map(|(name, _)| name).filter(|name| name.ends_with("_id") && !name.contains('"')).map(str::to_owned)
}
