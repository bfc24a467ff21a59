//! Records of the clinic.

use clinicos_console::frame::Section;
use clinicos_console::pages::records::{
    Cell, Entry, Filter, Group, Head, Input, KindLine, Meaning, Of, Parts, RecordList, RecordPage, Records, Row, Way,
};

use super::Say;

pub fn cell(say: &Say<'_>, text: &str) -> Cell {
    Cell { text: say.text(text), ..Cell::default() }
}

fn link(say: &Say<'_>, text: &str, href: &str) -> Cell {
    Cell { href: say.some(href), ..cell(say, text) }
}

fn moment(say: &Say<'_>, text: &str, exact: &str) -> Cell {
    Cell { exact: say.some(exact), ..cell(say, text) }
}

pub fn entry(say: &Say<'_>, label: &str, cells: Vec<Cell>) -> Entry {
    Entry { label: say.text(label), cells }
}

fn head(say: &Say<'_>, name: &str, right: bool) -> Head {
    Head { name: say.text(name), right }
}

pub fn all(say: &Say<'_>) -> Records {
    let kind = |title: &str, what: &str| KindLine {
        title: say.text(title),
        what: say.text(what),
        href: say.text("/console/records/invoices"),
    };
    Records {
        frame: say.frame(Section::Records),
        kinds: vec![
            kind("Clients", "A pet owner: a person, or an organization such as a breeder or a shelter."),
            kind("Patients", "An animal that the clinic cares for."),
            kind("Appointments", "A time that is booked, for one or more patients of a client."),
            kind("Invoices", "What a client is asked to pay. Its amounts follow from its lines and payments."),
        ],
        ..Records::default()
    }
}

pub fn which(say: &Say<'_>) -> Records {
    let found = super::log::which(say);
    Records { find: say.text("Miller"), choices: found.choices, gaps: found.gaps, ..all(say) }
}

pub fn nothing_to_read(say: &Say<'_>) -> Records {
    Records { kinds: Vec::new(), find: String::new(), ..all(say) }
}

pub fn list(say: &Say<'_>) -> RecordList {
    let heads = vec![
        head(say, "Invoice", false),
        head(say, "Client", false),
        head(say, "Status", false),
        head(say, "Issued", false),
        head(say, "Total", true),
        head(say, "Balance", true),
    ];
    let row = |number: &str, client: &str, status: &str, total: &str, balance: &str, deleted: bool| Row {
        name: say.text(number),
        href: say.text("/console/records/invoices/inv_01k9x3a7"),
        deleted,
        cells: vec![
            (head(say, "Client", false), vec![link(say, client, "/console/records/clients/cli_01k9x3a7")]),
            (head(say, "Status", false), vec![cell(say, status)]),
            (head(say, "Issued", false), vec![moment(say, "3 Nov 2026", "2026-11-03")]),
            (head(say, "Total", true), vec![cell(say, total)]),
            (head(say, "Balance", true), if balance.is_empty() { Vec::new() } else { vec![cell(say, balance)] }),
        ],
    };
    RecordList {
        frame: say.frame(Section::Records),
        title: say.text("Invoices"),
        many: say.text("invoices"),
        what: say.text("What a client is asked to pay. Its amounts follow from its lines and payments."),
        order: say.text("The latest first."),
        href: say.text("/console/records/invoices"),
        filters: vec![
            Filter { name: say.text("number"), label: say.text("Number"), input: Input::Text(say.text("INV-1042")) },
            Filter {
                name: say.text("status"),
                label: say.text("Status"),
                input: Input::Words(vec![say.choice("open", "Open", false), say.choice("paid", "Paid", true)]),
            },
            Filter {
                name: say.text("issued_on-from"),
                label: say.text("Issued, from"),
                input: Input::Day(say.text("2026-11-01")),
            },
        ],
        of: vec![Of {
            name: say.text("client_id"),
            id: say.text("cli_01k9x3a7"),
            label: say.text("Client"),
            cell: link(say, "Jane Miller", "/console/records/clients/cli_01k9x3a7"),
        }],
        deleted: Some(false),
        is_filtered: true,
        problems: Vec::new(),
        heads,
        rows: vec![
            row("INV-1042", "Jane Miller", "Partial", "184.50 USD", "84.50 USD", false),
            row("INV-1041", "Harbor Shelter for Cats and Dogs", "Overdue", "12,300.00 USD", "12,300.00 USD", false),
            row("INV-1040", "Tom Okafor", "Draft", "0.00 USD", "", true),
        ],
        first: None,
        next: say.some("/console/records/invoices?cursor=b3A"),
    }
}

