//! What is asked for instead of being guessed, and what is left out though it looks like something.

use super::*;

const ORDERS: &str = "order_id,customer_id,order_date\n1,A,2026-01-02\n2,B,2026-01-03\n";

fn with_discounts(heading: &str, discounts: [&str; 2]) -> Proposal {
    let [first, second] = discounts;
    let lines = format!("order_id,product_id,unit_price,quantity,{heading}\n1,11,14.50,12,{first}\n2,42,9.80,10,{second}\n");
    together(&[("order_details.csv", &lines), ("orders.csv", ORDERS)])
}

/// What the text of a proposal says of what is taken off.
fn share(proposal: &Proposal) -> Option<String> {
    let text = proposal.toml();
    text.lines().find_map(|line| line.strip_prefix("discount = ")).map(str::to_owned)
}

/// A discount that nobody takes in makes each line dearer than it was: it is taken in, or asked for.
#[test]
fn a_discount_is_never_left_out_unsaid() {
    let fraction = with_discounts("discount", ["0", "0.15"]);
    let full = "`unit_price` * `quantity`";
    let expected = format!("{{ expression = \"{full} - round({full} * (1 - `discount`), 2)\", default = 0 }}");
    assert_eq!((fraction.lacks(), share(&fraction)), (Vec::new(), Some(expected)));
    let percent = with_discounts("Discount %", ["5", "15"]);
    let expected = format!("{{ expression = \"{full} - round({full} * (1 - percent(`Discount %`)), 2)\", default = 0 }}");
    assert_eq!((percent.lacks(), share(&percent)), (Vec::new(), Some(expected)));
    let amount = with_discounts("Discount amount", ["5.00", "15"]);
    assert_eq!(share(&amount).as_deref(), Some("{ column = \"Discount amount\", default = 0 }"));
    let none = with_discounts("discount", ["0", ""]);
    assert_eq!((none.lacks(), share(&none)), (Vec::new(), None), "nothing is taken off");
    let signed = with_discounts("Disc", ["15%", "5 %"]);
    let expected = format!("{{ expression = \"{full} - round({full} * (1 - percent(`Disc`)), 2)\", default = 0 }}");
    assert_eq!((signed.lacks(), share(&signed)), (Vec::new(), Some(expected)), "a sign says it as a heading does");
    for (heading, discounts) in [
        ("discount", ["0", "15"]),
        ("Disc", ["15%", "five"]),
        ("Disc", ["10%", "5.00"]),
        ("Disc", ["10%", "0.5"]),
        ("discount percent", ["0.5", "0.25"]),
    ] {
        let open = with_discounts(heading, discounts);
        let told = open.lacks().into_iter().map(|lack| lack.text).collect::<Vec<_>>();
        assert!(told.len() == 1 && told[0].starts_with(&format!("Say what “{heading}” takes off")), "{told:?}");
        assert!(
            open.toml().contains("todo = [\"order_details.csv: Say what") && !open.toml().contains("[[file]]"),
            "{}",
            open.toml()
        );
    }
    let mut open = with_discounts("discount", ["0", "15"]);
    for name in ["discount", "discount_fraction", "discount_percent", "discount_none"] {
        let chosen = What::Lines.targets().iter().find(|target| target.name == name);
        open.files[0].columns[4].target = chosen;
        assert_eq!(open.lacks(), [], "{name}");
    }
    assert_eq!(share(&open).as_deref(), Some("{ value = 0 }"), "the prices are what was asked for");
    let mut again = with_discounts("discount", ["0", "15"]);
    again.follow(&Mapping::parse(&open.toml(), &|name| (name == "invoices").then_some(&INVOICE)).unwrap());
    assert_eq!((again.lacks(), share(&again)), (Vec::new(), share(&open)), "and nobody is asked again");
}

