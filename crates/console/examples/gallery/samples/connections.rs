//! Connections: the list, one of them, its end.

use clinicos_console::faults::Faults;
use clinicos_console::frame::{FlashKind, Section};
use clinicos_console::pages::activity::{Activity, Line, Outcome};
use clinicos_console::pages::connection::{
    CategoryUse, Change, ConnectionPage, Limits, Made, OperationChoice, RefusedForm, ResourceChoice, Revoke, ScopeOption,
};
use clinicos_console::pages::connections::{ConnectionState, Connections, Filter, FilterKind, Row};
use clinicos_console::pages::kept::Changed;
use clinicos_console::words::Count;

use super::{Say, keys};

const ID: &str = "con_01k9x3r7m2";

/// Name, who runs it, why, what it sees, what it changes.
const KNOWN: [[&str; 5]; 8] = [
    [
        "LabLink results",
        "Meridian Veterinary Laboratory",
        "Sends blood results straight to the patient's file",
        "Can see patients and laboratory orders.",
        "Can add laboratory results.",
    ],
    [
        "Bookkeeping",
        "Northfield Bookkeeping Ltd",
        "Monthly closing of the books and open balances",
        "Can see invoices, payments and owners' contact data.",
        "Can change nothing.",
    ],
    [
        "Recall letters",
        "PawPost",
        "Vaccination reminders by post and text message",
        "Can see owners' contact data, patients and what is due.",
        "Can note that a reminder was sent.",
    ],
    [
        "Online booking",
        "VetSlots",
        "Owners book visits on our website",
        "Can see free times and the patients of owners who book.",
        "Can make and move appointments.",
    ],
    ["Card terminal", "Counterpay", "Card payments at the front desk", "Can see open invoices.", "Can add payments."],
    [
        "Group figures",
        "Willow Lane Group, head office",
        "Monthly figures for the owners of the practice",
        "Can see figures about the whole clinic, without persons.",
        "Can change nothing.",
    ],
    [
        "Old phone system",
        "Televox Europe",
        "Showed the owner's name when they called",
        "Can see owners' contact data.",
        "Can change nothing.",
    ],
    [
        "Insurance claims",
        "Petsure Direct",
        "Sends claims and medical history for insured patients",
        "Can see medical notes, invoices and owners' contact data.",
        "Can add documents to a claim.",
    ],
];

const STATES: [(ConnectionState, Option<&str>); 8] = [
    (ConnectionState::Suspended, Some("Asked for 4,100 patients in 10 minutes")),
    (ConnectionState::Paused, Some("Paused by Maren Holt until 18:00")),
    (ConnectionState::Active, Some("Ends in 6 days")),
    (ConnectionState::Active, None),
    (ConnectionState::Active, None),
    (ConnectionState::Active, None),
    (ConnectionState::Active, Some("Not used in 143 days")),
    (ConnectionState::Expired, None),
];

fn row(say: &Say<'_>, at: usize) -> Row {
    let known = KNOWN.iter().cycle().nth(at).copied().unwrap_or_default();
    let [name, run_by, reason, sees, changes] = known.map(|text| say.text(text));
    let (state, needs) = STATES.iter().cycle().nth(at).copied().unwrap_or((ConnectionState::Active, None));
    let (last_used, calls) = match at % KNOWN.len() {
        6 => (say.when("2026-07-04T11:20:00+02:00", "4 July"), 0),
        7 => (say.when("2026-10-31T16:05:00+01:00", "31 October"), 0),
        other => (say.when("2026-11-24T09:38:00+01:00", &format!("{} minutes ago", other + 2)), 37 + 611 * other as u64),
    };
    Row {
        id: say.text(&format!("con_01k9x3r7m{at}")),
        name: if at < KNOWN.len() { name } else { format!("{name} {at}") },
        run_by,
        reason,
        sees,
        changes,
        last_used: (at != 5).then_some(last_used),
        calls: Count(if at == 5 { 0 } else { calls }),
        state,
        needs_you: needs.map(|needs| say.text(needs)),
    }
}

/// The list with any number of connections.
pub fn many(say: &Say<'_>, count: usize) -> Connections {
    let counts = [count as u64, 4, 5, 5, 1];
    Connections {
        frame: say.frame(Section::Connections),
        filters: FilterKind::ALL.into_iter().zip(counts).map(|(kind, count)| Filter { kind, count: Count(count) }).collect(),
        selected: FilterKind::All,
        rows: (0..count).map(|at| row(say, at)).collect(),
        all: Count(count as u64),
        pager: (count > 0).then(|| say.pager("/console/connections?page=2")),
    }
}

pub fn list(say: &Say<'_>) -> Connections {
    many(say, KNOWN.len())
}

pub fn empty(say: &Say<'_>) -> Connections {
    many(say, 0)
}

