//! One key of a connection: what it is held to, replacing it, adding another.

use askama::Template;

use crate::faults::Faults;
use crate::frame::Frame;
use crate::words::{Choice, When, counted, in_path};

/// Whether a key may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// It may.
    Active,
    /// It may, until its end: another key replaces it.
    Ending,
    /// Its end has come.
    Expired,
    /// It is over, for good.
    Revoked,
}

impl KeyState {
    /// In one word.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Ending => "Ending",
            Self::Expired => "Ended",
            Self::Revoked => "Revoked",
        }
    }

    /// The class of its badge.
    pub const fn tone(self) -> &'static str {
        match self {
            Self::Active => "b-ok",
            Self::Ending => "b-warn",
            Self::Expired | Self::Revoked => "b-over",
        }
    }

    /// Whether calls with it are let in.
    pub const fn works(self) -> bool {
        matches!(self, Self::Active | Self::Ending)
    }

    /// Whether it can be replaced.
    pub const fn can_rotate(self) -> bool {
        matches!(self, Self::Active)
    }
}

/// A leak, as it was reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// When.
    pub at: When,
    /// Where the key was found, in the words of whoever reported it.
    pub source: Option<String>,
    /// What else they said.
    pub note: Option<String>,
    /// Whether an admin has seen to it.
    pub handled: bool,
}

/// A key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its first characters.
    pub hint: String,
    /// Whether it may be used.
    pub state: KeyState,
    /// When it was last used.
    pub last_used: Option<When>,
    /// From where: `from 203.0.113.7`. Only for who may change keys.
    pub last_from: Option<String>,
    /// From where it alone may be used; anywhere, if empty.
    pub addresses: Vec<String>,
    /// From where it may be used within what its connection is allowed: anywhere, if there is no list,
    /// and nowhere, if the list is empty.
    pub from: Option<Vec<String>>,
    /// What it is held to of what its connection may; all, if empty.
    pub scopes: Vec<String>,
    /// When it ends.
    pub ends: Option<When>,
    /// At how many clinics it works, if it is for an organization.
    pub clinics: Option<u64>,
    /// The leak that ended it.
    pub leak: Option<Leak>,
}

impl KeyRow {
    /// The address of its page.
    pub fn path(&self) -> String {
        format!("/console/keys/{}", in_path(&self.id))
    }

    /// Whether it can be replaced. Other clinics would have to let in the new one.
    pub const fn can_rotate(&self) -> bool {
        self.state.can_rotate() && self.clinics.is_none()
    }

    /// Where else it works, in words; which clinics those are is theirs to tell.
    pub fn elsewhere(&self) -> Option<String> {
        let others = self.clinics?.saturating_sub(u64::from(self.state != KeyState::Revoked));
        Some(match others {
            0 => "No other clinic of the organization lets it in so far".to_owned(),
            others => format!("Works at {} of the organization, too", counted(others, "other clinic", "other clinics")),
        })
    }
}

/// `/console/keys/{id}`.
///
/// Forms, behind the page's address: `/change` with `version`, `name`, `addresses` (a line each) and
/// `ends_on` (a day, or empty), and `reason`; `/leaked` with `note`; `/handled` with `version`.
#[derive(Debug, Clone, Template)]
#[template(path = "key.html")]
pub struct KeyPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The connection's id.
    pub connection_id: String,
    /// The connection's name.
    pub connection: String,
    /// The version that the forms change.
    pub version: i64,
    /// What must be mended.
    pub faults: Faults,
    /// What the form holds: its name, from where it may be used (a line each), and the day of its end.
    pub name: String,
    /// The same.
    pub addresses: String,
    /// The same.
    pub ends_on: String,
    /// Why, as typed in last.
    pub reason: String,
    /// The key.
    pub key: KeyRow,
    /// From where its connection may be used; anywhere, if empty.
    pub outer: Vec<String>,
    /// The key that it replaces, and the one that replaces it: id and words for the link.
    pub chain: Vec<(String, String)>,
}

/// `/console/keys/{id}/revoke`. The form sends `reason` to the same address.
#[derive(Debug, Clone, Template)]
#[template(path = "revoke_key.html")]
pub struct RevokeKey {
    /// What surrounds the page.
    pub frame: Frame,
    /// The connection's name.
    pub connection: String,
    /// The key.
    pub key: KeyRow,
}

/// `/console/keys/{id}/rotate`. The form sends `nonce`, `overlap`, `addresses` and `reason` to the same address.
#[derive(Debug, Clone, Template)]
#[template(path = "rotate.html")]
pub struct RotatePage {
    /// What surrounds the page.
    pub frame: Frame,
    /// What must be mended.
    pub faults: Faults,
    /// Sent twice, as by a reload, the form makes one key.
    pub nonce: String,
    /// The connection's id.
    pub connection_id: String,
    /// The connection's name.
    pub connection: String,
    /// The key that is replaced.
    pub key: KeyRow,
    /// How long both keys work.
    pub overlaps: Vec<Choice>,
    /// Addresses, a line each, as typed in last.
    pub addresses: String,
    /// Why, as typed in last.
    pub reason: String,
}

/// `/console/connections/{id}/keys`. The form sends `nonce`, `name`, `expires`, `addresses` and
/// `reason` to the same address.
#[derive(Debug, Clone, Template)]
#[template(path = "add_key.html")]
pub struct AddKey {
    /// What surrounds the page.
    pub frame: Frame,
    /// What must be mended.
    pub faults: Faults,
    /// Sent twice, as by a reload, the form makes one key.
    pub nonce: String,
    /// The connection's id.
    pub connection_id: String,
    /// The connection's name.
    pub connection: String,
    /// The name that was typed in last.
    pub name: String,
    /// When it may end.
    pub expiries: Vec<Choice>,
    /// Addresses, a line each, as typed in last.
    pub addresses: String,
    /// Why, as typed in last.
    pub reason: String,
}