/// One value without the sign, however far behind, makes a column one of which nobody knows what it says.
#[test]
fn all_values_of_a_column_have_the_sign_of_percent_or_none_counts() {
    let of = |last: &str| {
        let lines: String = (0..1_200).map(|number| format!("1,{number},14.50,12,10%\n")).collect();
        let lines = format!("order_id,product_id,unit_price,quantity,Disc\n{lines}1,2000,9.80,10,{last}\n");
        let proposal = together(&[("order_details.csv", &lines), ("orders.csv", ORDERS)]);
        (target(&proposal, 0, "Disc").map(str::to_owned), proposal.lacks().len())
    };
    assert_eq!(of("5 %"), (Some("discount_percent".to_owned()), 0));
    assert_eq!(of("0"), (Some("discount_percent".to_owned()), 0), "nothing is nothing, in percent or in dollars");
    assert_eq!(of("5.00"), (None, 1));
}

fn read_again(text: &str, with: &Proposal) -> Proposal {
    let schema = |name: &str| match name {
        "invoices" => Some(&INVOICE),
        "clients" => Some(&CLIENT),
        _ => None,
    };
    let mut again = Proposal::of(with.files.iter().map(|file| file.sample.clone()).collect());
    again.follow(&Mapping::parse(text, &schema).unwrap_or_else(|error| panic!("{error}\n{text}")));
    again
}

/// What percentages were reckoned by before there was a word for them is known for the same.
#[test]
fn percentages_of_before_are_known_again() {
    let percent = with_discounts("Discount %", ["5", "15"]);
    let text = percent.toml();
    let older = text.replace("percent(`Discount %`)", "`Discount %` * 0.01");
    assert_ne!(older, text);
    let again = read_again(&older, &percent);
    assert_eq!((target(&again, 0, "Discount %"), share(&again)), (Some("discount_percent"), share(&percent)));
    let read = |text: &str| Mapping::parse(text, &|name| (name == "invoices").then_some(&INVOICE)).unwrap();
    assert!(read(&older).is_within(&read(&text)), "nothing of it is lost by choosing");
    let fraction = with_discounts("discount", ["0", "0.15"]);
    assert_eq!(share(&read_again(&fraction.toml(), &fraction)), share(&fraction));
}

/// That nothing more is taken off was said of one column, and of no other figure.
#[test]
fn nothing_more_is_taken_off_is_said_of_one_column() {
    let lines = "order_id,product_id,unit_price,quantity,discount,rebate\n1,11,14.50,12,0,15\n2,42,9.80,10,15,3\n";
    let mut both = together(&[("order_details.csv", lines), ("orders.csv", ORDERS)]);
    both.files[0].columns[4].target = What::Lines.targets().iter().find(|target| target.name == "discount_none");
    assert_eq!(both.lacks(), []);
    let again = read_again(&both.toml(), &both);
    assert_eq!((target(&again, 0, "discount"), target(&again, 0, "rebate")), (Some("discount_none"), None));
    assert_eq!((again.lacks(), share(&again)), (Vec::new(), share(&both)));
    let ten = both.toml().replace("discount = { value = 0 }", "discount = { value = 10 }");
    assert_eq!(target(&read_again(&ten, &both), 0, "discount"), None, "ten is not nothing");
}

/// What somebody chose is written as chosen, and read again as written.
#[test]
fn the_kind_of_a_phone_is_guessed_once_and_then_chosen() {
    let companies = "id,company_name,phone\nA,Alfreds,030-0074321\nB,Bergs,555 0101\n";
    let mut clients = together(&[("customers.csv", companies)]);
    assert_eq!(target(&clients, 0, "phone"), Some("phone_work"));
    let home = What::Clients.targets().iter().find(|target| target.name == "phone_home");
    clients.files[0].columns[2].target = home;
    let text = clients.toml();
    assert!(text.contains("{ number = \"phone\", kind = { value = \"home\" } }"), "{text}");
    assert_eq!(read_again(&text, &clients).toml(), text);
    for (why, others) in [
        ("most are people", "id,company_name,phone\nA,Alfreds,030-0074321\nB,,555 0101\nC,,555 0102\n"),
        ("they have names", "id,company_name,last_name,phone\nA,Alfreds,Ames,030-0074321\nB,Bergs,Bell,555 0101\n"),
        ("it is called so", "id,company_name,home phone\nA,Alfreds,030-0074321\nB,Bergs,555 0101\n"),
    ] {
        let phone = others.lines().next().and_then(|header| header.rsplit_once(',')).map(|(_, phone)| phone).unwrap();
        assert_eq!(target(&together(&[("customers.csv", others)]), 0, phone), Some("phone_home"), "{why}");
    }
}

