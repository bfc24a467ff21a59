use clinicos_contract::{Category, Field, Schema, Shape};

use super::*;

mod meant;
mod values;

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
    assert!(Sample::read("a.csv", b"").is_err() && Sample::read("a.csv", b"a,a\n1,2\n").is_err());
}

#[test]
fn a_key_tells_records_apart() {
    let text = "Code,Number,Name,Species\n1,7,Leo,cat\n1,8,Max,cat\n";
    assert_eq!(chosen("pets.csv", text).1, "Number", "a code that comes twice is none");
}

/// A given name does not become the name of a family.
#[test]
fn a_full_name_is_two_names() {
    let clients = together(&[("clients.csv", "No,Name,Email\n1,Maria Anders,a@b.example\n2,\"Bell, Bea\",b@b.example\n")]);
    assert_eq!((target(&clients, 0, "Name"), clients.lacks()), (Some("full_name"), Vec::new()));
    let parts = "given_name = { column = \"Name\", part = \"given\" }\nfamily_name = { column = \"Name\", part = \"family\" }\n";
    assert!(clients.toml().contains(parts), "{}", clients.toml());
    let mapping = Mapping::parse(&clients.toml(), &|name| (name == "clients").then_some(&CLIENT)).unwrap();
    let mut again = Proposal::of(vec![clients.files[0].sample.clone()]);
    again.files[0].columns[1].target = None;
    again.follow(&mapping);
    assert_eq!(again.toml(), clients.toml());
    let families = together(&[("clients.csv", "No,Name,First Name\n1,Anders,Maria\n2,Bell,Bea\n")]);
    assert_eq!((target(&families, 0, "Name"), target(&families, 0, "First Name")), (Some("family_name"), Some("given_name")));
    let mut both = clients;
    both.files[0].columns[2].target = What::Clients.targets().iter().find(|target| target.name == "given_name");
    assert!(both.lacks()[0].text.contains("is part of the name that another column has as a whole"), "{:?}", both.lacks());
}

#[test]
fn beginnings_of_files_are_read_as_they_are_written() {
    let read = sample("a.csv", "\u{feff}id;name;note\r\n1;\"Ames; Ann\";\"two\nlines\"\r\n2;short\r\n3;Bell;");
    assert_eq!((read.delimiter, read.header.len(), read.records.len()), (b';', 3, 2), "{read:?}");
    assert_eq!(read.records, [["1", "Ames; Ann", "two\nlines"], ["3", "Bell", ""]]);
    let long = format!("id,name\n{}", "1,x\n".repeat(70_000));
    let long = sample("a.csv", &long);
    assert_eq!((long.records.len(), long.count, long.of("id").differs), (1_000, 70_000, false));
    assert_eq!(long.of("name").words, [("x".to_owned(), 70_000)]);
}

