//! Signing in, one's own account, and new keys.

use clinicos_console::faults::Faults;
use clinicos_console::frame::{FlashKind, Section};
use clinicos_console::pages::account::{Account, SecondFactor, Session};
use clinicos_console::pages::connection::ResourceChoice;
use clinicos_console::pages::kept::LeftOff;
use clinicos_console::pages::keys::{KeyMade, NewKey};
use clinicos_console::pages::sign_in::{LinkGone, SignIn, Welcome};
use clinicos_console::qr::Qr;

use super::Say;
use super::connections::resources;

pub fn sign_in(say: &Say<'_>) -> SignIn {
    SignIn {
        frame: say.outside(),
        error: None,
        notice: None,
        email: String::new(),
        next: say.text("/console/connections"),
        kept: String::new(),
    }
}

pub fn left_off(say: &Say<'_>) -> LeftOff {
    LeftOff {
        frame: say.outside(),
        what: say.text("A pause"),
        typed: say.facts(&[("For how long", "1h"), ("Why", "Looking into last night")]),
        action: say.text("/console/connections/con_1/pause"),
        fields: vec![(say.text("duration"), say.text("1h")), (say.text("reason"), say.text("Looking into last night"))],
        page: say.text("/console/connections/con_1"),
    }
}

pub fn sign_in_again(say: &Say<'_>) -> SignIn {
    let error = say.some("The e-mail address, the password or the code is not right.");
    let notice = say.some("You are signed out, so nothing was done; sign in again. What you typed is kept.");
    let mut page =
        SignIn { error, notice, email: say.text("maren@willowlane.example"), kept: say.text("kept=x"), ..sign_in(say) };
    page.frame.sandbox = true;
    page.frame.flash = say.flash(FlashKind::Success, "You are signed out.");
    page
}

pub fn welcome(say: &Say<'_>) -> Welcome {
    Welcome {
        frame: say.outside(),
        faults: say.faults(&[("password", "Password", "At least 12 characters; a few words do well.")]),
        token: say.text("inv_4Wm8sX2c"),
        invited_by: say.text("Maren Holt"),
        role: say.text("an administrator"),
        role_means: say.text("Admin, who decides what may touch the clinic's data."),
        email: say.text("jonas.lind@willowlane.example"),
        name: say.text("Jonas Lind"),
    }
}

pub fn link_gone(say: &Say<'_>) -> LinkGone {
    let what = say.text("It was used already, has run out, or a newer one was made since.");
    LinkGone { frame: say.outside(), what, request_id: say.some("req_01k9z0") }
}

/// Looks like a QR code; no reader will like it.
fn picture() -> Qr {
    const SIDE: usize = 29;
    let finder = |x: usize, y: usize| -> Option<bool> {
        let corner = [(0, 0), (SIDE - 7, 0), (0, SIDE - 7)];
        corner.iter().find(|(cx, cy)| (*cx..cx + 7).contains(&x) && (*cy..cy + 7).contains(&y)).map(|(cx, cy)| {
            let ring = (x - cx).min(cx + 6 - x).min(y - cy).min(cy + 6 - y);
            ring != 1
        })
    };
    let dark = |x: usize, y: usize| finder(x, y).unwrap_or((x * 7 + y * 13 + x * y * 5 + (x ^ y) * 3) % 5 < 2);
    Qr { rows: (0..SIDE).map(|y| (0..SIDE).map(|x| dark(x, y)).collect()).collect() }
}

pub fn account(say: &Say<'_>) -> Account {
    let session = |id: &str, device: &str, started: &str, last: &str, current: bool| Session {
        id: say.text(id),
        device: say.text(device),
        started: say.when("2026-11-20T08:02:00+01:00", started),
        last_active: say.when("2026-11-24T09:41:00+01:00", last),
        current,
    };
    Account {
        frame: say.frame(Section::Other),
        email: say.text("maren@willowlane.example"),
        role_means: say.text("Admin, who decides what may touch the clinic's data."),
        second_factor: SecondFactor::Off { secret: say.text("JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP"), qr: picture() },
        faults: say.faults(&[
            ("change-password", "Password now", "This is not your present password."),
            ("change-new", "New password", "At least 12 characters."),
        ]),
        sessions: vec![
            session("ses_1", "Firefox on Windows", "today, 08:02", "now", true),
            session("ses_2", "Safari on iPhone", "20 November", "yesterday, 18:20", false),
            session("ses_3", "Chrome on Android", "2 November", "11 November", false),
        ],
    }
}

