//! Records of every resource, made by walking the catalogue: an operation that creates is
//! called with its example, once the records that the example names are there.

use std::collections::{BTreeMap, BTreeSet};

use clinicos_contract::{Reach, Reply as Answers, Schema, Shape, Spec, id};
use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::call::{As, Call, Reply};
use crate::needs::Needs;
use crate::world::{Clinic, MadeKey, World};

/// Operations that need another one first, because a fresh sample is in no state for them.
const FIRST: &[(&str, &[&str])] = &[
    ("consents.delete", &["consents.update"]),
    ("documents.get_content", &["documents.add_content"]),
    ("clients.delete", &["invoices.void", "refunds.update", "payments.delete", "patients.delete"]),
    ("connections.resume", &["connections.pause"]),
    ("invoices.delete", &["invoices.void"]),
    ("record_imports.add", &["record_imports.begin"]),
    ("record_imports.finish", &["record_imports.begin"]),
    ("record_imports.abandon", &["record_imports.begin"]),
    ("payments.delete", &["refunds.update"]),
    ("organizations.delete", &["clinics.delete"]),
    ("visits.add_addendum", &["visits.sign"]),
];

/// Operations that make something and show nothing of it, in the order in which they need one another.
const SILENT: &[&str] = &["import_rejects.add"];

/// Operations that give a record what is read from it by itself.
const FILLING: &[&str] = &["documents.add_content"];

/// Records of which an example names a second one, and what creates it.
pub(crate) const OTHERS: &[(&str, &str)] = &[("other_client_id", "clients.create"), ("other_patient_id", "patients.create")];

/// What tells a record from others of the same parent, in an example's body: it counts up.
const COUNTED: &[(&str, &str, u64)] =
    &[("import_files.create", "/name", 1_000_000), ("import_rejects.add", "/rejects/0/line", 1_000_000)];

/// What has to happen before a fresh sample is in a state for an operation.
pub fn first(spec: &Spec) -> &'static [&'static str] {
    FIRST.iter().find(|(later, _)| *later == spec.id).map_or(&[], |(_, first)| first)
}

/// Resources of which the operator makes more than the caller's own.
const OPERATORS: &[&str] = &["organizations", "clinics"];

/// Ids of records of one clinic, by parameter: `invoice_id`.
#[derive(Debug, Clone)]
pub struct Samples {
    clinic: Clinic,
    ids: BTreeMap<String, String>,
    /// An organization and a clinic that nobody uses, for what only the operator does.
    spare: BTreeMap<String, String>,
}

impl Samples {
    /// Makes one record of each resource of which a clinic can make any.
    pub async fn make(world: &World, clinic: &Clinic) -> Self {
        Self::make_some(world, clinic, &Needs::all(world)).await
    }

    /// Makes what this operation needs, and one of what it shows. Many times as fast as all of them.
    pub async fn of(world: &World, clinic: &Clinic, spec: &'static Spec) -> Self {
        Self::make_some(world, clinic, &Needs::of(world, spec)).await
    }

    async fn make_some(world: &World, clinic: &Clinic, needs: &Needs) -> Self {
        let own = [("organization_id", &clinic.organization_id), ("clinic_id", &clinic.clinic_id)];
        let mut ids: BTreeMap<String, String> = own.into_iter().map(|(name, id)| (name.to_owned(), id.clone())).collect();
        ids.insert("chunk".to_owned(), "0".to_owned());
        let mut samples = Self { clinic: clinic.clone(), ids, spare: BTreeMap::new() };
        let mut left = needs.creates(world);
        while !left.is_empty() {
            let (possible, later): (Vec<_>, Vec<_>) = left.iter().partition(|spec| samples.can_fill(spec));
            assert!(!possible.is_empty(), "nothing makes what these examples name: {:?}", ids_of(&later));
            for spec in possible {
                let call = samples.call(world, spec).await;
                let reply = samples.caller(world, spec).send(call).await.expect(201);
                samples.remember(spec, &reply);
            }
            left = later;
        }
        // Any record can be previewed.
        if let Some(client) = samples.ids.get("client_id").cloned() {
            samples.ids.insert("record_id".to_owned(), client);
        }
        samples.add_others(world, needs).await;
        samples.add_silent(world).await;
        samples
    }