pub fn lines(say: &Say<'_>) -> Vec<Line> {
    let calls = [
        ("09:41:12", "read 42 invoices of this month", Outcome::Done),
        ("09:41:07", "looked up the balance of one client", Outcome::Done),
        ("09:40:55", "asked for the phone numbers of 42 clients", Outcome::Refused),
        ("09:38:20", "read 42 payments", Outcome::Done),
        ("08:02:03", "asked for the clinic's opening hours", Outcome::Failed),
        ("07:30:00", "read 120 invoices that changed since yesterday", Outcome::Done),
    ];
    let line = |(at, (time, did, outcome)): (usize, &(&str, &str, Outcome))| Line {
        at: say.when(&format!("2026-11-24T{time}+01:00"), &format!("today, {time}")),
        who: say.text("Bookkeeping"),
        did: say.text(did),
        outcome: *outcome,
        request_id: say.text(&format!("req_01k9z{at}")),
        same: (at == 3).then(|| (Count(14), say.when("2026-11-24T08:10:00+01:00", "today, 08:10"))),
    };
    calls.iter().enumerate().map(line).collect()
}

pub fn activity(say: &Say<'_>) -> Activity {
    Activity { connection_id: say.text(ID), lines: lines(say), live: true }
}

pub fn resources(say: &Say<'_>) -> Vec<ResourceChoice> {
    let option = |scope: &str, words: &str, checked: bool| ScopeOption {
        scope: say.text(scope),
        words: say.text(words),
        note: (scope == "payments:write").then(|| say.text("Forbidden now: delete a payment.")),
        checked,
    };
    vec![
        ResourceChoice {
            title: say.text("Clients"),
            see: Some(option("clients:read", "Names, and how to reach owners if you allow contact data.", true)),
            change: Some(option("clients:write", "Add owners and correct their data.", false)),
            acts: Vec::new(),
        },
        ResourceChoice {
            title: say.text("Invoices"),
            see: Some(option("invoices:read", "What was billed, to whom, and what is open.", true)),
            change: Some(option("invoices:write", "Write, change and void invoices.", false)),
            acts: Vec::new(),
        },
        ResourceChoice {
            title: say.text("Payments"),
            see: Some(option("payments:read", "What was paid, when and how.", true)),
            change: Some(option("payments:write", "Record payments.", true)),
            acts: vec![option("payments:refund", "Refund a payment.", false)],
        },
        ResourceChoice {
            title: say.text("The clinic itself"),
            see: Some(option("clinics:read", "Name, address and opening hours.", true)),
            change: None,
            acts: Vec::new(),
        },
    ]
}

fn usage(say: &Say<'_>) -> Vec<CategoryUse> {
    let category = |name: &str, words: &str, calls: u64, records: u64, last: Option<&str>, removable: bool| CategoryUse {
        category: say.text(name),
        words: say.text(words),
        granted_at: removable.then(|| say.when("2026-03-02T10:00:00+01:00", "2 March 2026")),
        granted_by: removable.then(|| say.text("Maren Holt")),
        until: (calls == 0).then(|| say.when("2027-03-02T10:00:00+01:00", "2 March 2027")),
        shown_text: removable.then(|| say.text("What you tick here you allow this connection.")),
        calls: Count(calls),
        records: Count(records),
        last_use: last.map(|last| say.when("2026-11-24T09:41:12+01:00", last)),
        removable,
    };
    vec![
        category("owner_financial", "invoices, payments and balances of pet owners", 1204, 50_112, Some("today, 09:41"), true),
        category(
            "practice",
            "the clinic's own details, such as name, address and opening hours",
            30,
            30,
            Some("today, 08:02"),
            true,
        ),
        category("owner_contact", "names, addresses, phone numbers and e-mail addresses of pet owners", 0, 0, None, true),
        category("record_system", "identifiers, versions and times of records", 1234, 50_142, Some("today, 09:41"), false),
    ]
}

fn history(say: &Say<'_>) -> Vec<Change> {
    let change = |exact: &str, words: &str, who: &str, what: &str, why: Option<&str>| Change {
        at: say.when(exact, words),
        who: say.text(who),
        what: say.text(what),
        why: why.map(|why| say.text(why)),
    };
    vec![
        change(
            "2026-11-12T17:30:00+01:00",
            "12 November",
            "Maren Holt",
            "paused it for 1 hour",
            Some("Strange calls at night, asked Northfield"),
        ),
        change("2026-06-18T09:00:00+02:00", "18 June", "Dr. Asha Verma", "forbade voiding of invoices", None),
        change(
            "2026-03-02T10:00:00+01:00",
            "2 March",
            "Maren Holt",
            "made the key",
            Some("Monthly closing of the books and open balances"),
        ),
    ]
}

