//! The kinds of records that a clinic has. All of it follows from the catalogue: a kind that is new
//! there is on the pages.

use clinicos_contract::schema::Filter;
use clinicos_contract::{Field, Method, Reply, Schema, Shape, Spec};
use clinicos_gate::Catalogue;
use clinicos_gate::people::Role;

use crate::words::{capital, in_path};

/// What records of other systems are told by. Records of the practice have it; what the server keeps of
/// itself (connections, keys, people) has not, and has pages of its own.
const KEPT_ELSEWHERE_TOO: &str = "external_ids";
/// The clinic and its organization: whose a record is, and never what it is about.
const TENANTS: [&str; 2] = ["cln", "org"];

/// Records of one shape that can be listed and read.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// As in addresses: `lab_orders`.
    pub name: &'static str,
    pub list: &'static Spec,
    pub get: &'static Spec,
    pub schema: &'static Schema,
    /// How the ids of such records begin.
    pub prefix: &'static str,
}

/// Those that somebody with this role may read.
pub fn kinds(catalogue: &Catalogue, role: Option<Role>) -> Vec<Kind> {
    let may = |spec: &Spec| role.is_some_and(|role| role.may_call(spec));
    let kinds = catalogue.specs().filter_map(|list| of_list(catalogue, list));
    kinds.filter(|kind| may(kind.list) && may(kind.get)).collect()
}

fn of_list(catalogue: &Catalogue, list: &'static Spec) -> Option<Kind> {
    let Reply::List { schema } = list.reply else { return None };
    let Shape::Id(prefix) = schema.field("id")?.1.shape else { return None };
    schema.field(KEPT_ELSEWHERE_TOO)?;
    let name = list.route.path.strip_prefix("/v1/").filter(|name| !name.contains(['/', '{']))?;
    let gets = |spec: &&'static Spec| {
        let below = spec.route.path.strip_prefix(list.route.path).and_then(|rest| rest.strip_prefix("/{")?.strip_suffix('}'));
        spec.route.method == Method::Get && below.is_some_and(|parameter| !parameter.contains('/'))
    };
    let get = catalogue.specs().find(gets)?;
    let Reply::One { schema, .. } = get.reply else { return None };
    Some(Kind { name, list, get, schema, prefix })
}

/// The kind that an id or a prefix is of.
pub fn of_id<'k>(kinds: &'k [Kind], id: &str) -> Option<&'k Kind> {
    let prefix = id.split('_').next().unwrap_or_default();
    kinds.iter().find(|kind| kind.prefix == prefix)
}

impl Kind {
    /// Several of them: `appointment types`.
    pub fn many(&self) -> &'static str {
        self.list.summary.strip_prefix("List ").unwrap_or(self.list.summary)
    }

    /// One of them: `appointment type`.
    pub fn one(&self) -> &'static str {
        let one = self.get.summary.strip_prefix("Get ").unwrap_or(self.get.summary);
        one.strip_prefix("an ").or_else(|| one.strip_prefix("a ")).unwrap_or(one)
    }

    /// For a heading.
    pub fn title(&self) -> String {
        capital(self.many())
    }

    /// Where all of them are.
    pub fn href(&self) -> String {
        format!("/console/records/{}", self.name)
    }

    /// Where one of them is.
    pub fn href_of(&self, id: &str) -> String {
        format!("/console/records/{}/{}", self.name, in_path(id))
    }

    /// What the operation that reads one calls the id.
    pub fn parameter(&self) -> &'static str {
        self.get.route.parameters().next().unwrap_or_default()
    }

    /// What such records are sorted by, if by more than their last change: a name, or when it was.
    pub fn order(&self) -> Option<&'static Field> {
        self.schema.fields.iter().find(|field| field.sort && !is_system(field))
    }

    /// Whether something is left of such a record when it was deleted.
    pub fn can_be_deleted(&self) -> bool {
        self.schema.field("deleted_at").is_some()
    }

    /// The fields by which records can be found that belong to one of another kind.
    pub fn leads_to(&self, other: &Kind) -> impl Iterator<Item = &'static Field> {
        let prefix = other.prefix;
        self.schema.fields.iter().filter(move |field| field.filter != Filter::None && link(&field.shape) == Some(prefix))
    }
}

/// The kind of records that a field names, by its prefix.
pub fn link(shape: &Shape) -> Option<&'static str> {
    match shape {
        Shape::Id(prefix) if !is_tenant(prefix) => Some(prefix),
        Shape::List(Shape::Id(prefix)) => Some(prefix),
        _ => None,
    }
}

/// Whether an id names a clinic or an organization.
pub fn is_tenant(prefix: &str) -> bool {
    TENANTS.contains(&prefix)
}

/// Whether a field is about the record as such, and not about what it records.
pub fn is_system(field: &Field) -> bool {
    const OF_ANY: [&str; 5] = ["id", "created_at", "updated_at", "version", "deleted_at"];
    matches!(field.shape, Shape::Id(prefix) if is_tenant(prefix))
        || field.name == KEPT_ELSEWHERE_TOO
        || OF_ANY.contains(&field.name)
}
