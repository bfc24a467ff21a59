//! A key, and what is asked for when one is made.

use std::borrow::Cow;

use clinicos_consent::RecipientClass;
use clinicos_contract::schema::Schema;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Field, Purpose, Shape, Timestamp, record, words};
use clinicos_gate::addresses::ADDRESSES_MAX;
use clinicos_gate::{ClinicId, ConnectionId, KeyId};
use serde::Deserialize;

use crate::connections::model::{LIST_MAX, Names, ORIGINS_MAX, OptIns, Origins, SHOWN_TEXT_MAX};

words! {
    /// Whether a key may be used.
    KeyState {
        /// It may be used.
        Active = "active",
        /// It may be used until its end: another key replaces it.
        Ending = "ending",
        /// Its end has come.
        Expired = "expired",
        /// It is over, for good.
        Revoked = "revoked",
    }
}

record! {
    /// A key of a connection. The key itself is shown once, when it is made.
    pub struct Key<'a> as "key" {
        /// The key's id. It is no secret.
        id: KeyId = Field::of(Category::RecordSystem),
        /// The clinic that it is for.
        clinic_id: ClinicId = Field::of(Category::RecordSystem),
        /// The connection that it acts for; scopes, opt-ins and switches stand there.
        connection_id: ConnectionId = Field::of(Category::RecordSystem).equal(),
        /// What people call it.
        name: Cow<'a, str> = Field::of(Category::Practice).updatable().max(120),
        /// The first characters, to tell keys apart.
        hint: Cow<'a, str> = Field::of(Category::Practice),
        /// Whether it may be used. Its connection must be active, too.
        state: KeyState = Field::of(Category::Practice).equal(),
        /// The key. Only in the answer that made it, and in a replay of that very request: what
        /// remains of it is a hash.
        secret: Option<Cow<'a, str>> = Field::of(Category::Practice).sparse(),
        /// What its connection was opted in to. Only in the answer that made it.
        opt_ins: Option<Doc<'a, OptIns>> = Field::of(Category::Practice).sparse(),
        /// What it may do of what its connection may; all of it, if null.
        scopes: Option<Doc<'a, Names>> = Field::of(Category::Practice),
        /// From where it may be used, as networks in CIDR notation; anywhere, if empty. It must be
        /// allowed by its connection's list, too.
        allowed_addresses: Doc<'a, Names> = Field::of(Category::Practice).updatable().max(ADDRESSES_MAX),
        /// When it ends; never, if null. It can be made to end earlier, never later.
        expires_at: Option<Timestamp> = Field::of(Category::Practice).updatable(),
        /// When it ends because another key replaces it.
        ends_at: Option<Timestamp> = Field::of(Category::Practice),
        /// The key that it replaces.
        rotated_from: Option<KeyId> = Field::of(Category::Practice),
        /// The key that replaces it.
        replaced_by: Option<KeyId> = Field::of(Category::Practice),
        /// When it was reported to be public, and so was revoked.
        leaked_at: Option<Timestamp> = Field::of(Category::Practice).range(),
        /// Where it was found, in the words of whoever reported it: not checked, and not to be trusted.
        leak_source: Option<Cow<'a, str>> = Field::of(Category::Practice).sparse(),
        /// What else they said.
        leak_note: Option<Cow<'a, str>> = Field::of(Category::Practice).sparse(),
        /// Whether an admin has seen to the leak.
        leak_handled: bool = Field::of(Category::Practice).updatable(),
        /// Why it is changed, for its connection's history. Only in a change and its answer.
        change_reason: Option<Cow<'a, str>> = Field::of(Category::Practice).updatable().max(500).filled().sparse(),
        /// Whether other clinics of the organization may let it in, too. Its calls name the clinic.
        for_organization: bool = Field::of(Category::Practice),
        /// At how many clinics it is not revoked.
        clinic_count: i64 = Field::of(Category::Practice),
        /// When it was revoked here.
        revoked_at: Option<Timestamp> = Field::of(Category::Practice),
        /// When it was made.
        created_at: Timestamp = Field::of(Category::RecordSystem),
        /// When it last changed.
        updated_at: Timestamp = Field::of(Category::RecordSystem).range().sortable(),
        /// Grows with each change.
        version: i64 = Field::of(Category::RecordSystem),
    }
}

