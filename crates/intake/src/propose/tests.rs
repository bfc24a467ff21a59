use clinicos_contract::{Category, Field, Schema, Shape};

use super::*;

fn sample(name: &str, text: &str) -> Sample {
    Sample::read(name, text.as_bytes()).unwrap()
}

/// Of the columns of one file, what each becomes; the key in front.
fn chosen(name: &str, text: &str) -> (Option<What>, String, Vec<(String, &'static str)>) {
    let file = FileChoice::of(sample(name, text), None);
    let columns = file.columns.iter().filter_map(|column| Some((column.name.clone(), column.target?.name)));
    (file.what, file.key.clone(), columns.collect())
}

#[track_caller]
fn becomes(name: &str, text: &str, what: What, key: &str, columns: &[(&str, &str)]) {
    let found = chosen(name, text);
    let expected: Vec<(String, &str)> = columns.iter().map(|(column, target)| ((*column).to_owned(), *target)).collect();
    assert_eq!((found.0, found.1.as_str(), found.2), (Some(what), key, expected), "{name}");
}

#[test]
fn columns_are_known_by_what_others_call_them() {
    let owners = "OwnerID,First Name,Last Name,Address,City,Phone\n1,Ann,Ames,,,\n";
    let columns = [
        ("First Name", "given_name"),
        ("Last Name", "family_name"),
        ("Address", "line1"),
        ("City", "city"),
        ("Phone", "phone_home"),
    ];
    becomes("owners.csv", owners, What::Clients, "OwnerID", &columns);
    let people = "Cust No;SURNAME;Forename;E-Mail;Mobile Phone;Zip Code;Balance\n7;Ames;Ann;a@b.example;555;10115;0\n";
    let columns = [
        ("SURNAME", "family_name"),
        ("Forename", "given_name"),
        ("E-Mail", "email"),
        ("Mobile Phone", "phone_mobile"),
        ("Zip Code", "postal_code"),
    ];
    becomes("export.csv", people, What::Clients, "Cust No", &columns);
    let pets = "PetID,Name,D.O.B.,Species,OwnerID,pet_color\n1,Leo,2010-09-07,cat,1,red\n2,Max,2010-09-07,cat,1,\n";
    let columns =
        [("Name", "name"), ("D.O.B.", "birth_date"), ("Species", "species"), ("OwnerID", "owner"), ("pet_color", "color")];
    becomes("pets.csv", pets, What::Patients, "PetID", &columns);
    let products = "product_id,product_name,unit_price,units_in_stock,reorder_level\n1,Chai,18,39,10\n";
    let columns =
        [("product_name", "name"), ("unit_price", "price"), ("units_in_stock", "on_hand"), ("reorder_level", "reorder_point")];
    becomes("products.csv", products, What::Products, "product_id", &columns);
    let orders = "order_id,customer_id,order_date,required_date\n10248,VINET,1996-07-04,1996-08-01\n";
    let columns = [("customer_id", "client"), ("order_date", "issued_on"), ("required_date", "due_on")];
    becomes("orders.csv", orders, What::Invoices, "order_id", &columns);
    let details = "order_id,product_id,unit_price,quantity,discount\n10248,11,14,12,0\n10248,42,9.8,10,0\n";
    let columns = [("order_id", "parent"), ("product_id", "product"), ("unit_price", "unit_price"), ("quantity", "quantity")];
    becomes("order_details.csv", details, What::Lines, "", &columns);
    let payments = "ReceiptNo,ClientID,InvoiceNo,Date,Amount,Method\n1,C1,9,2026-01-02,12.50,Cash\n";
    let columns =
        [("ClientID", "client"), ("InvoiceNo", "invoice"), ("Date", "tendered_at"), ("Amount", "amount"), ("Method", "method")];
    becomes("payments.csv", payments, What::Payments, "ReceiptNo", &columns);
}

#[test]
fn what_nobody_asked_for_is_left_out() {
    assert_eq!(chosen("vets.csv", "VetID,First Name,Last Name,Specialties\n1,James,Carter,\n").0, None);
    assert_eq!(chosen("visits.csv", "VisitID,PetID,Date,Description\n1,7,2013-01-01,rabies shot\n").0, None);
    assert!(Sample::read("a.csv", b"").is_none() && Sample::read("a.csv", b"a,a\n1,2\n").is_none());
}

#[test]
fn a_key_tells_records_apart() {
    let text = "Code,Number,Name,Species\n1,7,Leo,cat\n1,8,Max,cat\n";
    assert_eq!(chosen("pets.csv", text).1, "Number", "a code that comes twice is none");
}

#[test]
fn days_that_can_be_read_two_ways_are_told() {
    let of = |values: &[&'static str]| -> Vec<Option<&str>> { days_of(values).iter().map(|day| day.format).collect() };
    assert_eq!(of(&["2026-04-03"]), [None]);
    assert_eq!(of(&["03/04/2026", "1/2/2026"]), [Some("%m/%d/%Y"), Some("%d/%m/%Y")], "a choice is needed");
    assert_eq!(of(&["03/04/2026", "25/12/2025"]), [Some("%d/%m/%Y")], "one value decides");
    assert_eq!(of(&["12/25/2025"]), [Some("%m/%d/%Y")]);
    assert_eq!(of(&["03/04/26"]), [Some("%m/%d/%y"), Some("%d/%m/%y")]);
    assert_eq!(of(&["31.12.2025"]), [Some("%d.%m.%Y")]);
    assert_eq!(of(&["soon"]), Vec::<Option<&str>>::new());
    assert_eq!(of(&[]), Vec::<Option<&str>>::new());
}

#[test]
fn figures_show_their_mark() {
    let mark = |price: &str| Proposal::of(vec![sample("products.csv", &format!("id;name;price\n1;Chai;{price}\n"))]).decimal_mark;
    assert_eq!((mark("12,50"), mark("1.234,5"), mark("12.50"), mark("1,234"), mark("7")), (',', ',', '.', '.', '.'));
}

#[test]
fn beginnings_of_files_are_read_as_they_are_written() {
    let read = sample("a.csv", "\u{feff}id;name;note\r\n1;\"Ames; Ann\";\"two\nlines\"\r\n2;short\r\n3;Bell;");
    assert_eq!((read.delimiter, read.header.len(), read.records.len()), (b';', 3, 2), "{read:?}");
    assert_eq!(read.records, [["1", "Ames; Ann", "two\nlines"], ["3", "Bell", ""]]);
    let long = format!("id,name\n{}", "1,x\n".repeat(HEAD_BYTES));
    assert_eq!(sample("a.csv", &long).records.len(), 200);
}

#[test]
fn what_is_missing_is_said() {
    let mut proposal = Proposal::of(vec![sample("vets.csv", "VetID,First Name\n1,James\n")]);
    assert_eq!(proposal.lacks()[0].text, "Say of at least one file what it holds.");
    proposal.files[0] = FileChoice::of(proposal.files[0].sample.clone(), Some(What::Patients));
    let lacks: Vec<String> = proposal.lacks().into_iter().map(|lack| lack.text).collect();
    assert_eq!(lacks, ["Choose the column for “What it is called”.", "Choose the column for “What kind of animal it is”."]);
    let lines = Proposal::of(vec![sample("lines.csv", "bill,what,price,qty\n1,x,1,1\n")]);
    assert_eq!(lines.lacks()[0].text, "Lines of invoices need one file of the invoices that they belong to.");
}

const FIELD: Field = Field::of(Category::RecordSystem);
static PATIENT: Schema = Schema {
    name: "patient",
    doc: "",
    fields: &[
        FIELD.required().named("name", "", Shape::Text, false),
        FIELD.required().named("species", "", Shape::Text, false),
        FIELD.creatable().named("birth_date", "", Shape::Date, true),
    ],
};

/// The text is a mapping, and read again it is the same proposal.
#[test]
fn a_proposal_is_a_mapping_and_the_other_way_round() {
    let mut proposal =
        Proposal::of(vec![sample("pets \"x\".csv", "No;Pet Name;Type;Born;Note\n1;Leo;cat;03/04/2026;\n2;Max;dog;1/2/2026;x\n")]);
    assert_eq!(proposal.lacks(), []);
    let born = &mut proposal.files[0].columns[3];
    assert_eq!(born.day.map(|day| day.format), Some(Some("%m/%d/%Y")));
    born.day = DAYS.iter().find(|day| day.format == Some("%d/%m/%Y"));
    proposal.system = "old \"one\"".to_owned();
    let text = proposal.toml();
    let mapping =
        Mapping::parse(&text, &|name| (name == "patients").then_some(&PATIENT)).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert!(text.contains("# Left out of pets \"x\".csv: Note.") && text.contains("delimiter = \";\""), "{text}");
    let mut again = Proposal::of(vec![proposal.files[0].sample.clone()]);
    again.follow(&mapping);
    assert_eq!(again.toml(), text);
}
