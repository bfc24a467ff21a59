use super::*;
use clinicos_contract::{Category, Field, Shape};

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
static BILL: Schema = Schema {
    name: "bill",
    doc: "",
    fields: &[
        FIELD.named("id", "", Shape::Id("bil"), false),
        FIELD.required().named("client_id", "", Shape::Id("cli"), false),
        FIELD.creatable().named("number", "", Shape::Text, false),
        FIELD.creatable().named("day", "", Shape::Date, false),
        FIELD.creatable().named("tags", "", Shape::List(&Shape::Text), false),
        FIELD.creatable().named("lines", "", Shape::List(&Shape::Record(&LINE)), false),
        FIELD.named("total", "", Shape::Money, false),
    ],
};

pub(crate) fn schema(name: &str) -> Option<&'static Schema> {
    (name == "bills").then_some(&BILL)
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
day = { column = "day", format = "%d.%m.%Y" }
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
        ("resource = \"bills\"", "resource = \"bill\"", Some(line("[[file]]")), "file `bills.csv`: `bill` is no resource"),
        ("key = \"id\"\n", "", Some(line("[[file]]")), "file `bills.csv`: `key` is missing"),
        ("bills.csv", "../bills.csv", Some(line("[[file]]")), "without a path"),
        ("number =", "numbr =", Some(line("number =")), "a bill has no field `numbr`"),
        ("number =", "total =", Some(line("number =")), "`total` is set by the server"),
        ("client_external_id = \"client\"\n", "", Some(line("[file.fields]")), "a bill needs `client_external_id`"),
        ("text = {", "taken_on = {", None, "a line needs `text`"),
        ("template = \"B-{id}\"", "template = \"B\"", Some(line("number =")), "names no `{column}`"),
        ("price * qty", "price / qty", Some(line("expression")), "field `price`: `expression`: `/` has no meaning"),
        (", map = { x = \"Exam\" }", "", Some(line("map =")), "there is no `map`"),
        ("number = {", "number = { format = \"x\",", Some(line("number =")), "`format` is for dates"),
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
    assert!(Mapping::parse("", &schema).unwrap_err().to_string().contains("`system` is missing"));
}
