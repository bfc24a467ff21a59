//! Importing files.

use clinicos_console::faults::Faults;
use clinicos_console::frame::Section;
use clinicos_console::pages::import_mapping::{ImportMapping, MappedColumn, MappedFile, Mode};
use clinicos_console::pages::imports::{
    FileLine, Import, ImportLine, Imports, Mapped, MappedLine, MappingReads, PreviewField, PreviewFile, RejectLine, Stage,
};

use super::Say;

pub fn list(say: &Say<'_>) -> Imports {
    let line = |id: &str, name: &str, state: &str, outcome: &str| ImportLine {
        id: say.text(id),
        name: say.text(name),
        at: say.when("2026-11-24T06:12:00+01:00", "today, 06:12"),
        state: say.text(state),
        outcome: say.text(outcome),
    };
    Imports {
        frame: say.frame(Section::Import),
        faults: Faults::default(),
        mappings: vec![
            say.choice("propose", "Start a mapping from my files", false),
            say.choice("northwind", "Northwind", true),
            say.choice("petclinic", "Petclinic", false),
        ],
        reads: vec![MappingReads { name: say.text("Petclinic"), files: say.texts(&["owners.csv", "pets.csv"]) }],
        program: say.text("avimark"),
        own_mapping: String::new(),
        imports: vec![
            line("imp_2", "Petclinic: owners.csv, pets.csv", "Checked; nothing was changed yet", "23 new, 0 changed, 0 rejected"),
            line("imp_1", "clients.csv, invoices.csv", "Done", "998 new, 4 changed, 12 rejected"),
        ],
        newest: say.some("/console/import"),
        older: say.some("/console/import?cursor=c"),
    }
}

pub fn again(say: &Say<'_>) -> Imports {
    let faults = say.faults(&[
        ("own-mapping", "A mapping of your own", "Line 3: there is no operation `clients.imports`."),
        ("file", "Files", "Choose the files."),
    ]);
    Imports { faults, own_mapping: say.text("system = \"old\""), imports: Vec::new(), ..list(say) }
}

pub fn checked(say: &Say<'_>) -> Import {
    let file = |name: &str, resource: &str, counts| FileLine { name: say.text(name), resource: say.text(resource), counts };
    let reject = |line, column: &str, reason: &str, held_back| RejectLine {
        file: say.text("pets.csv"),
        line,
        column: say.text(column),
        reason: say.text(reason),
        held_back,
    };
    Import {
        frame: say.frame(Section::Import),
        id: say.text("imp_2"),
        name: say.text("Petclinic: owners.csv, pets.csv"),
        sent: say.when("2026-11-24T06:10:00+01:00", "today, 06:10"),
        stage: Stage::Checked,
        todo: Vec::new(),
        notes: say
            .texts(&["In “Species” of pets.csv, “Dragon” (1 record) is not a word that is known, and becomes “exotic other”."]),
        mends: say.texts(&["pets.csv"]),
        dry_run: true,
        detail: String::new(),
        files: vec![file("owners.csv", "clients", [10, 9, 0, 0, 1, 0]), file("pets.csv", "patients", [13, 11, 0, 0, 1, 1])],
        outcome: say.text("10 records were read. 9 would be created, and 1 would be rejected. Nothing was written yet."),
        mapped: vec![Mapped {
            file: say.text("owners.csv"),
            resource: say.text("clients"),
            lines: vec![
                mapped_line(say, ["OwnerID", "What tells records apart", "1", "1"]),
                mapped_line(say, ["Last Name", "Family name", "Franklin", "Franklin"]),
                mapped_line(say, ["", "Phones, kind", "", "home"]),
            ],
            left: say.text("Fax, Contact Title"),
        }],
        can_map: true,
        preview: vec![PreviewFile {
            file: say.text("owners.csv"),
            resource: say.text("clients"),
            lines: vec![2, 3],
            fields: vec![
                PreviewField { name: say.text("Family name"), values: vec![(2, say.text("Franklin")), (3, say.text("Davis"))] },
                PreviewField { name: say.text("Address, city"), values: vec![(2, say.text("Madison")), (3, String::new())] },
            ],
            json: say.text("{\n  \"external_id\": \"1\",\n  \"family_name\": \"Franklin\"\n}"),
        }],
        rejects: vec![reject(4, "Birth Date", "must be a date written like 2026-04-25 for 25 April 2026", false)],
        held_back: vec![reject(9, "OwnerID", "line 6 of “owners.csv” was rejected", true)],
        rejected: 2,
        rejects_words: say.some("The first 100 are shown; the file has all of them."),
        version: 3,
    }
}

