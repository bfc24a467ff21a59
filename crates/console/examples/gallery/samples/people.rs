//! People and their access.

use clinicos_console::frame::Section;
use clinicos_console::pages::people::{EndAccess, InvitedPage, People, PersonRow, PersonState};

use super::Say;

pub fn list(say: &Say<'_>) -> People {
    let row = |id: &str, name: &str, email: &str, state: PersonState| PersonRow {
        id: say.text(id),
        name: say.text(name),
        email: say.text(email),
        role: say.text("DVM"),
        roles: vec![say.choice("DVM", "DVM", true), say.choice("Admin", "Admin", false)],
        state,
        why: (state == PersonState::Disabled).then(|| say.text("She left the clinic")),
        last_sign_in: (state == PersonState::Active).then(|| say.when("2026-11-24T09:41:00+01:00", "today, 09:41")),
        second_factor: state == PersonState::Active,
        is_self: id == "usr_1",
        version: 3,
    };
    People {
        frame: say.frame(Section::Other),
        faults: say.faults(&[("email", "E-mail address", "This address cannot be invited.")]),
        nonce: say.text("7d1f"),
        rows: vec![
            row("usr_1", "Maren Holt", "maren@willowlane.example", PersonState::Active),
            row("usr_2", "Jonas Lind", "jonas.lind@willowlane.example", PersonState::Invited),
            row("usr_3", "Pia Moor", "pia@willowlane.example", PersonState::Disabled),
        ],
        pager: Some(say.pager("/console/people?page=1")),
        name: say.text("Noa Berg"),
        email: say.text("noa.berg@willowlane.example"),
        roles: vec![say.choice("DVM", "DVM", true), say.choice("Admin", "Admin", false)],
    }
}

pub fn end_access(say: &Say<'_>) -> EndAccess {
    EndAccess {
        frame: say.frame(Section::Other),
        name: say.text("Jonas Lind"),
        path: "/console/people/usr_2".to_owned(),
        is_self: false,
        version: 3,
    }
}

pub fn invited(say: &Say<'_>) -> InvitedPage {
    InvitedPage {
        frame: say.frame(Section::Other),
        name: say.text("Noa Berg"),
        email: say.text("noa.berg@willowlane.example"),
        link: say.text("https://clinic.example/console/welcome?token=4f2a"),
    }
}