/// What a table of words knows goes along; what it does not is left to people, and not to a guess.
#[test]
fn countries_and_what_is_no_longer_sold_go_along() {
    let clients = "id,company_name,phone,mobile,country\nA,Alfreds,030-0074321,555 0100,Germany\nB,Bergs,555 0101,,U.K.\n";
    let told = together(&[("customers.csv", clients)]).toml();
    for expected in [
        "{ number = \"phone\", kind = { value = \"work\" } }",
        "{ number = \"mobile\", kind = { value = \"mobile\" } }",
        "\"Germany\" = \"DE\"",
        "\"U.K.\" = \"GB\"",
        "\"United States\" = \"US\"",
        "\"United States of America\" = \"US\"",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    let country = told.lines().find(|line| line.starts_with("address.country = { column = \"country\", map = "));
    assert!(country.is_some_and(|line| !line.contains("otherwise")), "an unknown one is told of: {told}");
    let home = clients.replace(",phone,", ",home_phone,");
    assert!(together(&[("customers.csv", &home)]).toml().contains("{ number = \"home_phone\", kind = { value = \"home\" } }"));
    let unknown = clients.replace("Germany", "Lummerland");
    assert!(together(&[("customers.csv", &unknown)]).toml().contains("# Left out of customers.csv: country."));
    let of = |heading: &str, values: [&str; 2]| {
        let [first, second] = values;
        let products = format!("product_id,product_name,unit_price,{heading}\n1,Chai,18.00,{first}\n2,Chang,19.00,{second}\n");
        let told = together(&[("products.csv", &products)]).toml();
        told.lines().find_map(|line| line.strip_prefix("active = ")).map(str::to_owned)
    };
    let gone = of("discontinued", ["0", "1"]).unwrap();
    assert!(gone.contains("\"0\" = \"true\"") && gone.contains("\"1\" = \"false\""), "{gone}");
    let sold = of("Active", ["Yes", "No"]).unwrap();
    assert!(sold.contains("\"Yes\" = \"true\"") && sold.contains("\"No\" = \"false\""), "{sold}");
    assert_eq!(of("discontinued", ["2024-05-01", ""]), None, "a day is no answer");
    let marked = of("discontinued", ["1", ""]).unwrap();
    assert!(marked.ends_with("}, optional = true }"), "what is not marked is sold, and no reason to reject it: {marked}");
    assert_eq!(of("active", ["Yes", ""]), None, "whether the other one is sold nobody says");
    assert_eq!(of("available", ["1", "0"]), None, "that can be how many there are");
}

/// One word that nobody knows takes no column away: it is left out itself, and told. Of many, the column is.
#[test]
fn a_word_that_nobody_knows_is_told() {
    let of = |countries: &[&str]| {
        let rows: String = countries.iter().enumerate().map(|(at, one)| format!("{at},Alfreds,{one}\n")).collect();
        together(&[("customers.csv", &format!("id,company_name,country\n{rows}"))]).toml()
    };
    let told = of(&["Germany", "Germny", "Germany", "", "France"]);
    let country = told.lines().find(|line| line.starts_with("address.country = ")).unwrap();
    assert!(country.ends_with("}, otherwise = \"\" }") && !told.contains("# Left out"), "{told}");
    let notice = "# In “country” of customers.csv, “Germny” (1 record) is not a word that is known, and is left out.\n";
    assert!(told.contains(notice) && !told.contains("todo"), "{told}");
    let few = of(&["Germany", "Lummerland", "Kummerland", "Kummerland"]);
    let notice = "# “country” of customers.csv is left out, because 2 words of it are not known: “Kummerland” (2 records), \
                  “Lummerland” (1 record).\n";
    assert!(few.contains(notice) && !few.contains("address.country"), "{few}");
    let known: Vec<&str> = crate::propose::words::COUNTRIES.iter().map(|(word, _)| *word).collect();
    let many = of(&[&known[..], &["Germny"]].concat());
    assert!(many.contains("“Germny” (1 record) is not") && many.contains("otherwise = \"\""), "of many words as well: {many}");
    let products = |active: [&str; 3]| {
        let rows: String = active.iter().enumerate().map(|(at, one)| format!("{at},Chai,18.00,{one}\n")).collect();
        together(&[("products.csv", &format!("product_id,product_name,unit_price,active\n{rows}"))]).toml()
    };
    let sold = products(["yes", "no", "perhaps"]);
    assert!(sold.contains("active = { column") && !sold.contains("otherwise"), "nobody says whether it is sold: {sold}");
    assert!(sold.contains("“perhaps” (1 record) is not a word that is known, and its records are rejected.\n"), "{sold}");
    let open = products(["yes", "perhaps", "perhaps"]);
    assert!(open.contains("# “active” of products.csv is left out, because one word of it is not known: “perhaps”"), "{open}");
}

/// One number that comes twice is a fault of its record: the number tells all others apart, and nothing else does it.
#[test]
fn a_key_that_comes_twice_in_a_few_records_is_a_key() {
    let orders = |ids: &[u32]| {
        let row = |(at, id): (usize, &u32)| format!("{id},C{},2026-01-02,{}\n", at % 5, at % 3);
        let rows: String = ids.iter().enumerate().map(row).collect();
        let lines: String = ids.iter().map(|id| format!("{id},11,14.50,12\n")).collect();
        let lines = format!("order_id,product_id,unit_price,quantity\n{lines}");
        together(&[("orders.csv", &format!("order_id,customer_id,order_date,ship_via\n{rows}")), ("order_details.csv", &lines)])
    };
    let ids: Vec<u32> = (10_300..10_340).chain([10_326]).collect();
    let few = orders(&ids);
    assert_eq!((few.files[0].key.as_str(), few.lacks()), ("order_id", Vec::new()));
    let notice = "# “order_id” of orders.csv comes again in 1 record, such as “10326”: the first record with it counts, and each \
                  later one is rejected.\n";
    assert!(few.toml().contains(notice), "{}", few.toml());
    let many = orders(&[&ids[..], &ids[..3]].concat());
    assert_eq!(many.files[0].key, "", "one in twenty is no slip of the pen");
    let names: String = (0..40).map(|at| format!("{at},Owner {at}\n")).collect();
    let named: String = (0..40).map(|at| format!("{at},2026-01-02,Owner {at},12.50\n")).collect();
    let clients = format!("No,Name\n{names}40,Owner 7\n");
    let invoices = format!("Invoice #,Date,Client,Amount\n{named}");
    assert_eq!(
        together(&[("clients.csv", &clients), ("invoices.csv", &invoices)]).files[0].key,
        "Name",
        "others name them by it"
    );
}

/// Who works at the clinic is no client, and neither is whom it buys from, though they have names and phones.
#[test]
fn only_clients_become_clients() {
    let employees = "employee_id,last_name,first_name,title,birth_date,hire_date,address,city,postal_code,country,home_phone,reports_to\n\
                     1,Davolio,Nancy,Sales Representative,1948-12-08,1992-05-01,507 20th Ave. E.,Seattle,98122,USA,(206) 555-9857,2\n";
    for name in ["employees.csv", "export.csv"] {
        let told = together(&[(name, employees)]);
        assert_eq!(told.files[0].what, None, "{name}");
        assert!(told.toml().contains("It seems to be of people or companies that are no clients"), "{}", told.toml());
    }
    let suppliers = "supplier_id,company_name,contact_name,address,city,region,postal_code,country,phone,fax\n\
                     1,Exotic Liquids,Charlotte Cooper,49 Gilbert St.,London,,EC1 4SD,UK,(171) 555-2222,\n";
    assert_eq!(chosen("export.csv", suppliers).0, None);
    let clients = "customer_id,company_name,address,city,phone,fax\nALFKI,Alfreds,Obere Str. 57,Berlin,030-0074321,030-0076545\n";
    let (what, _, columns) = chosen("customers.csv", clients);
    assert_eq!(what, Some(What::Clients));
    assert!(
        columns.contains(&("phone".to_owned(), "phone_work")) && columns.iter().all(|(name, _)| name != "fax"),
        "{columns:?}"
    );
    assert!(together(&[("customers.csv", clients)]).toml().contains("# Left out of customers.csv: fax."));
    assert_eq!(
        target(&FileChoice::of(sample("employees.csv", employees), Some(What::Clients)).into(), 0, "last_name"),
        Some("family_name")
    );
}

impl From<FileChoice> for Proposal {
    /// Of one file for which somebody said what it holds.
    fn from(file: FileChoice) -> Self {
        Self { files: vec![file], ..together(&[]) }
    }
}

/// Days of one column that are written in several ways are asked for: those written otherwise would be rejected.
#[test]
fn days_that_are_written_in_two_ways_are_asked_for() {
    let of = |days: &[&str]| {
        let rows: String = days.iter().enumerate().map(|(at, day)| format!("{at},Leo,cat,7,{day}\n")).collect();
        together(&[("pets.csv", &format!("PetID,Name,Species,Owner,Born\n{rows}"))])
    };
    for days in [&["2024-01-31", "2024-02-01", "2024-02-03", "2024-02-04", "31/12/2023"][..], &["2024-01-31", "31/12/2023"]] {
        let mut pets = of(days);
        let told = pets.lacks().into_iter().map(|lack| lack.text).collect::<Vec<_>>();
        assert!(told.len() == 1 && told[0].starts_with("Say how the days in “Born” are written"), "{told:?}");
        assert!(told[0].contains("“2024-01-31” and “31/12/2023” are not written alike"), "{told:?}");
        pets.files[0].columns[4].day = DAYS.first();
        assert_eq!(pets.lacks(), [], "whoever chooses one has said it");
    }
    assert_eq!(of(&["2024-01-31", "2024-02-01", "2024-02-03", "2024-02-04", "unknown"]).lacks(), [], "that is no day at all");
}

/// A file whose first record cannot be used is told why, and where: it has records.
#[test]
fn a_first_record_that_cannot_be_used_is_told_why() {
    let told = |text: &str| {
        let pets = together(&[("pets.csv", text)]);
        pets.lacks().into_iter().map(|lack| lack.text).collect::<Vec<_>>().join(" ")
    };
    let head = "PetID,Name,Species,Owner\n";
    let open = told(&format!("{head}\n1,\"Leo,cat,7\n2,Max,dog,8\n"));
    assert!(open.starts_with("The quote that opens in line 3, in “Name”, is never closed"), "{open}");
    let huge = told(&format!("{head}1,{},cat,7\n", "x".repeat(10 << 20)));
    assert!(huge.starts_with("The record in line 2 is too large: the value in “Name”"), "{huge}");
    let beyond = told(&format!("{head}1,\"{}", "x\n".repeat(9 << 20)));
    assert!(beyond.starts_with("The quote that opens in line 2, in “Name”, is never closed"), "{beyond}");
    assert_eq!(told(&format!("{head}1,2\n")), "The record in line 2 has 2 values, and the first line names 4 columns.");
    let wide: Vec<String> = (0..5_000).map(|number| format!("c{number}")).collect();
    let why = Sample::read("a.csv", format!("{}\n1\n", wide.join(",")).as_bytes()).unwrap_err();
    assert!(why.starts_with("Line 1 has too many columns (limit 1024)"), "{why}");
    let why = Sample::read("a.csv", b"id,\"name\n1,Leo\n").unwrap_err();
    assert!(why.starts_with("The quote that opens in line 1, in column 2, is never closed"), "{why}");
}

/// One byte that is none of a text is a fault of its record, and says nothing of the file.
#[test]
fn one_nul_is_no_reason_to_refuse_a_file() {
    let read = sample("pets.csv", "PetID,Name,Species,Owner\n1,Le\0o,cat,7\n2,Max,dog,8\n");
    assert_eq!((read.count, FileChoice::of(read, None).what), (2, Some(What::Patients)));
    let utf16: Vec<u8> = "id,name\n1,Leo\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(Sample::read("a.csv", &utf16).unwrap_err().contains("no text"), "that is another encoding");
}