    /// All of them, made with a key of the clinic; what has to happen later, its admin does.
    pub async fn make_by(world: &World, clinic: &Clinic, key: &MadeKey) -> Self {
        let maker = Clinic { admin_key: key.secret.clone(), ..clinic.clone() };
        Self { clinic: clinic.clone(), ..Self::make(world, &maker).await }
    }

    /// What this operation needs, made with a key of the clinic.
    pub async fn of_by(world: &World, clinic: &Clinic, key: &MadeKey, spec: &'static Spec) -> Self {
        let maker = Clinic { admin_key: key.secret.clone(), ..clinic.clone() };
        Self { clinic: clinic.clone(), ..Self::of(world, &maker, spec).await }
    }

    /// Another one of what examples need two of: `other_client_id`.
    async fn add_others(&mut self, world: &World, needs: &Needs) {
        for (name, creates) in OTHERS.iter().filter(|(name, _)| needs.name(name)) {
            let spec = world.spec(creates);
            let mut call = self.call(world, spec).await;
            // It is the other client's, so that nothing keeps the first one.
            if let Some(other) = self.ids.get("other_client_id") {
                call.body = String::from_utf8_lossy(&call.body).replace(self.id("client_id"), other).into();
            }
            let reply = self.caller(world, spec).send(call).await.expect(201);
            self.ids.insert((*name).to_owned(), reply.id());
        }
    }

    async fn add_silent(&self, world: &World) {
        let there = |spec: &&'static Spec| self.can_fill(spec) && (SILENT.contains(&spec.id) || FILLING.contains(&spec.id));
        for spec in world.specs().into_iter().filter(there) {
            let reply = self.caller(world, spec).send(self.plain(world, spec).await).await;
            assert!(reply.status < 300, "{}: {}", reply.label, reply.json);
        }
    }

    /// Adds to the lists of parts, such as the files of an import, another one of each.
    pub async fn add_parts(&self, world: &World) {
        for spec in world.specs().into_iter().filter(|spec| COUNTED.iter().any(|(id, ..)| *id == spec.id)) {
            let reply = self.caller(world, spec).send(self.plain(world, spec).await).await;
            assert!(reply.status < 300, "{}: {}", reply.label, reply.json);
        }
    }

    /// The id of a record: `id("invoice_id")`.
    pub fn id(&self, parameter: &str) -> &str {
        self.ids.get(parameter).map(String::as_str).unwrap_or_else(|| panic!("no sample for `{parameter}`"))
    }

    /// With records that nothing creates by itself, such as an audit entry.
    pub async fn with_listed(mut self, world: &World) -> Self {
        let parameters: BTreeSet<&str> = world.specs().into_iter().flat_map(|spec| spec.route.parameters()).collect();
        for name in parameters {
            if !self.ids.contains_key(name) && !self.spare.contains_key(name) {
                let id = self.listed(world, name).await;
                self.ids.insert(name.to_owned(), id);
            }
        }
        self
    }

    /// The same names with ids that no record has.
    #[must_use]
    pub fn absent(&self) -> Self {
        // A number in a path, such as a chunk's, is no id: it stays.
        let absent = |name: &str, id: &str| match id::parse_any(id) {
            Some((prefix, _)) => absent_id(prefix),
            None => self.id(name).to_owned(),
        };
        let ids = self.ids.iter().map(|(name, id)| (name.clone(), absent(name, id))).collect();
        Self { ids, ..self.clone() }
    }

    /// The id of a record, if there is one.
    pub fn known_id(&self, parameter: &str) -> Option<&str> {
        self.ids.get(parameter).map(String::as_str)
    }

    /// Whether there is what an operation's path names, and of what it shows.
    pub fn knows(&self, spec: &Spec) -> bool {
        let shown = spec.reply_schema().map(|schema| format!("{}_id", schema.name));
        self.can_fill(spec) && shown.is_none_or(|name| self.ids.contains_key(&name) || self.spare.contains_key(&name))
    }

    /// Every id.
    pub fn all_ids(&self) -> Vec<String> {
        self.ids.iter().filter(|(name, _)| name.ends_with("_id")).map(|(_, id)| id.clone()).collect()
    }

    /// A text with the placeholders filled in.
    pub fn filled(&self, text: &str) -> String {
        fill(text, &self.ids)
    }

