//! The clinic's whole record, to take along.

use clinicos_console::frame::Section;
use clinicos_console::pages::exports::{Export, Exports, FileLine};
use clinicos_console::words::Count;

use super::Say;

pub fn begin(say: &Say<'_>) -> Exports {
    Exports { frame: say.frame(Section::Records) }
}

pub fn under_way(say: &Say<'_>) -> Export {
    let file =
        |title: &str, name: &str, records| FileLine { title: say.text(title), name: say.text(name), records: Count(records) };
    Export {
        frame: say.frame(Section::Records),
        id: say.text("exp_1"),
        as_of: say.when("2026-11-24T06:12:00+01:00", "today, 06:12"),
        files: vec![
            file("Clients", "clients.ndjson", 1_204),
            file("Invoices", "invoices.ndjson", 20_418),
            file("The documents themselves", "document_contents.ndjson", 96),
        ],
        lost: vec![say.text("doc_1")],
        records: Count(21_718),
        parts: 68,
        parts_read: 3,
    }
}

pub fn through(say: &Say<'_>) -> Export {
    Export { parts_read: 68, lost: Vec::new(), ..under_way(say) }
}
