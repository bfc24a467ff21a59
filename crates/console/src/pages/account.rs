//! A person's own account: second factor, sessions, password.

use askama::Template;

use crate::faults::Faults;
use crate::frame::Frame;
use crate::qr::Qr;
use crate::words::When;

/// Whether a code from an app is asked for at sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecondFactor {
    /// It is.
    On {
        /// Since when.
        since: When,
        /// How many recovery codes are left, in a sentence.
        codes_left: String,
    },
    /// It is not; this is what an app needs.
    Off {
        /// The secret as text, for typing in.
        secret: String,
        /// The secret's address as a picture.
        qr: Qr,
    },
}

impl SecondFactor {
    /// Whether a code is asked for.
    pub const fn is_on(&self) -> bool {
        matches!(self, Self::On { .. })
    }
}

/// A place where the person is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// What the form to end it sends as `session`.
    pub id: String,
    /// Browser and system in words.
    pub device: String,
    /// When it started.
    pub started: When,
    /// When it was last used.
    pub last_active: When,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// `/console/account`.
///
/// Forms: `/console/account/second-factor`, and behind it `/off` and `/recovery-codes`, each with
/// `password` and `code`; `/begin` and `/cancel` without; `/console/account/sessions/end` with `session`,
/// `/console/account/password` with `password` and `new_password`.
#[derive(Debug, Clone, Template)]
#[template(path = "account.html")]
pub struct Account {
    /// What surrounds the page.
    pub frame: Frame,
    /// The address that the person signs in with.
    pub email: String,
    /// What their role is and may do, in a sentence.
    pub role_means: String,
    /// Whether a code is asked for.
    pub second_factor: SecondFactor,
    /// What must be mended in the form that was sent last.
    pub faults: Faults,
    /// Where the person is signed in, this place first.
    pub sessions: Vec<Session>,
}

impl Account {
    /// Whether something must be mended in a form; its fields' ids begin with its name.
    pub fn is_wrong(&self, form: &str) -> bool {
        let of_form = |field: &str| field.strip_prefix(form).is_some_and(|rest| rest.starts_with('-'));
        self.faults.0.iter().any(|fault| of_form(fault.field))
    }
}

/// The recovery codes, shown once: the answer to the code that turned the factor on, or asked for
/// new ones.
#[derive(Debug, Clone, Template)]
#[template(path = "recovery_codes.html")]
pub struct RecoveryCodes {
    /// What surrounds the page.
    pub frame: Frame,
    /// Each counts once.
    pub codes: Vec<String>,
}
