//! A session.

use std::borrow::Cow;

use clinicos_contract::{Category, Field, Timestamp, record};
use clinicos_gate::{ClinicId, SessionId, UserId};

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
