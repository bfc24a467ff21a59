//! People of the clinic: who may sign in, and their access.

use askama::Template;

use crate::faults::Faults;
use crate::frame::Frame;
use crate::pager::Pager;
use crate::words::{Choice, When, in_path};

/// Whether a person may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonState {
    /// Was sent a link, and has not chosen a password yet.
    Invited,
    /// May.
    Active,
    /// May not any more.
    Disabled,
}

impl PersonState {
    /// In one word or two.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Invited => "Invited",
            Self::Active => "Active",
            Self::Disabled => "Access ended",
        }
    }

    /// The class of its badge.
    pub const fn tone(self) -> &'static str {
        match self {
            Self::Invited => "b-warn",
            Self::Active => "b-ok",
            Self::Disabled => "b-over",
        }
    }

    /// Whether there is access to end.
    pub const fn has_access(self) -> bool {
        matches!(self, Self::Invited | Self::Active)
    }
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// Their id.
    pub id: String,
    /// What they are called.
    pub name: String,
    /// What they sign in with.
    pub email: String,
    /// Their role.
    pub role: String,
    /// Roles to choose from.
    pub roles: Vec<Choice>,
    /// Whether they may sign in.
    pub state: PersonState,
    /// Why that is so, in the words of who changed it.
    pub why: Option<String>,
    /// When they last signed in, if that is known.
    pub last_sign_in: Option<When>,
    /// Whether a code is asked for.
    pub second_factor: bool,
    /// Whether it is who looks at the page.
    pub is_self: bool,
    /// The version that the forms change.
    pub version: i64,
}

impl PersonRow {
    /// Where its forms are sent to.
    pub fn path(&self) -> String {
        format!("/console/people/{}", in_path(&self.id))
    }
}

/// `/console/people`.
///
/// Forms: `name`, `email`, `role` and `nonce` to the same address invite somebody; behind a person's
/// path `/role` with `role` and `version`, `/reinvite` with `nonce`.
#[derive(Debug, Clone, Template)]
#[template(path = "people.html")]
pub struct People {
    /// What surrounds the page.
    pub frame: Frame,
    /// What must be mended.
    pub faults: Faults,
    /// Sent twice, as by a reload, a form invites once.
    pub nonce: String,
    /// Everybody; those with access first.
    pub rows: Vec<PersonRow>,
    /// Where the others are.
    pub pager: Option<Pager>,
    /// The name that was typed in last.
    pub name: String,
    /// The address that was typed in last.
    pub email: String,
    /// Roles to choose from.
    pub roles: Vec<Choice>,
}

/// `/console/people/{id}/disable`. The form sends `version` and `reason` to the same address.
#[derive(Debug, Clone, Template)]
#[template(path = "end_access.html")]
pub struct EndAccess {
    /// What surrounds the page.
    pub frame: Frame,
    /// What they are called.
    pub name: String,
    /// Where the form is sent to.
    pub path: String,
    /// Whether it is who looks at the page.
    pub is_self: bool,
    /// The version that the form changes.
    pub version: i64,
}

/// The answer to an invitation: the only page that ever shows its link. Never to be cached.
#[derive(Debug, Clone, Template)]
#[template(path = "invited.html")]
pub struct InvitedPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// Who was invited.
    pub name: String,
    /// Where the link is to be sent.
    pub email: String,
    /// The link.
    pub link: String,
}