fn mapped_line(say: &Say<'_>, [column, field, before, after]: [&str; 4]) -> MappedLine {
    MappedLine { column: say.text(column), field: say.text(field), before: say.text(before), after: say.text(after) }
}

pub fn mapping(say: &Say<'_>) -> ImportMapping {
    let column = |at, name: &str, first: &str, targets, days: Vec<_>| MappedColumn {
        at,
        name: say.text(name),
        first: say.text(first),
        targets,
        is_open: !days.is_empty(),
        days,
    };
    let left_out = || say.choice("", "leave out", false);
    let days = vec![
        say.choice("1", "month/day/year, such as 04/03/2026 for 3 April", true),
        say.choice("2", "day/month/year, such as 03/04/2026 for 3 April", false),
    ];
    ImportMapping {
        frame: say.frame(Section::Import),
        faults: say.faults(&[("system", "Name of the other program", "Fill this in.")]),
        id: say.text("imp_2"),
        name: say.text("pets.csv"),
        mode: Mode::Choices,
        version: 3,
        text: String::new(),
        system: String::new(),
        currency: say.text("USD"),
        decimal_marks: vec![say.choice(".", "1,234.50: a point before cents", true)],
        files: vec![MappedFile {
            at: 0,
            name: say.text("pets.csv"),
            whats: vec![left_out(), say.choice("patients", "patients: animals", true)],
            was: say.text("patients"),
            keys: vec![say.choice("PetID", "PetID: differs in every record", true)],
            with: vec![say.choice("", "nothing else: it is enough", true), say.choice("Name", "Name", false)],
            columns: vec![
                column(1, "Name", "Leo", vec![left_out(), say.choice("name", "What it is called", true)], Vec::new()),
                column(2, "Birth Date", "03/04/2010", vec![left_out(), say.choice("birth_date", "Day of birth", true)], days),
            ],
        }],
    }
}

pub fn asked(say: &Say<'_>) -> Import {
    let todo = "clients.csv: Choose the column that tells its records apart. None looks like a number or a code.";
    Import { todo: say.texts(&[todo]), ..checked(say) }
}

pub fn mapping_text(say: &Say<'_>) -> ImportMapping {
    let faults = say.faults(&[("mapping-text", "The mapping as text", "The mapping is wrong in line 1: `system` is missing.")]);
    let why = "This mapping says more than can be chosen in a form.";
    ImportMapping { mode: Mode::Text { why }, faults, text: say.text("currency = \"USD\""), ..mapping(say) }
}

pub fn mapping_closed(say: &Say<'_>) -> ImportMapping {
    ImportMapping { mode: Mode::Closed, faults: Faults::default(), text: say.text("system = \"old\""), ..mapping(say) }
}

pub fn ended(say: &Say<'_>) -> Import {
    Import {
        stage: Stage::Done,
        dry_run: false,
        preview: Vec::new(),
        mapped: Vec::new(),
        rejects: Vec::new(),
        held_back: Vec::new(),
        ..checked(say)
    }
}

pub fn failed(say: &Say<'_>) -> Import {
    let detail = say.text("The connection may not change clients (clients.import was answered 403)");
    Import { stage: Stage::Failed, detail, files: Vec::new(), ..ended(say) }
}
