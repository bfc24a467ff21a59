//! An example for each operation, as a line for the shell that works as it stands: its body is
//! the declared one, and the ids that it names come from records that the page makes first.

use std::fmt::Write as _;

use clinicos_contract::{Access, Method, Reach, Reply, Schema, Spec};
use clinicos_gate::Catalogue;

/// What each example answered, when `cargo xtask generate` sent it.
const ANSWERS: &str = include_str!("../../../../../generated/answers.md");

/// Every record names its clinic; none makes it.
const CLINIC_ID: &str = "clinic_id";
/// A record of any kind, and the one that stands for it.
const ANY_RECORD_ID: &str = "record_id";
const CLIENT_ID: &str = "client_id";
/// A part of an export, by number.
const CHUNK: &str = "chunk";

/// The examples of a catalogue.
pub(super) struct Examples<'c> {
    catalogue: &'c Catalogue,
}

/// An id that an example names.
#[derive(Clone, PartialEq, Eq)]
struct Id {
    /// Such as `invoice_id`.
    parameter: String,
    /// Whether it is of a clinic or an organization that whoever runs the server makes for the
    /// example, and not of the caller's own.
    of_new: bool,
}

impl Id {
    fn variable(&self) -> String {
        format!("{}{}", if self.of_new { "NEW_" } else { "" }, self.parameter.to_uppercase())
    }
}

fn verb(spec: &Spec) -> &'static str {
    spec.id.rsplit('.').next().unwrap_or_default()
}

/// Where an operation stands on its page, so that its examples run in order: what ends a record
/// comes last.
pub(super) fn place(spec: &Spec) -> usize {
    let order = ["list", "get", "create", "update"];
    match verb(spec) {
        // Whoever imports by themselves reports on what they began; the server imports what was started.
        "start" => order.len() + 1,
        "revoke" | "cancel" | "abandon" => order.len() + 2,
        // A key that was revoked can be told to have leaked; one that leaked is revoked.
        "mark_leaked" => order.len() + 3,
        "delete" => order.len() + 4,
        _ => order.iter().position(|known| *known == verb(spec)).unwrap_or(order.len()),
    }
}

/// The status and body that an operation's example was answered with, if that is known. The body
/// is empty or a block of Markdown.
pub(super) fn answer(spec: &Spec) -> Option<(&'static str, &'static str)> {
    let (_, rest) = ANSWERS.split_once(&format!("\n## {} ", spec.id))?;
    let (status, rest) = rest.split_once('\n')?;
    Some((status, rest.split("\n## ").next()?.trim()))
}

impl<'c> Examples<'c> {
    pub(super) fn new(catalogue: &'c Catalogue) -> Self {
        Self { catalogue }
    }

    /// What has to be set before the examples of these operations.
    pub(super) fn before(&self, specs: &[&'static Spec]) -> String {
        let mut ids = Vec::new();
        for spec in specs {
            self.gather(spec, &mut ids);
        }
        let mut page = String::from(
            "\n## Before the examples\n\nThey run as they stand, from top to bottom, with `curl` and `jq`. They write: try them on \
             synthetic data, such as `clinicos demo` makes. With another key, put that after `KEY=`.\n\n```sh\n\
             BASE=http://127.0.0.1:8080\nKEY=$(jq -r .admin_key clinicos-demo/demo.json)\n",
        );
        if specs.iter().any(|spec| spec.is_operators()) || ids.iter().any(|id| id.of_new) {
            page.push_str("SOCKET=clinicos-demo/control.sock\n");
        }
        for id in ids {
            let _ = writeln!(page, "{}=$({})", id.variable(), self.source(&id));
        }
        page.push_str("```\n");
        page
    }

    /// The example of an operation.
    pub(super) fn of(&self, spec: &Spec) -> String {
        let mut lines = String::new();
        if let Some(id) = self.of_its_own(spec) {
            let _ = writeln!(lines, "{}=$({})", id.variable(), self.source(&id));
        }
        // What is abandoned must have been begun, and is not finished.
        let begun = self.catalogue.specs().find(|other| other.resource.name == spec.resource.name && verb(other) == "begin");
        if let ("abandon", Some(begin)) = (verb(spec), begun) {
            let _ = writeln!(lines, "{} > /dev/null", command(begin));
        }
        if spec.if_match {
            let _ = writeln!(lines, "ETAG=$(curl -s -o /dev/null -w '%header{{etag}}'{})", target(spec));
        }
        lines + &command(spec)
    }

    /// What is deleted, started or cancelled is one of its own, if an action before may have left it in
    /// no state for that.
    fn of_its_own(&self, spec: &Spec) -> Option<Id> {
        let is_begun_anew = matches!(verb(spec), "start" | "cancel");
        let parameter = spec.route.parameters().last().filter(|_| is_begun_anew || spec.route.method == Method::Delete)?;
        let acts_on =
            |other: &Spec| matches!(other.access, Access::Action(_)) && other.route.parameters().any(|name| name == parameter);
        (is_begun_anew || self.catalogue.specs().any(acts_on)).then(|| Id { parameter: parameter.to_owned(), of_new: false })
    }

    /// Adds the ids that an operation names, after those that they need themselves.
    fn gather(&self, spec: &Spec, ids: &mut Vec<Id>) {
        let of_new = is_of_new(spec);
        let own_clinic = (spec.is_operators() && !of_new).then_some(CLINIC_ID);
        for parameter in
            spec.route.parameters().chain(placeholders(spec.example)).chain(own_clinic.or(spec.into_empty.then_some(CLINIC_ID)))
        {
            let id = Id { parameter: parameter.to_owned(), of_new };
            if ids.contains(&id) {
                continue;
            }
            if let Some((maker, _)) = self.maker(&id) {
                self.gather(maker, ids);
            }
            ids.push(id);
        }
    }

    /// The operation whose example makes a record with this id, and the member that holds it.
    fn maker(&self, id: &Id) -> Option<(&'static Spec, String)> {
        let creates = || self.catalogue.specs().filter(|spec| spec.id.ends_with(".create") && spec.is_operators() == id.of_new);
        let kind = id.parameter.strip_prefix("other_").unwrap_or(&id.parameter);
        // Where a record of any kind will do, a client does.
        let kind = if kind == ANY_RECORD_ID { CLIENT_ID } else { kind };
        let named = |spec: &&Spec| spec.reply_schema().is_some_and(|schema| format!("{}_id", schema.name) == kind);
        let beside = |spec: &&Spec| spec.reply_schema().is_some_and(|schema| schema.field(&id.parameter).is_some());
        if let Some(maker) = creates().find(named) {
            return Some((maker, "id".to_owned()));
        }
        let maker = creates().find(|spec| id.parameter != CLINIC_ID && beside(spec))?;
        Some((maker, id.parameter.clone()))
    }

    /// A command that prints an id: of a record that it makes, or of the first in a list.
    fn source(&self, id: &Id) -> String {
        if let Some((maker, member)) = self.maker(id) {
            return format!("{} | jq -r .{member}", command(maker));
        }
        if id.parameter == CHUNK {
            return "echo 0".to_owned();
        }
        let listed = |fits: &dyn Fn(&Schema) -> bool| {
            let lists = |spec: &&'static Spec| match spec.reply {
                Reply::List { schema } => fits(schema) && spec.route.parameters().next().is_none(),
                Reply::One { .. } | Reply::Empty | Reply::Accepted | Reply::Lines => false,
            };
            self.catalogue.specs().find(lists)
        };
        // A record of the list, or one that its records name.
        let own = listed(&|schema| format!("{}_id", schema.name) == id.parameter).map(|list| (list, "id"));
        let list = own.or_else(|| Some((listed(&|schema| schema.field(&id.parameter).is_some())?, &*id.parameter)));
        list.map(|(list, member)| format!("{} | jq -r '.data[0].{member}'", command(list))).unwrap_or_default()
    }
}