fn operations(say: &Say<'_>) -> Vec<OperationChoice> {
    let operation =
        |id: &str, words: &str, excluded: bool| OperationChoice { id: say.text(id), words: say.text(words), excluded };
    vec![
        operation("clients.list", "List clients", false),
        operation("clients.get", "Read one client", false),
        operation("invoices.list", "List invoices", false),
        operation("invoices.get", "Read one invoice", false),
        operation("payments.create", "Record a payment", false),
        operation("payments.refund", "Refund a payment", true),
    ]
}

pub fn one(say: &Say<'_>) -> ConnectionPage {
    ConnectionPage {
        made: vec![Made { id: say.text("con_2"), name: say.text("Night export"), words: "Active", is_over: false }],
        more_made: None,
        made_lives: true,
        frame: say.frame(Section::Connections),
        connection_id: say.text(ID),
        version: 7,
        name: say.text("Bookkeeping"),
        run_by: say.text("Northfield Bookkeeping Ltd"),
        reason: say.text("Monthly closing of the books and open balances"),
        purpose: say.text("to bill, collect and keep the books"),
        state: ConnectionState::Active,
        state_note: None,
        writes_enabled: true,
        sees: say.texts(&[
            "Invoices: what was billed, to whom, and what is open",
            "Payments: what was paid, when and how",
            "Clients: their names",
        ]),
        sees_at_most: say.some("At most 120 reading calls a minute; 600 is usual."),
        changes: say.texts(&["Record, change and delete payments (not: delete a payment)"]),
        changes_at_most: None,
        usage: usage(say),
        keys: keys::rows(say),
        more_keys: Some(say.pager("/console/connections/con_1?keys=2#keys")),
        addresses: say.text("203.0.113.0/24"),
        lines: lines(say),
        live: true,
        history: history(say),
        more_history: Some(say.pager("/console/connections/con_1?changes=2#history")),
        facts: say.facts(&[("Connection", ID), ("App", "app_01k9x3r7m1"), ("Pinned version", "2026-11-01"), ("Version", "7")]),
        limits: Limits {
            read: say.text("120"),
            write: String::new(),
            read_usual: Count(600),
            write_usual: Count(120),
            max: 100_000,
        },
        browser_origins: say.texts(&["https://books.northfield.example"]),
        operations: operations(say),
        resources: resources(say),
        refused: None,
        faults: Faults::default(),
    }
}

pub fn again(say: &Say<'_>) -> ConnectionPage {
    let words = "A whole number up to 60,000, or empty for the usual limit.";
    let faults = say.faults(&[
        ("read-limit", "Reading calls a minute", words),
        ("write-limit", "Changing calls a minute", words),
        ("limits-reason", "Why", "Must have at most 500 characters."),
    ]);
    let mut page = ConnectionPage { faults, live: false, ..one(say) };
    page.refused = Some(RefusedForm { control: "limits".to_owned(), reason: say.text("Too many calls at night") });
    (page.limits.read, page.limits.write) = (say.text("999999"), say.text("-1"));
    page
}

pub fn paused(say: &Say<'_>) -> ConnectionPage {
    let mut page = one(say);
    page.state = ConnectionState::Paused;
    page.state_note = say.some("Maren Holt paused it today at 09:50 until 18:00: “Northfield changes its server”. It called 12 times since and was refused.");
    page.writes_enabled = false;
    page.live = false;
    page.frame.flash = say.flash(FlashKind::Success, "Bookkeeping is paused until 18:00.");
    page
}

pub fn revoked(say: &Say<'_>) -> ConnectionPage {
    let mut page = one(say);
    page.state = ConnectionState::Revoked;
    page.state_note = say.some("Maren Holt revoked it on 20 November: “Contract ended”.");
    page.live = false;
    page.changes = Vec::new();
    page.frame.sandbox = false;
    page
}

pub fn revoke(say: &Say<'_>) -> Revoke {
    Revoke {
        made: Some("1 connection".to_owned()),
        frame: say.frame(Section::Connections),
        connection_id: say.text(ID),
        name: say.text("Bookkeeping"),
        recent: say.some("It made 214 calls in the last 7 days; such calls will be refused."),
    }
}

pub fn changed(say: &Say<'_>) -> Changed {
    Changed {
        frame: say.frame(Section::Connections),
        name: say.text("Acme Books"),
        what: say.text("How fast it may call"),
        changes: vec![say.text("Jonas Lind changed its limit of reading calls from 60 a minute to 30 a minute, today, 09:12.")],
        now: say.facts(&[("Reading calls a minute", "30")]),
        typed: say.facts(&[("Reading calls a minute", "120"), ("Why", "They asked for it")]),
        action: say.text("/console/connections/con_1/limits"),
        fields: vec![(say.text("read"), say.text("120")), (say.text("version"), say.text("4"))],
        page: say.text("/console/connections/con_1"),
    }
}
