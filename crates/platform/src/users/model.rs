//! A user, and what is asked for when one is made or changed.

use std::borrow::Cow;

use clinicos_contract::schema::Schema;
use clinicos_contract::wire::{Doc, Document};
use clinicos_contract::{Category, Field, Patch, Problem, Shape, Timestamp, record};
use clinicos_gate::people::{Role, UserState};
use clinicos_gate::sign_in::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN};
use clinicos_gate::{ClinicId, SessionId, UserId};
use serde::{Deserialize, Serialize};

/// Days that an invitation is good for.
pub const INVITATION_DAYS: i64 = 7;

/// Recovery codes, as they are shown once.
#[derive(Debug, Clone, Serialize, Deserialize, Default, PartialEq, Eq)]
#[serde(transparent)]
pub struct RecoveryCodes(pub Vec<String>);

impl Document for RecoveryCodes {
    const SHAPE: Shape = Shape::List(&Shape::Text);
    const EMPTY: &'static str = "[]";
}

record! {
    /// A person who signs in.
    pub struct User<'a> as "user" {
        /// The user's id.
        id: UserId = Field::of(Category::RecordSystem),
        /// The clinic that they belong to.
        clinic_id: ClinicId = Field::of(Category::RecordSystem),
        /// Where they are written to, and what they sign in with.
        email: Cow<'a, str> = Field::of(Category::Staff),
        /// What they are called.
        name: Cow<'a, str> = Field::of(Category::Staff).updatable().max(120),
        /// What they are at the clinic. An Admin decides; the others look.
        role: Role = Field::of(Category::Staff).updatable(),
        /// Whether they may sign in.
        state: UserState = Field::of(Category::Staff).updatable(),
        /// Why their access ended, or was given back. It goes with the next change of the state that says nothing.
        state_reason: Option<Cow<'a, str>> = Field::of(Category::Staff).updatable().max(500).filled(),
        /// Whether a second factor is asked for.
        second_factor: bool = Field::of(Category::Staff),
        /// The session that asks. Only in the answer about oneself.
        session_id: Option<SessionId> = Field::of(Category::RecordSystem).sparse(),
        /// The token of the invitation. Only in the answer that made it.
        invitation: Option<Cow<'a, str>> = Field::of(Category::Staff).sparse(),
        /// The secret of the second factor, in base 32. Only in the answer that made it.
        second_factor_secret: Option<Cow<'a, str>> = Field::of(Category::Staff).sparse(),
        /// Codes that stand in for the app, each once. Only in the answer that made them.
        recovery_codes: Option<Doc<'a, RecoveryCodes>> = Field::of(Category::Staff).sparse(),
        /// How many of them are left. Only in the answer about oneself.
        recovery_codes_left: Option<i64> = Field::of(Category::Staff).sparse(),
        /// When they were invited.
        created_at: Timestamp = Field::of(Category::RecordSystem),
        /// When they last changed.
        updated_at: Timestamp = Field::of(Category::RecordSystem).range().sortable(),
        /// Grows with each change.
        version: i64 = Field::of(Category::RecordSystem),
    }
}

/// Who is to be invited.
pub static NEW_USER: Schema = Schema {
    name: "new_user",
    doc: "A person to be invited.",
    fields: &[
        Field::of(Category::Staff).required().max(254).named("email", "Where they are written to.", Shape::Email, false),
        Field::of(Category::Staff).required().max(120).named("name", "What they are called.", Shape::Text, false),
        Field::of(Category::Staff).required().named("role", "What they are at the clinic.", Shape::Enum(Role::WORDS), false),
    ],
};

/// Who is to be invited.
#[derive(Debug, Deserialize)]
pub struct NewUser {
    /// Where they are written to.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// What they are at the clinic.
    pub role: Role,
}

/// What can be changed.
#[derive(Debug, Deserialize, Default)]
#[serde(default)]
pub struct UserPatch {
    /// What they are called.
    pub name: Patch<String>,
    /// What they are at the clinic.
    pub role: Patch<Role>,
    /// Whether they may sign in.
    pub state: Patch<UserState>,
    /// Why that changes.
    pub state_reason: Patch<String>,
}

/// A password that its owner made.
pub const fn password(name: &'static str, doc: &'static str) -> Field {
    Field::of(Category::Staff).required().max(PASSWORD_CHARS_MAX as u32).named(name, doc, Shape::Text, false)
}

/// A code of the second factor.
pub const fn code() -> Field {
    let field = Field::of(Category::Staff).required().max(20);
    field.named("code", "Six digits of the authenticator app, or a recovery code.", Shape::Text, false)
}

/// Refuses a password that is too short.
pub fn check_password(field: &str, password: &str) -> Result<(), Problem> {
    if password.chars().count() >= PASSWORD_CHARS_MIN {
        return Ok(());
    }
    Err(Problem::rule(format!("/{field}"), "too_short", format!("at least {PASSWORD_CHARS_MIN} characters; a few words do well")))
}
