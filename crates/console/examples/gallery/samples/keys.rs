//! Keys of a connection.

use clinicos_console::faults::Faults;
use clinicos_console::frame::{FlashKind, Section};
use clinicos_console::pages::key::{AddKey, KeyPage, KeyRow, KeyState, Leak, RevokeKey, RotatePage};
use clinicos_console::pages::keys::KeyMade;

use super::{Say, access};

const CONNECTION: &str = "con_01k9x3r7m2";

fn row(say: &Say<'_>, name: &str, state: KeyState) -> KeyRow {
    KeyRow {
        id: say.text("key_01k9x3r7m5"),
        name: say.text(name),
        hint: say.text("cos_sandbox_4Tq9"),
        state,
        last_used: Some(say.when("2026-11-24T09:40:00+01:00", "today, 09:40")),
        last_from: say.some("from 203.0.113.7, 2 addresses in 24 hours"),
        addresses: say.texts(&["203.0.113.0/24", "2001:db8:5::/48"]),
        from: Some(say.texts(&["203.0.113.0/24"])),
        scopes: Vec::new(),
        ends: None,
        clinics: None,
        leak: None,
    }
}

fn leaked_row(say: &Say<'_>) -> KeyRow {
    let leak = Leak {
        at: say.when("2026-11-23T22:04:00+01:00", "yesterday, 22:04"),
        source: say.some("https://code.example/northfield/closing/blob/main/.env"),
        note: say.some("Found by a scan of public repositories"),
        handled: false,
    };
    KeyRow { leak: Some(leak), addresses: Vec::new(), from: None, ..row(say, "Old server", KeyState::Revoked) }
}

pub fn rows(say: &Say<'_>) -> Vec<KeyRow> {
    let ending = KeyRow {
        ends: Some(say.when("2026-11-25T09:00:00+01:00", "25 Nov, 09:00")),
        ..row(say, "Bookkeeping", KeyState::Ending)
    };
    let new = KeyRow {
        last_used: None,
        last_from: None,
        scopes: say.texts(&["invoices:read"]),
        ..row(say, "Bookkeeping", KeyState::Active)
    };
    let shared = KeyRow { clinics: Some(3), ..row(say, "Group reports", KeyState::Active) };
    vec![new, shared, ending, leaked_row(say)]
}

pub fn one(say: &Say<'_>) -> KeyPage {
    let key = KeyRow { scopes: say.texts(&["invoices:read", "payments:read"]), ..row(say, "Bookkeeping", KeyState::Active) };
    let mut page = KeyPage {
        frame: say.frame(Section::Connections),
        connection_id: say.text(CONNECTION),
        connection: say.text("Bookkeeping"),
        version: 3,
        faults: Faults::default(),
        name: say.text("Bookkeeping"),
        addresses: say.text("203.0.113.0/24"),
        ends_on: String::new(),
        reason: say.text("The old office is closed"),
        key,
        outer: say.texts(&["203.0.112.0/20"]),
        chain: vec![(say.text("key_01k9x3r7m4"), say.text("It replaces another key"))],
    };
    page.frame.flash = say.flash(FlashKind::Success, "Done. It holds from the next call on.");
    page
}

pub fn leaked(say: &Say<'_>) -> KeyPage {
    KeyPage { key: leaked_row(say), outer: Vec::new(), chain: Vec::new(), ..one(say) }
}

pub fn again(say: &Say<'_>) -> KeyPage {
    let faults = say.faults(&[
        ("name", "Name", "Fill this in."),
        ("addresses", "From where it may be used", WRONG_ADDRESS),
        ("ends-on", "End it on", "That day has begun already; to end the key now, revoke it."),
    ]);
    let mut page = KeyPage { faults, name: String::new(), addresses: say.text("office"), ..one(say) };
    page.ends_on = say.text("2020-01-01");
    page.frame.flash = None;
    page
}

const WRONG_ADDRESS: &str = "“office” must be an address or a network, such as 203.0.113.7 or 203.0.113.0/24.";

pub fn rotate_again(say: &Say<'_>) -> RotatePage {
    let faults = say.faults(&[
        ("overlap", "The old key works on", "Must be an integer."),
        ("addresses", "From where it may be used", WRONG_ADDRESS),
        ("reason", "Why", "Must have at most 500 characters."),
    ]);
    RotatePage { faults, addresses: say.text("office"), ..rotate(say) }
}

pub fn add_again(say: &Say<'_>) -> AddKey {
    let faults = say.faults(&[
        ("name", "Name", "Fill this in."),
        ("expires", "The key ends", "Choose when the key ends."),
        ("addresses", "From where it may be used", WRONG_ADDRESS),
    ]);
    AddKey { faults, addresses: say.text("office"), ..add(say) }
}

pub fn rotate(say: &Say<'_>) -> RotatePage {
    RotatePage {
        frame: say.frame(Section::Connections),
        faults: Faults::default(),
        nonce: "0".repeat(32),
        connection_id: say.text(CONNECTION),
        connection: say.text("Bookkeeping"),
        key: row(say, "Bookkeeping", KeyState::Active),
        overlaps: vec![say.choice("24", "For 24 hours", true), say.choice("0", "Not at all: it ends at once", false)],
        addresses: say.text("203.0.113.0/24"),
        reason: say.text("As every spring"),
    }
}

pub fn revoke(say: &Say<'_>) -> RevokeKey {
    let key = row(say, "Bookkeeping", KeyState::Active);
    RevokeKey { frame: say.frame(Section::Connections), connection: say.text("Bookkeeping"), key }
}

pub fn add(say: &Say<'_>) -> AddKey {
    AddKey {
        frame: say.frame(Section::Connections),
        faults: Faults::default(),
        nonce: "0".repeat(32),
        connection_id: say.text(CONNECTION),
        connection: say.text("Bookkeeping"),
        name: String::new(),
        expiries: vec![say.choice("90", "In 90 days", true), say.choice("0", "Never", false)],
        addresses: String::new(),
        reason: String::new(),
    }
}

pub fn rotated(say: &Say<'_>) -> KeyMade {
    KeyMade { next: say.some("The old key works on until 25 Nov, 09:00."), ..access::key_made(say) }
}
