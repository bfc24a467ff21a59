//! A connection: an app at one clinic, with what the clinic granted.

use std::borrow::Cow;
use std::collections::BTreeMap;

use clinicos_consent::RecipientClass;
use clinicos_contract::schema::Schema;
use clinicos_contract::wire::{Doc, Document};
use clinicos_contract::{Category, Field, FieldError, Problem, Purpose, RateClass, Shape, Timestamp, record, words};
use clinicos_gate::addresses::ADDRESSES_MAX;
use clinicos_gate::limits::QUOTA_MAX;
use clinicos_gate::scopes::Grant;
use clinicos_gate::{AppId, ClinicId, ConnectionId, Services};
use serde::{Deserialize, Serialize};

/// Most scopes or opt-ins of one connection.
pub const LIST_MAX: u32 = 200;

/// Most operations that one connection can be kept from.
const OPERATIONS_MAX: u32 = 1_000;

words! {
    /// Whether a connection may call.
    State {
        /// It may call.
        Active = "active",
        /// An admin paused it.
        Paused = "paused",
        /// Oversight suspended it.
        Suspended = "suspended",
        /// It is over, for good.
        Revoked = "revoked",
    }
}

/// A list of names.
#[derive(Debug, Clone, Serialize, Deserialize, Default, PartialEq, Eq)]
#[serde(transparent)]
pub struct Names(pub Vec<String>);

impl Document for Names {
    const SHAPE: Shape = Shape::List(&Shape::Text);
    const EMPTY: &'static str = "[]";
}

/// Most origins of one connection.
pub const ORIGINS_MAX: u32 = 20;

/// Origins of web pages, each once.
#[derive(Debug, Clone, Serialize, Deserialize, Default, PartialEq, Eq)]
#[serde(transparent)]
pub struct Origins(pub Vec<String>);

impl Document for Origins {
    const SHAPE: Shape = Shape::List(&Shape::WebOrigin);
    const EMPTY: &'static str = "[]";
}

impl Origins {
    /// Refuses an origin that stands there twice.
    pub fn check(&self) -> Result<(), Problem> {
        let twice = self.0.iter().enumerate().find(|(at, origin)| self.0.iter().take(*at).any(|earlier| earlier == *origin));
        match twice {
            Some((at, _)) => {
                Err(Problem::rule(format!("/browser_origins/{at}"), "repeated", "the same origin stands here twice"))
            }
            None => Ok(()),
        }
    }
}

/// A category that the clinic opted in to.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct OptIn {
    /// The category.
    pub category: Category,
    /// What for. The connection's purpose, if left out.
    #[serde(default)]
    pub purpose: Option<Purpose>,
    /// When it ends; never, if null.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// When it was given.
    #[serde(default)]
    pub granted_at: Option<Timestamp>,
    /// Who gave it: a key or a person.
    #[serde(default)]
    pub granted_by: Option<String>,
    /// The text that they were shown.
    #[serde(default)]
    pub shown_text: Option<String>,
}

/// Most characters of the text that is shown to whoever opts in.
pub const SHOWN_TEXT_MAX: u32 = 2_000;

impl OptIn {
    /// Whether it lets a category pass for longer than one from before.
    pub fn outlasts(&self, before: &Self) -> bool {
        before.expires_at.is_some_and(|end| self.expires_at.is_none_or(|new| new > end))
    }

    /// In a few words: the category, its end, and its purpose where that is not the usual one.
    pub fn words(&self, usual: Purpose) -> String {
        let purpose = self.purpose.filter(|purpose| *purpose != usual).map(|purpose| format!(" for {}", purpose.name()));
        let until = self.expires_at.map(|end| format!(" until {end}"));
        format!("{}{}{}", self.category.name(), purpose.unwrap_or_default(), until.unwrap_or_default())
    }
}

/// The opt-ins of a connection.
#[derive(Debug, Clone, Serialize, Deserialize, Default, PartialEq, Eq)]
#[serde(transparent)]
pub struct OptIns(pub Vec<OptIn>);

/// The fields of an opt-in.
pub static OPT_IN: Schema = Schema {
    name: "opt_in",
    doc: "A category of data that the clinic opted in to, for one purpose.",
    fields: &[
        Field::of(Category::Practice).required().named("category", "The category.", Shape::Enum(Category::WORDS), false),
        Field::of(Category::Practice).creatable().named(
            "purpose",
            "What for: the connection's purpose, if left out.",
            Shape::Enum(Purpose::WORDS),
            true,
        ),
        Field::of(Category::Practice).creatable().named("expires_at", "When it ends; never, if null.", Shape::Time, true),
        Field::of(Category::Practice).named("granted_at", "When it was given.", Shape::Time, true),
        Field::of(Category::Practice).named(
            "granted_by",
            "Who gave it: the id of a key or of a person, or `operator`. Null for one from before this was kept.",
            Shape::Text,
            true,
        ),
        Field::of(Category::Practice).creatable().filled().max(SHOWN_TEXT_MAX).named(
            "shown_text",
            "The text that whoever gave it was shown, if they were shown one. It stays as long as the opt-in does, unless it is \
             given for longer.",
            Shape::Text,
            true,
        ),
    ],
};

impl Document for OptIns {
    const SHAPE: Shape = Shape::List(&Shape::Object(&OPT_IN));
    const EMPTY: &'static str = "[]";
}

/// Calls a minute by rate class, where an admin set them.
#[derive(Debug, Clone, Serialize, Deserialize, Default, PartialEq, Eq)]
#[serde(transparent)]
pub struct Limits(pub BTreeMap<String, i64>);

/// A merge patch of limits: a class that is null has the server's limit again.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(transparent)]
pub struct LimitsPatch(BTreeMap<String, Option<i64>>);

