//! What clients decided, and what connections see.

use clinicos_console::frame::Section;
use clinicos_console::pages::records::RecordPage;
use clinicos_console::pages::sees::{LeftOut, Sees};
use clinicos_console::pages::sharing::{Decided, Kept, Means, Sharing};

use super::Say;
use super::records::{cell, entry, one};

fn kept(say: &Say<'_>, data: &str, may_see: bool, because: &str, source: &str) -> Kept {
    Kept { data: say.text(data), may_see, because: say.text(because), source: say.text(source) }
}

fn sharing(say: &Say<'_>) -> Sharing {
    let decided = Decided {
        href: say.text("/console/records/consents/cns_01k9x3a7"),
        what: say.text("Refused: data sharing"),
        status: say.text("Active"),
        purposes: say.text("to bill, collect and keep the books"),
        data: String::new(),
        method: say.text("Signed"),
        evidence: say.some("/console/records/documents/doc_01k9x3a7"),
        by: say.some("/console/records/staff/stf_01k9x3a7"),
        patient: None,
        at: Some(say.when("2026-11-24T08:12:00+01:00", "today, 08:12")),
        until: Some(say.when("2027-11-24T08:12:00+01:00", "24 Nov 2027")),
    };
    let kinds = vec![
        kept(say, "Names, addresses, phone numbers and e-mail addresses of pet owners", false, "The client refused it.", ""),
        kept(
            say,
            "Invoices, payments and balances of pet owners",
            true,
            "The client decided nothing, and then it may: whoever carries a payment sees what it takes.",
            "Bus. & Prof. Code § 4857(a)",
        ),
    ];
    let means = |name: &str| Means {
        name: say.text(name),
        href: say.text("/console/connections/con_01k9x3a7"),
        purpose: say.text("to bill, collect and keep the books"),
        kinds: kinds.clone(),
    };
    Sharing { decided: vec![decided], means: vec![means("Acme Books"), means("Northgate Insurance")], more: true }
}

pub fn client(say: &Say<'_>) -> RecordPage {
    RecordPage { name: say.text("Jane Miller"), one: say.text("client"), sharing: Some(sharing(say)), ..one(say) }
}

pub fn sees(say: &Say<'_>) -> Sees {
    let left_out = |name: &str, because: &str| LeftOut { name: say.text(name), because: say.text(because) };
    Sees {
        frame: say.frame(Section::Connections),
        connection_id: say.text("con_01k9x3a7"),
        name: say.text("Acme Books"),
        kinds: vec![say.choice("clients", "Clients", false), say.choice("invoices", "Invoices", true)],
        record: String::new(),
        one: say.text("invoice"),
        title: say.text("Invoice INV-1042"),
        href: say.some("/console/records/invoices/inv_01k9x3a7"),
        can_see: true,
        refusal: String::new(),
        entries: vec![entry(say, "Number", vec![cell(say, "INV-1042")]), entry(say, "Total", vec![cell(say, "184.50 USD")])],
        left_out: vec![
            left_out(
                "Client",
                "The client, or a rule where the client decided nothing, keeps invoices, payments and balances from it.",
            ),
            left_out("Lines: description", "The clinic has not allowed it medical notes, diagnoses and treatments."),
        ],
    }
}

pub fn sees_nothing(say: &Say<'_>) -> Sees {
    let refusal = say.text("it does not have the scope `invoices:read`");
    Sees { can_see: false, refusal, entries: Vec::new(), left_out: Vec::new(), ..sees(say) }
}

pub fn sees_none(say: &Say<'_>) -> Sees {
    Sees { href: None, entries: Vec::new(), left_out: Vec::new(), ..sees(say) }
}
