//! What a connection may do, in words. The summary of a connection, the list of all, the boxes to
//! tick and the history say it from here: scopes, less what an admin took away of them since.

use std::collections::BTreeSet;

use clinicos_contract::{Access, Category, RateClass, Resource, Spec};
use clinicos_gate::Catalogue;
use serde_json::Value;

use super::ask::{is, list, text, texts};
use super::say::lower;

/// What a scope is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Seeing a resource.
    See,
    /// Changing it.
    Change,
    /// A named action on it, such as paying back.
    Act,
}

/// What a scope lets its holder do.
pub struct Power {
    /// The resource.
    pub resource: &'static Resource,
    /// What for.
    pub kind: Kind,
    /// The scope.
    pub scope: String,
    /// Words that begin with a verb: `record and change payments`.
    pub words: String,
    /// The operations of the scope that a key may call: their ids, and what they do.
    operations: Vec<(&'static str, String)>,
}

/// What a connection is held to, as the API tells it.
#[derive(Default)]
pub struct Bounds {
    scopes: Vec<String>,
    categories: BTreeSet<String>,
    excluded: Vec<String>,
    writes_enabled: bool,
    /// Classes of calls that it may make none of.
    barred: Vec<&'static str>,
}

impl Bounds {
    /// Those of a connection at a moment, in RFC 3339.
    pub fn of(record: &Value, now: &str) -> Self {
        let own = text(record, "purpose");
        // The gate takes those of the connection's own purpose that have not ended. All times have one
        // length, so they compare as text.
        let counts = |opt_in: &&Value| {
            let (purpose, end) = (text(opt_in, "purpose"), text(opt_in, "expires_at"));
            (purpose.is_empty() || purpose == own) && (end.is_empty() || *now < *end)
        };
        let limit = |class: &str| record.get("limits").and_then(|limits| limits.get(class)).and_then(Value::as_u64);
        Self {
            scopes: texts(record, "scopes"),
            categories: list(record, "opt_ins").iter().filter(counts).map(|opt_in| text(opt_in, "category")).collect(),
            excluded: texts(record, "excluded_operations"),
            writes_enabled: is(record, "writes_enabled"),
            barred: [RateClass::Read, RateClass::Write]
                .map(RateClass::name)
                .into_iter()
                .filter(|class| limit(class) == Some(0))
                .collect(),
        }
    }

    /// Whether data of a category is shown to it.
    pub fn shows(&self, category: Category) -> bool {
        self.categories.contains(category.name())
    }

    fn holds(&self, power: &Power) -> bool {
        let of = |access: Access| format!("{}:{}", power.resource.name, access.name());
        // Who may change something may see it, too.
        let implied = power.kind == Kind::See && self.scopes.contains(&of(Access::Write));
        implied || self.scopes.contains(&power.scope)
    }

    fn is_open(&self, power: &Power) -> bool {
        self.shows(power.resource.primary)
    }

    fn forbids(&self, operation: &str) -> bool {
        self.excluded.iter().any(|excluded| excluded == operation)
    }
}

impl Power {
    /// Whether some call of a key needs it.
    pub fn is_needed(&self) -> bool {
        !self.operations.is_empty()
    }

    /// Whether it is one of changing anything.
    pub fn writes(&self) -> bool {
        self.kind != Kind::See
    }

    /// What is left of it to a connection that holds it, if anything is. The switch that turns all
    /// changes off is told beside it.
    fn left(&self, bounds: &Bounds) -> Option<String> {
        let class = if self.writes() { RateClass::Write } else { RateClass::Read };
        let (forbidden, allowed): (Vec<_>, Vec<_>) = self.operations.iter().partition(|(id, _)| bounds.forbids(id));
        if !bounds.holds(self) || !bounds.is_open(self) || allowed.is_empty() || bounds.barred.contains(&class.name()) {
            return None;
        }
        let named =
            |operations: &[&(&str, String)]| operations.iter().map(|(_, does)| does.as_str()).collect::<Vec<_>>().join(", ");
        Some(match (self.kind, forbidden.as_slice()) {
            (Kind::Act, _) => named(&allowed),
            (_, []) => self.words.clone(),
            (_, forbidden) => format!("{} (not: {})", self.words, named(forbidden)),
        })
    }