pub fn empty(say: &Say<'_>) -> RecordList {
    RecordList { rows: Vec::new(), filters: Vec::new(), of: Vec::new(), is_filtered: false, next: None, ..list(say) }
}

pub fn wrong_filter(say: &Say<'_>) -> RecordList {
    let problems = say.texts(&["“soon” is no day. Write a day like 2026-11-23."]);
    RecordList {
        problems,
        first: say.some("/console/records/invoices"),
        next: None,
        rows: Vec::new(),
        deleted: Some(true),
        ..list(say)
    }
}

fn groups(say: &Say<'_>) -> Vec<Group> {
    let status = Cell { note: say.text("Something is paid, and something is owed."), ..cell(say, "Partial") };
    vec![
        Group {
            name: "about",
            title: "What it is",
            entries: vec![
                entry(say, "Number", vec![cell(say, "INV-1042")]),
                entry(say, "Status", vec![status]),
                entry(say, "Issued", vec![moment(say, "3 Nov 2026", "2026-11-03")]),
                entry(say, "Notes", vec![cell(say, "Called on Monday.\nWill pay the rest at the next visit.")]),
                entry(say, "Emails", vec![cell(say, "jane@example.com"), cell(say, "j.miller@example.org")]),
            ],
        },
        Group {
            name: "amounts",
            title: "Amounts",
            entries: vec![
                entry(say, "Total", vec![cell(say, "184.50 USD")]),
                entry(say, "Balance", vec![cell(say, "84.50 USD")]),
            ],
        },
        Group {
            name: "links",
            title: "What it belongs to",
            entries: vec![entry(say, "Client", vec![link(say, "Jane Miller", "/console/records/clients/cli_01k9x3a7")])],
        },
    ]
}

pub fn one(say: &Say<'_>) -> RecordPage {
    let line = |what: &str, quantity: &str, total: &str| {
        vec![
            (head(say, "Patient", false), vec![link(say, "Rex", "/console/records/patients/pat_01k9x3a7")]),
            (head(say, "Description", false), vec![cell(say, what)]),
            (head(say, "Quantity", true), vec![cell(say, quantity)]),
            (head(say, "Total", true), vec![cell(say, total)]),
        ]
    };
    let way = |words: &str| Way { words: say.text(words), href: say.text("/console/records/payments?invoice_id=inv_01k9x3a7") };
    let meaning = |label: &str, doc: &str| Meaning { label: say.text(label), doc: say.text(doc) };
    RecordPage {
        frame: say.frame(Section::Records),
        kind: say.text("Invoices"),
        kind_href: say.text("/console/records/invoices"),
        one: say.text("invoice"),
        name: say.text("Invoice INV-1042"),
        id: say.text("inv_01k9x3a7"),
        states: say.texts(&["Partial"]),
        deleted: None,
        merged: None,
        groups: groups(say),
        empty: say.texts(&["Void reason", "GL code"]),
        parts: vec![Parts {
            name: say.text("lines"),
            title: say.text("Lines"),
            heads: vec![
                head(say, "Patient", false),
                head(say, "Description", false),
                head(say, "Quantity", true),
                head(say, "Total", true),
            ],
            rows: vec![line("Examination", "1", "84.50 USD"), line("Rabies vaccine, one year", "2", "100.00 USD")],
        }],
        ways: vec![way("Payments"), way("Refunds")],
        system: vec![
            entry(say, "Id", vec![cell(say, "inv_01k9x3a7")]),
            entry(say, "Version", vec![cell(say, "3")]),
            entry(say, "External ids", vec![cell(say, "avimark, 88213")]),
        ],
        meanings: vec![
            meaning("Number", "The number on the paper, unique in the clinic; the next “INV-…” unless given."),
            meaning("Balance", "What is owed: total less paid once issued; zero as a draft, void or written off."),
        ],
        sharing: None,
        history: super::connections::lines(say).into_iter().take(1).collect(),
        seen: super::connections::lines(say).into_iter().skip(1).collect(),
        log: say.text("/console/log?connection=everybody&record=inv_01k9x3a7"),
    }
}

pub fn deleted(say: &Say<'_>) -> RecordPage {
    RecordPage {
        deleted: Some(say.when("2026-11-24T09:41:12+01:00", "today, 09:41")),
        parts: Vec::new(),
        ways: Vec::new(),
        empty: Vec::new(),
        history: Vec::new(),
        seen: Vec::new(),
        ..one(say)
    }
}