impl LimitsPatch {
    /// The limits after the patch.
    pub fn applied_to(self, mut limits: Limits) -> Limits {
        for (class, quota) in self.0 {
            match quota {
                Some(quota) => limits.0.insert(class, quota),
                None => limits.0.remove(&class),
            };
        }
        limits
    }
}

impl Document for Limits {
    const SHAPE: Shape = Shape::IntMap(RateClass::NAMES);
    const EMPTY: &'static str = "{}";
}

record! {
    /// An integration at one clinic: who it is, why, and everything that it may do.
    pub struct Connection<'a> as "connection" {
        /// The connection's id.
        id: ConnectionId = Field::of(Category::RecordSystem),
        /// The clinic that granted it.
        clinic_id: ClinicId = Field::of(Category::RecordSystem),
        /// The app that acts through it.
        app_id: AppId = Field::of(Category::RecordSystem),
        /// What people call it.
        name: Cow<'a, str> = Field::of(Category::Practice).updatable().max(120).filled(),
        /// Who runs it, as they were named when it was made.
        run_by: Option<Cow<'a, str>> = Field::of(Category::Practice).updatable().max(120),
        /// The connection whose key made it; null if a person or the operator did.
        made_by: Option<ConnectionId> = Field::of(Category::RecordSystem).equal(),
        /// What its data is used for.
        purpose: Purpose = Field::of(Category::Practice),
        /// What sort of recipient it is, which decides what clients' consents mean for it: `clinic` for a program of
        /// the clinic's own.
        recipient: RecipientClass = Field::of(Category::Practice).updatable().equal(),
        /// Why the clinic granted it.
        reason: Cow<'a, str> = Field::of(Category::Practice).updatable().max(500).filled(),
        /// Why it is changed, for its history. Only in a change and its answer.
        change_reason: Option<Cow<'a, str>> = Field::of(Category::Practice).updatable().max(500).filled().sparse(),
        /// Whether it may call. Pause, resume and revoke change it; a pause whose end has come is over,
        /// without a new version.
        state: State = Field::of(Category::Practice).equal(),
        /// What an admin said when the state changed.
        state_reason: Option<Cow<'a, str>> = Field::of(Category::Practice),
        /// When its pause ends by itself. After that it is active again.
        paused_until: Option<Timestamp> = Field::of(Category::Practice),
        /// What it may do; writing implies reading the same resource.
        scopes: Doc<'a, Names> = Field::of(Category::Practice).updatable().max(LIST_MAX).distinct(),
        /// The categories of data that the clinic opted in to. Fields of others are left out.
        opt_ins: Doc<'a, OptIns> = Field::of(Category::Practice).updatable().max(LIST_MAX).distinct(),
        /// Operations that it may not call, whatever its scopes say.
        excluded_operations: Doc<'a, Names> = Field::of(Category::Practice).updatable().max(OPERATIONS_MAX).distinct(),
        /// Whether it may write, act and trigger.
        writes_enabled: bool = Field::of(Category::Practice).updatable().equal(),
        /// From where its keys may be used, as networks in CIDR notation; anywhere, if empty. A
        /// single address is a network, too.
        allowed_addresses: Doc<'a, Names> = Field::of(Category::Practice).updatable().max(ADDRESSES_MAX),
        /// Calls a minute by rate class, where they differ from the server's.
        limits: Doc<'a, Limits> = Field::of(Category::Practice).updatable().at_least(0),
        /// The origins whose web pages may call with its keys, such as `https://tool.example`. None, if
        /// empty: a key in a page can be read by whoever opens the page.
        browser_origins: Doc<'a, Origins> = Field::of(Category::Practice).updatable().max(ORIGINS_MAX),
        /// The API version that answers it, unless a request asks for another.
        pinned_version: Cow<'a, str> = Field::of(Category::Practice).updatable(),
        /// The set of operations that the grant was made from.
        catalogue_version: Cow<'a, str> = Field::of(Category::Practice),
        /// When it was made.
        created_at: Timestamp = Field::of(Category::RecordSystem),
        /// When it last changed.
        updated_at: Timestamp = Field::of(Category::RecordSystem).range().sortable(),
        /// Grows with each change.
        version: i64 = Field::of(Category::RecordSystem),
    }
}

/// What a connection may do, checked: every name exists, and the caller holds it all.
pub fn check_grant(
    services: &Services,
    held: &Grant,
    scopes: &[String],
    categories: impl Iterator<Item = Category>,
) -> Result<(), Problem> {
    let unknown = scopes.iter().enumerate().filter(|(_, scope)| services.scopes.position(scope).is_none());
    let errors: Vec<FieldError> =
        unknown.map(|(at, _)| FieldError::new(format!("/scopes/{at}"), "unknown", "there is no such scope")).collect();
    if !errors.is_empty() {
        return Err(Problem::fields(errors));
    }
    let asked = Grant { scopes: services.scopes.set(scopes.iter().map(String::as_str)), categories: categories.collect() };
    if held.covers(&asked) {
        return Ok(());
    }
    let detail = "the credential that makes this call does not hold all that it would grant";
    Err(Problem::new(&clinicos_contract::problem::CANNOT_GRANT, detail))
}

/// Refuses limits above what a server can give.
pub fn check_limits(limits: &Limits) -> Result<(), Problem> {
    match limits.0.iter().find(|(_, quota)| **quota > i64::from(QUOTA_MAX)) {
        Some((class, _)) => {
            Err(Problem::rule(format!("/limits/{class}"), "range", format!("at most {QUOTA_MAX} calls a minute can be given")))
        }
        None => Ok(()),
    }
}
