//! A session.

use std::borrow::Cow;

use clinicos_contract::schema::Schema;
use clinicos_contract::{Category, Field, Shape, Timestamp, record};
use clinicos_gate::sign_in::agent::{self, Browser, System};
use clinicos_gate::{ClinicId, SessionId, UserId};
use serde::Deserialize;

record! {
    /// The time from a sign-in until it ends.
    pub struct Session<'a> as "session" {
        /// The session's id. It is no secret.
        id: SessionId = Field::of(Category::RecordSystem),
        /// The clinic of the person.
        clinic_id: ClinicId = Field::of(Category::RecordSystem),
        /// Who signed in.
        user_id: UserId = Field::of(Category::RecordSystem).equal(),
        /// The token. Only in the answer that made it.
        token: Option<Cow<'a, str>> = Field::of(Category::Staff).sparse(),
        /// The browser and the system that it began with, in few words; null if they are not known.
        device: Option<Cow<'a, str>> = Field::of(Category::Staff),
        /// When it was last used, a refused call included; null if it was not yet. Only in lists.
        last_used_at: Option<Timestamp> = Field::of(Category::Staff).sparse(),
        /// How many recovery codes are left. Only in the answer to a sign-in with one.
        recovery_codes_left: Option<i64> = Field::of(Category::Staff).sparse(),
        /// When it ends at the latest.
        expires_at: Timestamp = Field::of(Category::Staff),
        /// When it was ended.
        ended_at: Option<Timestamp> = Field::of(Category::Staff),
        /// When it began.
        created_at: Timestamp = Field::of(Category::RecordSystem),
        /// When it last changed.
        updated_at: Timestamp = Field::of(Category::RecordSystem),
        /// Grows with each change.
        version: i64 = Field::of(Category::RecordSystem),
    }
}

/// With what somebody signs in.
pub static SIGN_IN: Schema = Schema {
    name: "sign_in",
    doc: "With what somebody signs in, beside what they show.",
    fields: &[
        Field::of(Category::Staff).creatable().named("browser", "Their browser.", Shape::Enum(Browser::WORDS), true),
        Field::of(Category::Staff).creatable().named("system", "What it runs on.", Shape::Enum(System::WORDS), true),
    ],
};

/// With what somebody signs in.
#[derive(Debug, Deserialize)]
pub struct SignIn {
    #[serde(default)]
    browser: Option<Browser>,
    #[serde(default)]
    system: Option<System>,
}

impl SignIn {
    /// Both in few words, if both are known.
    pub fn device(&self) -> Option<String> {
        self.browser.zip(self.system).map(|(browser, system)| agent::words(browser, system))
    }
}