/// From where a key may be used, in bodies that make one.
pub const ALLOWED_ADDRESSES: Field = Field::of(Category::Practice).creatable().max(ADDRESSES_MAX).named(
    "allowed_addresses",
    "From where it may be used: addresses, or networks in CIDR notation, of IPv4 and IPv6. Anywhere, if left out.",
    Shape::List(&Shape::Text),
    false,
);

/// What a new key needs.
pub static NEW_KEY: Schema = Schema {
    name: "new_key",
    doc: "A key to be made, with a connection of its own.",
    fields: &[
        Field::of(Category::Practice).required().max(120).filled().named("name", "What people will call it.", Shape::Text, false),
        Field::of(Category::Practice).creatable().max(120).named(
            "run_by",
            "Who runs the program that will use it: a company, or a person.",
            Shape::Text,
            true,
        ),
        Field::of(Category::Practice).required().named(
            "purpose",
            "What its data will be used for. Opt-ins are given for this purpose.",
            Shape::Enum(Purpose::WORDS),
            false,
        ),
        Field::of(Category::Practice).creatable().named(
            "recipient",
            "What sort of recipient gets the data, which decides what clients' consents mean for it: `clinic`, if left out, for a \
             program of the clinic's own.",
            Shape::Enum(RecipientClass::WORDS),
            true,
        ),
        Field::of(Category::Practice).required().max(500).filled().named(
            "reason",
            "Why the clinic should grant it; shown with the connection.",
            Shape::Text,
            false,
        ),
        Field::of(Category::Practice).required().max(LIST_MAX).distinct().named(
            "scopes",
            "What it may do, such as `invoices:read`. The clinic is opted in to the categories of these scopes.",
            Shape::List(&Shape::Text),
            false,
        ),
        Field::of(Category::Practice).creatable().max(LIST_MAX).named(
            "categories",
            "Further categories of data to opt in to, beyond those of its scopes: `patients:read` alone does not show what is \
             `clinical`.",
            Shape::List(&Shape::Enum(Category::WORDS)),
            false,
        ),
        Field::of(Category::Practice).creatable().filled().max(SHOWN_TEXT_MAX).named(
            "shown_text",
            "The text about the data that whoever makes it was shown. It is kept with each opt-in.",
            Shape::Text,
            true,
        ),
        Field::of(Category::Practice).creatable().named("expires_at", "When it ends; never, if left out.", Shape::Time, true),
        Field::of(Category::Practice).creatable().max(ORIGINS_MAX).named(
            "browser_origins",
            "The origins whose web pages may call with it, such as `https://tool.example`; none, if left out.",
            Shape::List(&Shape::WebOrigin),
            false,
        ),
        ALLOWED_ADDRESSES,
        Field::of(Category::Practice).creatable().named(
            "for_organization",
            "Whether other clinics of the organization may let this key in, too. Each of its calls then names the clinic in \
             `clinic_id`, except when it follows changes.",
            Shape::Bool,
            false,
        ),
        Field::of(Category::Practice).creatable().named(
            "existing_key_id",
            "A key for the organization that another of its clinics made: this clinic lets it in, and no new key is made. Compare \
             `hint` in the answer with the first characters of the key.",
            Shape::Id("key"),
            true,
        ),
    ],
};

/// A key to be made.
#[derive(Debug, Deserialize)]
pub struct NewKey {
    /// What people will call it.
    pub name: String,
    /// Who runs the program.
    #[serde(default)]
    pub run_by: Option<String>,
    /// What its data will be used for.
    pub purpose: Purpose,
    /// What sort of recipient gets it; a program of the clinic's own if nothing is said.
    #[serde(default)]
    pub recipient: Option<RecipientClass>,
    /// Why.
    pub reason: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it ends.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// Further categories to opt in to.
    #[serde(default)]
    pub categories: Vec<Category>,
    /// The text about the data that whoever makes it was shown.
    #[serde(default)]
    pub shown_text: Option<String>,
    /// The origins whose web pages may call with it.
    #[serde(default)]
    pub browser_origins: Origins,
    /// From where it may be used.
    #[serde(default)]
    pub allowed_addresses: Names,
    /// Whether other clinics of the organization may let it in, too.
    #[serde(default)]
    pub for_organization: bool,
    /// A key that another clinic made.
    #[serde(default)]
    pub existing_key_id: Option<KeyId>,
}
