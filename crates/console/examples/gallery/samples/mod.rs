//! Every page with the data of an invented clinic.

mod access;
pub mod connections;
mod consent;
mod exports;
mod home;
mod imports;
mod keys;
mod log;
mod people;
mod records;

use clinicos_console::faults::{Fault, Faults};
use clinicos_console::frame::{Flash, FlashKind, Frame, Section, Theme, User, WritesStopped};
use clinicos_console::pager::Pager;
use clinicos_console::words::{Choice, Fact, When};
use clinicos_console::{RenderError, Template as _};

/// How texts get into the samples: as they are, or made hostile by a test.
pub struct Say<'a> {
    /// Takes a text of the sample and gives the one that the page holds.
    pub text: &'a dyn Fn(&str) -> String,
    /// The colours to show.
    pub theme: Option<Theme>,
}

impl Say<'_> {
    pub fn text(&self, text: &str) -> String {
        (self.text)(text)
    }

    pub fn some(&self, text: &str) -> Option<String> {
        Some(self.text(text))
    }

    pub fn texts(&self, texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| self.text(text)).collect()
    }

    /// Faults, each of a field and its label.
    pub fn faults(&self, faults: &[(&'static str, &'static str, &str)]) -> Faults {
        Faults(faults.iter().map(|(field, label, text)| Fault { field, label, text: self.text(text) }).collect())
    }

    pub fn pager(&self, address: &str) -> Pager {
        Pager { words: self.text("101 to 200 of 2,345"), previous: Some(address.to_owned()), next: Some(address.to_owned()) }
    }

    pub fn when(&self, exact: &str, words: &str) -> When {
        When { exact: self.text(exact), words: self.text(words) }
    }

    pub fn choice(&self, value: &str, words: &str, selected: bool) -> Choice {
        Choice { value: self.text(value), words: self.text(words), selected }
    }

    pub fn facts(&self, facts: &[(&str, &str)]) -> Vec<Fact> {
        facts.iter().map(|(name, value)| Fact { name: self.text(name), value: self.text(value) }).collect()
    }

    pub fn frame(&self, section: Section) -> Frame {
        Frame {
            clinic: self.text("Willow Lane Animal Clinic"),
            sandbox: true,
            user: Some(User { name: self.text("Maren Holt"), role: self.text("Practice manager, administrator") }),
            section,
            csrf: self.text("kQ3vT0y9bM"),
            flash: None,
            writes_stopped: None,
            only_looks: None,
            known_as: None,
            zone: self.some("Europe/Amsterdam"),
            theme: self.theme,
        }
    }

    pub fn outside(&self) -> Frame {
        Frame { user: None, sandbox: false, zone: None, ..self.frame(Section::Other) }
    }

    pub fn flash(&self, kind: FlashKind, text: &str) -> Option<Flash> {
        Some(Flash { kind, text: self.text(text) })
    }

    pub fn stopped(&self) -> Option<WritesStopped> {
        Some(WritesStopped {
            by: self.text("Maren Holt"),
            at: self.when("2026-11-24T08:12:00+01:00", "today at 08:12"),
            reason: self.text("Two appointments were moved that nobody had asked for"),
        })
    }
}

/// Name and HTML of every page.
pub fn pages(say: &Say<'_>) -> Result<Vec<(&'static str, String)>, RenderError> {
    Ok(vec![
        ("sign-in", access::sign_in(say).render()?),
        ("sign-in-again", access::sign_in_again(say).render()?),
        ("left-off", access::left_off(say).render()?),
        ("welcome", access::welcome(say).render()?),
        ("link-gone", access::link_gone(say).render()?),
        ("account", access::account(say).render()?),
        ("account-with-code", access::account_with_code(say).render()?),
        ("home", home::home(say).render()?),
        ("home-calm", home::calm(say).render()?),
        ("connections", connections::list(say).render()?),
        ("connections-empty", connections::empty(say).render()?),
        ("connection", connections::one(say).render()?),
        ("connection-again", connections::again(say).render()?),
        ("connection-paused", connections::paused(say).render()?),
        ("connection-revoked", connections::revoked(say).render()?),
        ("activity", connections::activity(say).render()?),
        ("changed", connections::changed(say).render()?),
        ("revoke", connections::revoke(say).render()?),
        ("new-key", access::new_key(say).render()?),
        ("new-key-again", access::new_key_again(say).render()?),
        ("key-made", access::key_made(say).render()?),
        ("exports", exports::begin(say).render()?),
        ("export", exports::under_way(say).render()?),
        ("export-through", exports::through(say).render()?),
        ("imports", imports::list(say).render()?),
        ("imports-again", imports::again(say).render()?),
        ("import-checked", imports::checked(say).render()?),
        ("import-asked", imports::asked(say).render()?),
        ("import-mapping", imports::mapping(say).render()?),
        ("import-mapping-text", imports::mapping_text(say).render()?),
        ("import-mapping-closed", imports::mapping_closed(say).render()?),
        ("import-done", imports::ended(say).render()?),
        ("import-failed", imports::failed(say).render()?),
        ("key", keys::one(say).render()?),
        ("key-leaked", keys::leaked(say).render()?),
        ("key-again", keys::again(say).render()?),
        ("rotate", keys::rotate(say).render()?),
        ("rotate-again", keys::rotate_again(say).render()?),
        ("key-revoke", keys::revoke(say).render()?),
        ("add-key", keys::add(say).render()?),
        ("add-key-again", keys::add_again(say).render()?),
        ("key-rotated", keys::rotated(say).render()?),
        ("log", log::search(say).render()?),
        ("log-which", log::which(say).render()?),
        ("log-empty", log::nothing(say).render()?),
        ("log-entry", log::allowed(say).render()?),
        ("log-entry-refused", log::refused(say).render()?),
        ("records", records::all(say).render()?),
        ("records-which", records::which(say).render()?),
        ("records-none", records::nothing_to_read(say).render()?),
        ("record-list", records::list(say).render()?),
        ("record-list-empty", records::empty(say).render()?),
        ("record-list-again", records::wrong_filter(say).render()?),
        ("record", records::one(say).render()?),
        ("record-deleted", records::deleted(say).render()?),
        ("record-client", consent::client(say).render()?),
        ("sees", consent::sees(say).render()?),
        ("sees-nothing", consent::sees_nothing(say).render()?),
        ("sees-none", consent::sees_none(say).render()?),
        ("people", people::list(say).render()?),
        ("end-access", people::end_access(say).render()?),
        ("invited", people::invited(say).render()?),
        ("emergency", home::emergency(say).render()?),
        ("emergency-stopped", home::emergency_stopped(say).render()?),
        ("problem", home::problem(say).render()?),
        ("docs", home::docs(say).render()?),
    ])
}
