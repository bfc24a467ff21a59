use super::*;
use clinicos_contract::schema::Word;
use clinicos_contract::{Category, Field, Shape};

use crate::text_of;

const FIELD: Field = Field::of(Category::RecordSystem);
static LINE: Schema = Schema {
    name: "line",
    doc: "",
    fields: &[
        FIELD.required().named("text", "", Shape::Text, false),
        FIELD.required().named("price", "", Shape::Money, false),
        FIELD.creatable().named("taken_on", "", Shape::Date, true),
    ],
};
static STAGES: &[Word] = &[Word { name: "open", doc: "" }, Word { name: "paid", doc: "" }];
static BILL: Schema = Schema {
    name: "bill",
    doc: "",
    fields: &[
        FIELD.named("id", "", Shape::Id("bil"), false),
        FIELD.required().named("client_id", "", Shape::Id("cli"), false),
        FIELD.creatable().named("number", "", Shape::Text, false),
        FIELD.creatable().named("day", "", Shape::Date, false),
        FIELD.creatable().named("due_on", "", Shape::Date, false),
        FIELD.creatable().named("stage", "", Shape::Enum(STAGES), false),
        FIELD.creatable().named("deposit", "", Shape::Money, false),
        FIELD.creatable().named("copies", "", Shape::Int, false),
        FIELD.creatable().named("sent", "", Shape::Bool, false),
        FIELD.creatable().named("tags", "", Shape::List(&Shape::Text), false),
        FIELD.creatable().named("lines", "", Shape::List(&Shape::Record(&LINE)), false),
        FIELD.named("total", "", Shape::Money, false),
    ],
};

pub(crate) fn schema(name: &str) -> Option<&'static Schema> {
    ["bills", "invoices"].contains(&name).then_some(&BILL)
}

pub(crate) const GOOD: &str = r#"
system = "old"
null = ["NULL"]

[[file]]
name = "bills.csv"
resource = "bills"
key = "id"

[file.fields]
client_external_id = "client"
number = { template = "B-{id}" }
day = { column = "day", format = "%d.%m.%Y", optional = true }
tags = { column = "tags", split = ";" }

[file.fields.lines]
file = "lines.csv"
parent = "bill"

[file.fields.lines.fields]
text = { column = "what", map = { x = "Exam" }, otherwise = "Other" }
price = { expression = "price * qty" }
"#;

#[test]
fn a_mapping_is_a_plan() {
    let mapping = Mapping::parse(GOOD, &schema).unwrap();
    assert_eq!(mapping.file_names().into_iter().collect::<Vec<_>>(), ["bills.csv", "lines.csv"]);
    assert_eq!(mapping.files[0].fields.columns, ["id", "client", "day", "tags"]);
    assert_eq!(mapping.files[0].children[0].fields.columns, ["bill", "price", "qty", "what"]);
}

#[test]
fn faults_name_line_table_and_key() {
    let line = |text: &str| GOOD.lines().position(|line| line.contains(text)).unwrap() + 1;
    for (from, to, line, expected) in [
        ("system = \"old\"", "sistem = \"old\"", None, "`system` is missing"),
        ("null = ", "nul = ", Some(line("null = ")), "there is no key `nul`"),
        ("resource = \"bills\"", "resource = \"bill\"", Some(line("resource =")), "file `bills.csv`: `bill` is no resource"),
        ("key = \"id\"\n", "", Some(line("[[file]]")), "file `bills.csv`: `key` is missing"),
        ("key = \"id\"", "key = [\"id\", 7]", Some(line("key =")), "`key` must be a column, or a list of up to 8"),
        ("bills.csv", "../bills.csv", Some(line("name =")), "without a path"),
        ("bills.csv", &"b".repeat(400), Some(line("name =")), "`name` is a name of 400 bytes, and a file's has at most 200"),
        (
            "client_external_id = \"client\"",
            "client_external_id = { column = \"client\", part = \"first\" }",
            None,
            "`given` or `family`",
        ),
        ("number = { template = \"B-{id}\" }", "number = { value = 7, part = \"given\" }", None, "`part` is for a column"),
        ("null = ", "currency = \"DOLLAR\"\nnull = ", Some(3), "`currency` must be a code"),
        ("null = ", "zone = \"Mars\"\nnull = ", Some(3), "`zone` must be an IANA time zone"),
        ("null = ", "decimal_mark = \"12\"\nnull = ", Some(3), "`decimal_mark` must be one sign"),
        ("null = ", "decimal_mark = \",\"\ngroup_mark = \",\"\nnull = ", Some(4), "must differ"),
        ("key = \"id\"", "key = \"id\"\ndelimiter = \";;\"", Some(line("key =") + 1), "`delimiter` must be one sign"),
        ("number =", "numbr =", Some(line("number =")), "a bill has no field `numbr`"),
        ("number =", "total =", Some(line("number =")), "`total` is set by the server"),
        ("client_external_id = \"client\"\n", "", Some(line("[file.fields]")), "a bill needs `client_external_id`"),
        (
            "text = { column = \"what\", map = { x = \"Exam\" }, otherwise = \"Other\" }",
            "taken_on = \"what\"",
            None,
            "a line needs `text`",
        ),
        ("template = \"B-{id}\"", "template = \"B\"", Some(line("number =")), "names no `{column}`"),
        ("price * qty", "price / qty", Some(line("expression")), "field `price`: `expression`: `/` has no meaning"),
        (", map = { x = \"Exam\" }", "", Some(line("map =")), "there is no `map`"),
        ("number = {", "number = { format = \"x\",", Some(line("number =")), "`format` is for dates"),
        ("optional = true", "optional = 1", Some(line("day =")), "`optional` must be `true` or `false`"),
        ("optional = true", "optional = true, default = \"1.1.2026\"", Some(line("day =")), "`default` says the same"),
        ("\"client\"", "{ column = \"client\", optional = true }", Some(line("client_ext")), "a bill needs it"),
        ("parent = \"bill\"\n", "", Some(line("[file.fields.lines]")), "`parent` is missing"),
        ("key = \"id\"", "key = id", Some(line("key = \"id\"")), ""),
    ] {
        let text = GOOD.replacen(from, to, 1);
        let error = Mapping::parse(&text, &schema).unwrap_err();
        let Broken::Mapping { line: found, detail } = &error else { panic!("{error}") };
        assert!(detail.contains(expected), "{from} → {to}: {detail}");
        if line.is_some() {
            assert_eq!(*found, line, "{from} → {to}: {detail}");
        }
    }
    assert!(text_of("bils").unwrap_err().to_string().contains("`northwind`"));
    assert!(Mapping::parse("", &schema).unwrap_err().to_string().contains("`system` is missing"));
}

