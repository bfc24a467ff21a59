//! A person's own account: second factor, sessions, password.

use askama::Template;

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

/// A form of the page that asks for the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Turns the code on.
    On,
    /// Makes new recovery codes.
    Renew,
    /// Turns the code off.
    Off,
    /// Changes the password.
    Password,
}

impl Form {
    /// What the ids of its fields begin with.
    pub const fn id(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Renew => "renew",
            Self::Off => "off",
            Self::Password => "change",
        }
    }
}

/// What was wrong with the form that was sent last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Which it was.
    pub form: Form,
    /// A field's name, and what is wrong there.
    pub fields: Vec<(String, String)>,
    /// What is wrong with the whole.
    pub whole: Option<String>,
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
    /// Whether a code is asked for.
    pub second_factor: SecondFactor,
    /// What was wrong with what was typed last.
    pub wrong: Option<Wrong>,
    /// Where the person is signed in, this place first.
    pub sessions: Vec<Session>,
}

impl Account {
    fn wrong_in(&self, form: &str) -> Option<&Wrong> {
        self.wrong.as_ref().filter(|wrong| wrong.form.id() == form)
    }

    /// What is wrong with a form as a whole.
    pub fn wrong_whole(&self, form: &str) -> Option<&str> {
        self.wrong_in(form)?.whole.as_deref()
    }

    /// What is wrong with a field of a form.
    pub fn wrong_at(&self, form: &str, field: &str) -> Option<&str> {
        let mut fields = self.wrong_in(form)?.fields.iter();
        fields.find(|(name, _)| name == field).map(|(_, text)| text.as_str())
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