    /// What was taken away of it, in a sentence, from who holds its scope.
    pub fn taken(&self, bounds: &Bounds) -> Option<String> {
        let forbidden: Vec<&str> =
            self.operations.iter().filter(|(id, _)| bounds.forbids(id)).map(|(_, does)| does.as_str()).collect();
        if !bounds.scopes.contains(&self.scope) {
            None
        } else if !bounds.is_open(self) {
            Some("Now not: this kind of data is closed to it.".to_owned())
        } else if self.writes() && !bounds.writes_enabled {
            Some("Now not: changes are off.".to_owned())
        } else if !forbidden.is_empty() {
            Some(format!("Forbidden now: {}.", forbidden.join(", ")))
        } else if bounds.barred.contains(&if self.writes() { RateClass::Write } else { RateClass::Read }.name()) {
            Some("Now not: its limit is 0 calls a minute.".to_owned())
        } else {
            None
        }
    }
}

/// Everything that scopes let their holders do.
pub struct Powers(Vec<Power>);

impl Powers {
    /// That of a catalogue.
    pub fn of(catalogue: &Catalogue) -> Self {
        let mut found: Vec<Power> = Vec::new();
        for resource in catalogue.resources().iter().copied() {
            let mut add = |kind, access: Access, words: &str| {
                let scope = format!("{}:{}", resource.name, access.name());
                let operations = callable(catalogue).filter(|spec| spec.scope() == scope);
                let operations: Vec<_> = operations.map(|spec| (spec.id, lower(spec.summary))).collect();
                let words = if kind == Kind::Act { operations.first().map_or("", |(_, does)| does) } else { words };
                if !words.is_empty() && !found.iter().any(|known| known.scope == scope) {
                    found.push(Power { resource, kind, scope, words: words.to_owned(), operations });
                }
            };
            add(Kind::See, Access::Read, resource.can_see);
            add(Kind::Change, Access::Write, resource.can_change);
            let acts = catalogue.specs().filter(|spec| spec.resource.name == resource.name).map(|spec| spec.access);
            acts.filter(|access| matches!(access, Access::Action(_))).for_each(|access| add(Kind::Act, access, ""));
        }
        Self(found)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Power> {
        self.0.iter()
    }

    /// What a connection can see, without the verb: `invoices and what is owed`.
    pub fn sees(&self, bounds: &Bounds) -> Vec<String> {
        let left = self.0.iter().filter(|power| !power.writes()).filter_map(|power| power.left(bounds));
        left.map(|words| words.trim_start_matches("see ").to_owned()).collect()
    }

    /// What it can change or trigger, while its changes are on.
    pub fn changes(&self, bounds: &Bounds) -> Vec<String> {
        self.0.iter().filter(|power| power.writes()).filter_map(|power| power.left(bounds)).collect()
    }

    /// Whether it can change anything now.
    pub fn can_change(&self, bounds: &Bounds) -> bool {
        bounds.writes_enabled && self.0.iter().any(|power| power.writes() && power.left(bounds).is_some())
    }

    /// What a scope allows.
    pub fn words(&self, scope: &str) -> Option<&str> {
        self.0.iter().find(|power| power.scope == scope).map(|power| power.words.as_str())
    }
}

/// The operations that a key may call at all.
pub fn callable(catalogue: &Catalogue) -> impl Iterator<Item = &'static Spec> {
    catalogue.specs().filter(|spec| !spec.is_operators() && !spec.is_open())
}

/// The fields of a connection that its bounds are read from.
pub const FIELDS: &str = "purpose,scopes,opt_ins,excluded_operations,writes_enabled,limits";