#[test]
fn what_is_missing_is_said() {
    let mut proposal = Proposal::of(vec![sample("vets.csv", "Vet,First Name\n1,James\n")]);
    assert_eq!(proposal.lacks()[0].text, "Say of at least one file what it holds.");
    proposal.files[0] = FileChoice::of(proposal.files[0].sample.clone(), Some(What::Patients));
    let lacks: Vec<String> = proposal.lacks().into_iter().map(|lack| lack.text).collect();
    assert!(lacks[0].starts_with("Choose the column that tells its records apart."), "{lacks:?}");
    assert_eq!(lacks[1..3], ["Choose the column for “What it is called”.", "Choose the column for “What kind of animal it is”."]);
    assert!(lacks[3].starts_with("Choose the column that says whose animal it is"), "{lacks:?}");
    let empty = Proposal::of(vec![sample("pets.csv", "PetID,Name,Species,Owner\n")]);
    let told = empty.lacks().into_iter().map(|lack| lack.text).collect::<Vec<_>>();
    assert_eq!(told, ["It has a heading and no records behind it: leave it out, or export it again."]);
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
        FIELD.creatable().named("ownerships", "", Shape::List(&Shape::Object(&OWNERSHIP)), false),
    ],
};
static CLIENT: Schema = Schema {
    name: "client",
    doc: "",
    fields: &[
        FIELD.creatable().named("given_name", "", Shape::Text, true),
        FIELD.creatable().named("family_name", "", Shape::Text, true),
        FIELD.creatable().named("organization_name", "", Shape::Text, true),
        FIELD.creatable().named("emails", "", Shape::List(&Shape::Text), false),
        FIELD.creatable().named("phones", "", Shape::List(&Shape::Object(&PHONE)), false),
    ],
};
static PHONE: Schema = Schema {
    name: "phone",
    doc: "",
    fields: &[FIELD.required().named("number", "", Shape::Text, false), FIELD.required().named("kind", "", Shape::Text, false)],
};
static INVOICE: Schema = Schema {
    name: "invoice",
    doc: "",
    fields: &[
        FIELD.required().named("client_id", "", Shape::Id("cli"), false),
        FIELD.required().named("number", "", Shape::Text, false),
        FIELD.required().named("stage", "", Shape::Text, false),
        FIELD.required().named("issued_on", "", Shape::Date, false),
        FIELD.required().named("lines", "", Shape::List(&Shape::Object(&INVOICE_LINE)), false),
    ],
};
static INVOICE_LINE: Schema = Schema {
    name: "invoice_line",
    doc: "",
    fields: &[
        FIELD.creatable().named("product_id", "", Shape::Id("prd"), true),
        FIELD.required().named("quantity", "", Shape::Decimal, false),
        FIELD.required().named("unit_price", "", Shape::Money, false),
        FIELD.creatable().named("discount", "", Shape::Money, false),
    ],
};
static OWNERSHIP: Schema = Schema {
    name: "ownership",
    doc: "",
    fields: &[
        FIELD.required().named("client_id", "", Shape::Id("cli"), false),
        FIELD.required().named("role", "", Shape::Text, false),
    ],
};

/// The text is a mapping, and read again it is the same proposal.
#[test]
fn a_proposal_is_a_mapping_and_the_other_way_round() {
    let mut proposal = Proposal::of(vec![sample(
        "pets \"x\".csv",
        "No;Pet Name;Type;Born;Owner;Note\n1;Leo;cat;03/04/2026;7;\n2;Max;dog;1/2/2026;8;x\n",
    )]);
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

/// What becomes of the columns of several files.
fn together(files: &[(&str, &str)]) -> Proposal {
    Proposal::of(files.iter().map(|(name, text)| sample(name, text)).collect())
}

fn target<'p>(proposal: &'p Proposal, file: usize, column: &str) -> Option<&'p str> {
    proposal.files[file].columns.iter().find(|one| one.name == column)?.target.map(|target| target.name)
}

#[test]
fn small_files_are_known_by_headings_and_values() {
    let text = "Name,Contact,Reach at\nAnn Ames,ann@a.example,(608) 555-1023\nBea Bell,bea@a.example,(608) 555-1024\n";
    let clients = together(&[("clients.csv", text)]);
    let chosen = ["Name", "Contact", "Reach at"].map(|name| target(&clients, 0, name));
    assert_eq!(chosen, [Some("full_name"), Some("email"), Some("phone_home")]);
    assert_eq!(clients.files[0].key, "", "nothing looks like a number");
    let text = "Acct #,Client Name,Home Phone (evenings),Notes,Last Visit\nC-001,Ann,555 1023,calls late,2026-01-02\n";
    let clients = together(&[("clients.csv", text)]);
    let chosen = ["Acct #", "Client Name", "Home Phone (evenings)", "Notes", "Last Visit"].map(|name| target(&clients, 0, name));
    assert_eq!(chosen, [None, Some("family_name"), Some("phone_home"), None, None], "remarks are no label");
    assert_eq!(clients.files[0].key, "Acct #");
    let text = "Pet,Species,Owner,Age,Weight\nLeo,Cat,Ann Ames,3,12\nMax,Dog,Bea Bell,5,30\n";
    let pets = together(&[("pets.csv", text)]);
    let chosen = ["Pet", "Species", "Owner", "Age", "Weight"].map(|name| target(&pets, 0, name));
    assert_eq!(chosen, [Some("name"), Some("species"), Some("owner"), None, None], "nobody said that it is kilograms");
    assert_eq!(pets.files[0].key, "", "an age tells nobody apart");
}