    /// Who can call an operation: the clinic's admin, or else the operator.
    pub fn caller(&self, world: &World, spec: &Spec) -> As {
        if world.is_operators(spec) { world.as_operator() } else { world.as_key(&self.clinic.admin_key) }
    }

    /// A call that will succeed: path, body, `Idempotency-Key` and `If-Match` are filled in, and
    /// what has to happen first has happened.
    pub async fn ready(&self, world: &World, spec: &'static Spec) -> Call {
        for first in first(spec) {
            let first = world.spec(first);
            let call = self.ready_later(world, first).await;
            let reply = self.caller(world, first).send(call).await;
            assert!(reply.status < 300, "{}: {}", reply.label, reply.json);
        }
        self.call(world, spec).await
    }

    /// The same from within itself.
    fn ready_later<'s>(&'s self, world: &'s World, spec: &'static Spec) -> BoxFuture<'s, Call> {
        Box::pin(self.ready(world, spec))
    }

    /// The same for a record in whichever state it is.
    pub async fn call(&self, world: &World, spec: &'static Spec) -> Call {
        let call = self.plain(world, spec).await;
        if !spec.if_match {
            return call;
        }
        let current = self.caller(world, spec).get(&call.target).await.expect(200);
        call.set("if-match", current.etag())
    }

    /// A call with everything that it needs, of a record that is there. Nothing has happened
    /// for it, and `If-Match` names a version that never was.
    pub async fn plain(&self, world: &World, spec: &'static Spec) -> Call {
        let path = self.path(world, spec).await;
        self.at(world, spec, &path)
    }

    /// The same of records that were never there: their ids are well formed.
    pub async fn with_absent_ids(&self, world: &World, spec: &'static Spec) -> Call {
        self.with_ids(world, spec, |name| absent_id(self.prefix(world, name)))
    }

    /// The same with other ids in its path.
    pub fn with_ids(&self, world: &World, spec: &'static Spec, id: impl Fn(&str) -> String) -> Call {
        // A number in a path names a part of what an id names.
        let value = |name: &str| if name.ends_with("_id") { id(name) } else { self.id(name).to_owned() };
        let ids = spec.route.parameters().map(|name| (name.to_owned(), value(name))).collect();
        self.at(world, spec, &fill(spec.route.path, &ids))
    }

    fn at(&self, world: &World, spec: &Spec, path: &str) -> Call {
        let mut call = Call::new(spec.route.method.name(), self.target(world, spec, path));
        if let Some(body) = self.body(world, spec) {
            call = call.json(&body);
        }
        if spec.idempotent {
            call = call.header("idempotency-key", world.as_operator().fresh_idempotency_key());
        }
        if spec.if_match {
            call = call.header("if-match", "\"0-00000000\"");
        }
        call
    }

    /// The prefix of the ids that a parameter takes.
    pub fn prefix(&self, world: &World, parameter: &str) -> &'static str {
        let schemas: Vec<_> = world.specs().into_iter().filter_map(Spec::reply_schema).collect();
        let parameter = parameter.strip_prefix("other_").unwrap_or(parameter);
        let parameter = if parameter == "record_id" { "client_id" } else { parameter };
        let named = schemas.iter().find(|schema| format!("{}_id", schema.name) == parameter);
        let id = named.and_then(|schema| schema.field("id"));
        // What a field such as `provider_id` names, its own shape tells.
        let id = id.or_else(|| schemas.iter().find_map(|schema| schema.field(parameter)));
        match id.map(|(_, field)| field.shape) {
            Some(Shape::Id(prefix)) => prefix,
            _ => panic!("nothing says what `{parameter}` looks like"),
        }
    }

    /// The example body with its placeholders filled in.
    pub fn body(&self, world: &World, spec: &Spec) -> Option<Value> {
        spec.body.as_ref()?;
        let mut body: Value = serde_json::from_str(&fill(spec.example, self.known(world, spec))).unwrap();
        if let Some((_, pointer, most)) = COUNTED.iter().find(|(id, ..)| *id == spec.id) {
            let number = world.as_operator().fresh_number() % most + 1;
            let slot = body.pointer_mut(pointer).unwrap();
            *slot = slot.as_str().map_or_else(|| Value::from(number), |text| Value::from(format!("{number}-{text}")));
        }
        Some(body)
    }

    fn target(&self, world: &World, spec: &Spec, path: &str) -> String {
        if spec.into_empty {
            return format!("{path}?clinic_id={}", self.spare.get("clinic_id").map_or("", String::as_str));
        }
        if world.is_operators(spec) && !OPERATORS.contains(&spec.resource.name) {
            return format!("{path}?clinic_id={}", self.clinic.clinic_id);
        }
        path.to_owned()
    }

    async fn path(&self, world: &World, spec: &'static Spec) -> String {
        let mut ids = self.known(world, spec).clone();
        for name in spec.route.parameters().filter(|name| !self.known(world, spec).contains_key(*name)) {
            ids.insert(name.to_owned(), self.listed(world, name).await);
        }
        fill(spec.route.path, &ids)
    }

    /// A record that nothing creates by itself, such as an audit entry: the last of a list, or what the last
    /// of a list names.
    async fn listed(&self, world: &World, parameter: &str) -> String {
        let schema = |spec: &Spec| match spec.reply {
            Answers::List { schema } => Some(schema),
            Answers::One { .. } | Answers::Empty | Answers::Accepted | Answers::Lines => None,
        };
        let (specs, is_its_own) = (world.specs(), |schema: &Schema| format!("{}_id", schema.name) == parameter);
        let lists = |own: bool| {
            let fits = |schema: &Schema| if own { is_its_own(schema) } else { schema.field(parameter).is_some() };
            specs.iter().find(|spec| schema(spec).is_some_and(fits) && spec.route.parameters().next().is_none())
        };
        let Some((list, member)) = lists(true).map(|list| (list, "id")).or_else(|| lists(false).map(|list| (list, parameter)))
        else {
            panic!("no operation lists what `{parameter}` names")
        };
        let page = self.caller(world, list).get(list.route.path).await.expect(200);
        page.data().last().and_then(|record| record[member].as_str()).unwrap().to_owned()
    }

    fn known(&self, world: &World, spec: &Spec) -> &BTreeMap<String, String> {
        let spares = world.is_operators(spec) && OPERATORS.contains(&spec.resource.name);
        if spares { &self.spare } else { &self.ids }
    }

    fn can_fill(&self, spec: &Spec) -> bool {
        let known =
            if spec.reach == Reach::Operator && OPERATORS.contains(&spec.resource.name) { &self.spare } else { &self.ids };
        spec.route.parameters().all(|name| known.contains_key(name)) && !fill(spec.example, known).contains("_id}")
    }

    /// Remembers the record that was made, and records that it names and that were made with it.
    fn remember(&mut self, spec: &Spec, reply: &Reply) {
        let spares = OPERATORS.contains(&spec.resource.name);
        let known = if spares { &mut self.spare } else { &mut self.ids };
        let schema = spec.reply_schema().unwrap();
        known.insert(format!("{}_id", schema.name), reply.id());
        let members = reply.json.as_object().unwrap();
        for (name, value) in members.iter().filter(|(name, _)| name.ends_with("_id")) {
            if let Some(id) = value.as_str() {
                known.entry(name.clone()).or_insert_with(|| id.to_owned());
            }
        }
    }
}

fn ids_of(specs: &[&'static Spec]) -> Vec<&'static str> {
    specs.iter().map(|spec| spec.id).collect()
}

/// Puts ids in place of `{client_id}` and the like.
pub fn fill(text: &str, ids: &BTreeMap<String, String>) -> String {
    ids.iter().fold(text.to_owned(), |text, (name, id)| text.replace(&format!("{{{name}}}"), id))
}

/// A well-formed id that no record has.
pub fn absent_id(prefix: &str) -> String {
    format!("{prefix}_{}", id::text_of(id::uuid_v7(1, [7; 10])))
}

/// The id of every record in an answer, also of those within others.
pub fn record_ids(json: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(json, &mut found);
    found
}

fn collect(json: &Value, found: &mut BTreeSet<String>) {
    match json {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => {
            // What is told of is named even where the record itself is not shown.
            let told = members.get("record_id").filter(|_| members.contains_key("record"));
            let ids = members.get("id").into_iter().chain(told).filter_map(Value::as_str);
            found.extend(ids.filter(|text| id::parse_any(text).is_some()).map(str::to_owned));
            members.values().for_each(|member| collect(member, found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