/// The names in braces that stand in an example.
fn placeholders(example: &'static str) -> impl Iterator<Item = &'static str> {
    let inside = example.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    inside.map(|(name, _)| name).filter(|name| name.ends_with("_id") && !name.contains('"'))
}

/// A command that sends an operation's example.
fn command(spec: &Spec) -> String {
    let mut command = String::from("curl -s");
    if spec.route.method != Method::Get {
        let _ = write!(command, " -X {}", spec.route.method.name());
    }
    if spec.idempotent {
        command.push_str(" -H \"Idempotency-Key: $(date +%s)-$RANDOM\"");
    }
    if spec.if_match {
        command.push_str(" -H \"If-Match: $ETAG\"");
    }
    if !spec.example.is_empty() {
        let media = if spec.route.method == Method::Patch { "application/merge-patch+json" } else { "application/json" };
        let mut body = spec.example.replace('\'', "'\\''");
        for name in placeholders(spec.example) {
            body = body.replace(&format!("{{{name}}}"), &format!("'${}'", variable(spec, name)));
        }
        let _ = write!(command, " \\\n  -H 'Content-Type: {media}' -d '{body}' \\\n ");
    }
    command + &target(spec)
}

/// Where an operation is, and what opens it.
fn target(spec: &Spec) -> String {
    let mut path = spec.route.path.to_owned();
    for name in spec.route.parameters() {
        path = path.replace(&format!("{{{name}}}"), &format!("${}", variable(spec, name)));
    }
    if matches!(spec.reply, Reply::List { .. }) {
        path.push_str("?limit=1");
    }
    if spec.is_open() {
        return format!(" \"$BASE{path}\"");
    }
    if !spec.is_operators() {
        // Of many lines, the first.
        let first = if matches!(spec.reply, Reply::Lines) { " | sed -n 1p" } else { "" };
        return format!(" -H \"Authorization: Bearer $KEY\" \"$BASE{path}\"{first}");
    }
    let clinic = match (spec.reach, spec.into_empty) {
        (Reach::Clinic, true) => "?clinic_id=$NEW_CLINIC_ID",
        (Reach::Clinic, false) => "?clinic_id=$CLINIC_ID",
        (Reach::Operator | Reach::Organization, _) => "",
    };
    format!(" --unix-socket \"$SOCKET\" \"http://localhost{path}{clinic}\"")
}

fn variable(spec: &Spec, parameter: &str) -> String {
    Id { parameter: parameter.to_owned(), of_new: is_of_new(spec) }.variable()
}

/// Whether an operation is about clinics or organizations that whoever runs the server makes for it.
fn is_of_new(spec: &Spec) -> bool {
    spec.is_operators() && (spec.reach != Reach::Clinic || spec.into_empty)
}