/// Invoices name clients by name: then that is what tells them apart, number or not.
#[test]
fn what_other_files_name_records_by_is_their_key() {
    let clients = "No,Name,Email\n1,Ann Ames,a@b.example\n2,Bea Bell,b@b.example\n";
    let invoices = "Invoice #,Date,Client,Amount\n100,2026-01-02,Ann Ames,12.50\n101,2026-01-03,Bea Bell,8.00\n";
    let both = together(&[("clients.csv", clients), ("invoices.csv", invoices)]);
    assert_eq!((both.files[0].key.as_str(), both.files[1].key.as_str()), ("Name", "Invoice #"));
    let by_number = invoices.replace("Ann Ames", "1").replace("Bea Bell", "2");
    assert_eq!(together(&[("clients.csv", clients), ("invoices.csv", &by_number)]).files[0].key, "No");
}

#[test]
fn an_invoice_of_one_row_has_one_line_of_its_amount() {
    let text = "Invoice #,Date,Client,Tax,Total,Paid\n100,2026-01-02,Ann,1.00,12.50,yes\n101,2026-01-03,Bea,0.80,8.00,no\n";
    let proposal = together(&[("invoices.csv", text)]);
    assert_eq!((proposal.lacks(), proposal.files[0].what), (Vec::new(), Some(What::Invoices)));
    let line =
        r#"lines = [{ description = { template = "Invoice {Invoice #}" }, quantity = { value = 1 }, unit_price = "Total" }]"#;
    assert!(proposal.toml().contains(line), "{}", proposal.toml());
    assert!(proposal.toml().contains("# Left out of invoices.csv: Tax, Paid."), "{}", proposal.toml());
    let described = together(&[("invoices.csv", &text.replace("Tax", "Description"))]);
    let line = r#"description = { column = "Description", default = "As billed" }"#;
    assert!(described.toml().contains(line), "{}", described.toml());
    let details = "Invoice #,Item,Quantity,Price\n100,Exam,1,12.50\n";
    let with_lines = together(&[("invoices.csv", text), ("lines.csv", details)]);
    assert_eq!(with_lines.lacks(), []);
    assert!(
        !with_lines.toml().contains("\"Total\"") && with_lines.toml().contains("[file.fields.lines]"),
        "{}",
        with_lines.toml()
    );
}

/// Without an amount every invoice would be of nothing, and so be paid.
#[test]
fn invoices_without_an_amount_are_not_imported() {
    let text = "Invoice #,Date,Client,Paid\n100,2026-01-02,Ann,yes\n101,2026-01-03,Bea,no\n";
    let proposal = together(&[("invoices.csv", text)]);
    assert!(proposal.lacks()[0].text.contains("one of 0.00, and stand as paid"), "{:?}", proposal.lacks());
    let text = proposal.toml();
    assert!(text.contains("todo = [\"invoices.csv: Choose the column with the amount") && !text.contains("[[file]]"), "{text}");
    let mapping = Mapping::parse(&text, &|_| None).unwrap();
    assert_eq!((mapping.todo.len(), mapping.files.len()), (1, 0));
    let mut again = together(&[("invoices.csv", "Invoice #,Date,Client,Paid\n100,2026-01-02,Ann,yes\n")]);
    again.follow(&mapping);
    assert_eq!(again.files[0].what, Some(What::Invoices), "what is still to be said is not forgotten");
}