/// What is refused is told by file and line: of a file that is read twice, one reason would take the place of another.
#[test]
fn a_file_is_read_once_for_its_records() {
    let bill =
        "[[file]]\nname = \"bills.csv\"\nresource = \"bills\"\nkey = \"no\"\n[file.fields]\nclient_external_id = \"client\"\n";
    for (text, line, name) in [
        (format!("{GOOD}\n{bill}"), GOOD.lines().count() + 2, "bills.csv"),
        (
            GOOD.replace("\"lines.csv\"", "\"bills.csv\""),
            GOOD.lines().position(|line| line == "[[file]]").unwrap() + 1,
            "bills.csv",
        ),
        (format!("{GOOD}\n{}", bill.replace("bills.csv", "lines.csv")), GOOD.lines().count() + 2, "lines.csv"),
    ] {
        let error = Mapping::parse(&text, &schema).unwrap_err();
        let Broken::Mapping { line: found, detail } = &error else { panic!("{error}") };
        assert!(detail.starts_with(&format!("`{name}` is read twice")) && *found == Some(line), "{found:?} {line} {detail}");
    }
    assert!(Mapping::parse(&format!("{GOOD}\n{}", bill.replace("bills.csv", "others.csv")), &schema).is_ok());
}

/// No record could ever be right with these, so the mapping is wrong and not its records.
#[test]
fn words_of_the_mapping_itself_must_fit_their_field() {
    let with = |field: &str| GOOD.replacen("[file.fields]\n", &format!("[file.fields]\n{field}\n"), 1);
    let line = GOOD.lines().position(|line| line == "[file.fields]").unwrap() + 2;
    for (field, expected) in [
        ("stage = { value = \"opened\" }", "field `stage`: `value` must be one of `open`, `paid`"),
        ("stage = { column = \"s\", map = { a = \"open\", b = \"shut\" } }", "`map`: what `b` becomes must be one of"),
        ("stage = { column = \"s\", map = { a = \"open\" }, otherwise = \"x\" }", "`otherwise` must be one of"),
        ("stage = { column = \"s\", default = \"x\" }", "`default` must be one of"),
        ("deposit = { value = \"12,50\" }", "`value` must be a number in plain figures"),
        ("copies = { value = 1.5 }", "`value` must be a whole number"),
        ("sent = { column = \"s\", map = { j = \"ja\" } }", "`map`: what `j` becomes must be `true` or `false`"),
        ("due_on = { value = \"2026-02-30\" }", "`value` must be a date"),
    ] {
        let error = Mapping::parse(&with(field), &schema).unwrap_err();
        let Broken::Mapping { line: found, detail } = &error else { panic!("{error}") };
        assert!(detail.contains(expected) && *found == Some(line), "{field}: {error}");
    }
    for field in [
        "stage = { column = \"s\", map = { a = \"open\", b = \"paid\" }, otherwise = \"open\", default = \"paid\" }",
        "stage = { column = \"s\", map = { a = \"open\", b = \"\" }, otherwise = \"\" }",
        "stage = { value = \"a\", map = { a = \"open\" } }",
        "stage = { value = \"7\", lookup = { file = \"stages.csv\", key = \"id\", column = \"text\" } }",
        "deposit = { value = 12.50 }",
        "deposit = { column = \"d\", default = \"0,00\" }",
        "sent = { column = \"s\", map = { j = 1, n = 0 } }",
        "due_on = { value = \"31.12.2026\", format = \"%d.%m.%Y\" }",
    ] {
        assert!(Mapping::parse(&with(field), &schema).is_ok(), "{field}");
    }
}

#[test]
fn columns_are_bounded() {
    let of = |count: usize| {
        let pieces: String = (0..count).map(|number| format!("{{c{number}}}")).collect();
        GOOD.replace("\"B-{id}\"", &format!("\"{pieces}\""))
    };
    // Four others are named: `id`, `client`, `day` and `tags`.
    let plan = Mapping::parse(&of(996), &schema).unwrap();
    assert_eq!(plan.files[0].fields.columns.len(), 1_000);
    let refused = Mapping::parse(&of(997), &schema).unwrap_err().to_string();
    assert!(refused.contains("names 1001 columns; 1000 are the most"), "{refused}");
}
