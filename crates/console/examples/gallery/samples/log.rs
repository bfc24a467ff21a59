//! The access log.

use clinicos_console::frame::Section;
use clinicos_console::pages::activity::Outcome;
use clinicos_console::pages::log::{Group, LogEntry, LogSearch, RecordChoice, RecordRef};

use super::Say;

pub fn search(say: &Say<'_>) -> LogSearch {
    LogSearch {
        frame: say.frame(Section::Log),
        who: vec![
            Group { title: say.text("Several"), choices: vec![say.choice("", "Connections and changes", false)] },
            Group { title: say.text("One person"), choices: vec![say.choice("usr_1", "Dr. Ana Reyes", false)] },
            Group {
                title: say.text("One connection"),
                choices: vec![say.choice("con_1", "LabLink results", false), say.choice("con_2", "Bookkeeping", true)],
            },
        ],
        left_out: None,
        operations: vec![
            Group { title: say.text("Invoices"), choices: vec![say.choice("invoices.list", "List invoices", false)] },
            Group { title: say.text("Payments"), choices: vec![say.choice("payments.create", "Record a payment", false)] },
        ],
        outcomes: vec![
            say.choice("allowed", "Allowed", false),
            say.choice("refused", "Refused", false),
            say.choice("failed", "Failed", false),
        ],
        record: say.text("inv_01k9x3"),
        choices: Vec::new(),
        gaps: Vec::new(),
        from: say.text("2026-11-01"),
        from_time: say.text("14:30"),
        to: say.text("2026-11-24"),
        to_time: String::new(),
        problems: Vec::new(),
        rows: super::connections::lines(say),
        newest: None,
        older: say.some("/console/log?connection=con_2&cursor=b3A"),
        csv: say.text("/console/log.csv?connection=con_2"),
    }
}

pub fn nothing(say: &Say<'_>) -> LogSearch {
    let problems = say.texts(&["“From” is after “Until”."]);
    let left_out = say.some("/console/log?connection=everybody&");
    LogSearch { rows: Vec::new(), left_out, older: None, newest: say.some("/console/log"), problems, ..search(say) }
}

pub fn which(say: &Say<'_>) -> LogSearch {
    let choice = |kind: &str, words: &str, id: &str| RecordChoice {
        kind: say.text(kind),
        words: say.text(words),
        id: say.text(id),
        href: say.text("/console/log?connection=everybody&record=cli_01k9x3a7"),
    };
    let choices = vec![
        choice("Client", "Jane Miller, jane@example.com", "cli_01k9x3a7"),
        choice("Client", "Tom Miller", "cli_01k9x3b2"),
        choice("Patient", "Miller, cat", "pat_01k9x3c9"),
    ];
    let gaps = say.texts(&["More than 20 records go by that name. Write more of it, or paste the record's id."]);
    LogSearch { record: say.text("Miller"), choices, gaps, rows: Vec::new(), older: None, ..search(say) }
}

pub fn allowed(say: &Say<'_>) -> LogEntry {
    let record = |id: &str| RecordRef {
        kind: say.text("Invoice"),
        id: say.text(id),
        href: say.some("/console/records/invoices/inv_01k9x3a7"),
    };
    LogEntry {
        frame: say.frame(Section::Log),
        at: say.when("2026-11-24T09:41:12+01:00", "today, 09:41:12"),
        who: say.text("Bookkeeping"),
        did: say.text("read 42 invoices of this month"),
        connection_id: say.some("con_2"),
        key_id: say.some("key_01k9x3r7m5"),
        outcome: Outcome::Done,
        reasons: say.texts(&[
            "The key is valid, and the connection is active.",
            "It may see invoices.",
            "Your clinic allowed invoices, payments and balances for this use on 2 March 2026.",
            "It stayed below its limit: 14 of 120 calls in this minute.",
        ]),
        in_order: Vec::new(),
        records: vec![record("inv_01k9x3a7"), record("inv_01k9x3b2"), record("inv_01k9x3c9")],
        records_words: say.text("42 records; the first 3 are listed."),
        disclosed: say.texts(&["Invoices, payments and balances of pet owners", "Identifiers, versions and times of records"]),
        left_out: say.texts(&["Names, addresses, phone numbers and e-mail addresses of pet owners"]),
        facts: say.facts(&[
            ("Request", "req_01k9z0"),
            ("Operation", "invoices.list"),
            ("Method and path", "GET /v1/invoices?issued_after=2026-11-01"),
            ("Status", "200"),
            ("Position in the log", "184,220"),
            ("From address", "203.0.113.24"),
        ]),
    }
}

pub fn refused(say: &Say<'_>) -> LogEntry {
    LogEntry {
        did: say.text("asked for the phone numbers of 42 clients"),
        outcome: Outcome::Refused,
        reasons: say.texts(&["Your clinic has not allowed contact data of pet owners for this connection."]),
        in_order: say.texts(&["The key is valid.", "The connection is active."]),
        records: Vec::new(),
        disclosed: Vec::new(),
        left_out: Vec::new(),
        connection_id: None,
        key_id: None,
        ..allowed(say)
    }
}