#[test]
fn one_word_of_sex_says_both() {
    let text =
        "PetID,Name,Species,Sex,Owner\n1,Leo,Dog,M/N,A\n2,Max,DRAGON,Spayed,A\n3,Sly,cat,Male (Neutered),A\n4,Bo,cat,F,A\n";
    let text = together(&[("pets.csv", text)]).toml();
    let line = |name: &str| text.lines().find(|line| line.starts_with(&format!("{name} = "))).unwrap();
    for (word, sex, status) in
        [("M/N", "male", "neutered"), ("Spayed", "female", "spayed"), ("Male (Neutered)", "male", "neutered")]
    {
        assert!(line("sex").contains(&format!("\"{word}\" = \"{sex}\"")), "{text}");
        assert!(line("reproductive_status").contains(&format!("\"{word}\" = \"{status}\"")), "{text}");
    }
    assert!(!line("species").contains("\"DRAGON\""), "{text}");
}

#[test]
fn what_is_no_table_is_told_by_what_it_is() {
    let utf16: Vec<u8> = [0xFEFF_u16].into_iter().chain("a,b\n".encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(kinds::from_utf16(&utf16).as_deref(), Some("a,b\n"));
    assert_eq!(Sample::read("a.csv", &utf16).unwrap().header, ["a", "b"], "Excel calls it Unicode text");
    for (bytes, says) in [
        (&b"PK\x03\x04......xl/workbook.xml"[..], "Excel workbook"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"%PDF-1.7", "PDF"),
        (b"\xFF\xFE\x00\xDCa\x00", "begins as a text in UTF-16"),
        (b"id,\0", "no text"),
        (b"a,a\n1,2\n", "“a” is the name of two"),
    ] {
        assert!(Sample::read("a.csv", bytes).unwrap_err().contains(says), "{says}");
    }
}

#[test]
fn lines_of_json_have_columns_too() {
    let text =
        "{\"id\": 7, \"owner\": {\"name\": \"Ann\"}, \"tags\": [1]}\n{\"id\": 8, \"owner\": {\"name\": null}, \"fee\": 12.50}\n";
    let read = sample("clients.jsonl", text);
    assert_eq!(read.header, ["id", "owner.name", "fee"]);
    assert_eq!(read.records, [["7", "Ann", ""], ["8", "", "12.5"]]);
    let owners = sample("clients.jsonl", "{\"id\": 7, \"last_name\": \"Ames\", \"email\": \"a@b.example\"}\n");
    let text = Proposal::of(vec![owners]).toml();
    assert!(text.contains("key = \"id\"") && !text.contains("delimiter"), "{text}");
}

/// A file of rejects has the reasons beside its own columns: it is the same file.
#[test]
fn reasons_of_rejects_are_no_columns_of_the_file() {
    let own = sample("pets.csv", "PetID,Name,Species,Owner\n1,Leo,cat,7\n");
    let back = sample("pets.csv", "PetID,Name,Species,Owner,_outcome,_line,_column,_reason\n1,Leo,cat,7,rejected,2,,no\n");
    assert!(back.has_columns_of(&own.header) && own.has_columns_of(&back.header));
    assert!(!own.has_columns_of(&["PetID".to_owned()]));
    assert_eq!(Proposal::of(vec![back]).toml(), Proposal::of(vec![own]).toml());
}

/// Where no column differs in every record, two may do it together.
#[test]
fn two_columns_can_be_a_key() {
    let text = "Name,Species,Owner\nLeo,cat,Ann\nLeo,dog,Bea\nMax,cat,Ann\n";
    let mut pets = together(&[("pets.csv", text)]);
    assert!(pets.lacks()[0].text.contains("“Name” and “Owner” do together"), "{:?}", pets.lacks());
    (pets.files[0].key, pets.files[0].key_with) = ("Name".to_owned(), "Owner".to_owned());
    let text = pets.toml();
    assert!(text.contains("key = [\"Name\", \"Owner\"]"), "{text}");
    let mapping = Mapping::parse(&text, &|name| (name == "patients").then_some(&PATIENT)).unwrap();
    let mut again = Proposal::of(vec![pets.files[0].sample.clone()]);
    again.follow(&mapping);
    assert_eq!((again.lacks(), again.toml()), (Vec::new(), text));
}