pub fn account_with_code(say: &Say<'_>) -> Account {
    let since = say.when("2026-10-02T10:00:00+02:00", "2 October 2026");
    let mut page = Account {
        second_factor: SecondFactor::On {
            since,
            codes_left: say.text("You have 10 recovery codes, for when you lose your phone."),
        },
        ..account(say)
    };
    page.faults = say.faults(&[("off-password", "Your password", "This is not your present password.")]);
    page.frame.flash = say.flash(FlashKind::Success, "From now on, signing in asks for a code from your phone.");
    page
}

fn unticked(say: &Say<'_>) -> Vec<ResourceChoice> {
    let mut resources = resources(say);
    for option in resources.iter_mut().flat_map(|resource| resource.see.iter_mut().chain(resource.change.iter_mut())) {
        option.checked = false;
    }
    resources
}

pub fn new_key(say: &Say<'_>) -> NewKey {
    NewKey {
        nonce: "0".repeat(32),
        frame: say.frame(Section::Connections),
        faults: Faults::default(),
        name: String::new(),
        run_by: String::new(),
        reason: String::new(),
        purposes: vec![
            say.choice("operations", "To run the clinic: your own tools", true),
            say.choice("treatment", "To treat patients", false),
            say.choice("payment", "To bill, collect and keep the books", false),
            say.choice("reminders", "To remind owners of what is due", false),
            say.choice("service_messaging", "To message owners about their visits", false),
            say.choice("analytics_aggregate", "To compute figures without persons", false),
        ],
        recipients: vec![
            say.choice("clinic", "The clinic itself, with a program of its own", true),
            say.choice(
                "service_provider",
                "Who works for the clinic and on its word alone, such as bookkeeping or hosting",
                false,
            ),
            say.choice("insurer", "Insurers", false),
        ],
        resources: unticked(say),
        expiries: vec![
            say.choice("30d", "In 30 days", false),
            say.choice("90d", "In 90 days", true),
            say.choice("1y", "In 1 year", false),
            say.choice("never", "Never: only when someone revokes it", false),
        ],
        origins: String::new(),
        addresses: String::new(),
        for_organization: false,
        existing: String::new(),
    }
}

pub fn new_key_again(say: &Say<'_>) -> NewKey {
    NewKey {
        nonce: "0".repeat(32),
        faults: say.faults(&[
            ("name", "Name", "Fill this in."),
            ("scope", "What it may do", "Tick at least one thing that it may do."),
            ("existing", "Or the id of a key that another clinic has", "There is no such key."),
            ("origins", "Origins", "“books” must be an origin as browsers write it."),
            ("", "", "Come back later."),
        ]),
        run_by: say.text("Northfield Bookkeeping Ltd"),
        reason: say.text("Monthly closing of the books"),
        origins: say.text("https://books.northfield.example"),
        for_organization: true,
        existing: say.text("key_01k9x3r7m5"),
        ..new_key(say)
    }
}

pub fn key_made(say: &Say<'_>) -> KeyMade {
    KeyMade {
        frame: say.frame(Section::Connections),
        key_id: say.text("key_01k9x3r7m5"),
        connection_id: say.text("con_01k9x3r7m2"),
        name: say.text("Bookkeeping"),
        secret: say.text("clk_test_7Yp2Qm4tVx9RbK3sWz6Hn8Jc5Df1Lg0A"),
        curl: say.text("curl https://api.willowlane.example/v1/invoices?limit=3 -H 'Authorization: Bearer clk_test_7Yp2Qm4tVx9RbK3sWz6Hn8Jc5Df1Lg0A'"),
        next: None,
        curl_words: say.text("It shows the three newest invoices."),
    }
}
