//! What is read from the values of columns: how days and amounts are written.

use super::*;

#[test]
fn figures_show_their_mark() {
    let of = |prices: &[&str]| {
        let rows: String = prices.iter().enumerate().map(|(at, price)| format!("{at};Chai;{price}\n")).collect();
        Proposal::of(vec![sample("products.csv", &format!("id;name;price\n{rows}"))])
    };
    let mark = |prices: &[&str]| of(prices).decimal_mark;
    for comma in ["12,50", "1.234,5", "1.290,50 €", "€ 1.290,50", "-12,5", "1.234.567", "0,125"] {
        assert_eq!(mark(&[comma]), Some(','), "{comma}");
    }
    for point in ["12.50", "1,234.50", "$1,290.50", "12.5 USD", "0.125", "1290.125", "1,234,567"] {
        assert_eq!(mark(&[point]), Some('.'), "{point}");
    }
    assert_eq!((mark(&["1.290", "12,50"]), mark(&["1.290", "12.50"])), (Some(','), Some('.')), "one value decides");
    let late: Vec<&str> = std::iter::repeat_n("1.290", 5_000).chain(["7,50"]).collect();
    assert_eq!(mark(&late), Some(','), "wherever it stands");
    let mixed: Vec<&str> = std::iter::repeat_n("12.50", 50).chain(["12,50"]).collect();
    assert_eq!(mark(&mixed), Some('.'), "a slip of the pen decides nothing");
    assert_eq!((of(&["7"]).decimal_mark, of(&["7"]).lacks()), (None, Vec::new()), "whole numbers say nothing");
}

/// What can be two numbers is asked for, and never guessed.
#[test]
fn figures_that_can_be_two_are_asked_for() {
    let of = |price: &str, other: &str| {
        Proposal::of(vec![sample("products.csv", &format!("id;name;price\n1;Chai;{price}\n2;Tea;{other}\n"))])
    };
    let mut open = of("1.290", "250");
    let told =
        "Say how amounts are written: “1.290” in “price” of products.csv can be two numbers, with thousands or with a fraction.";
    assert_eq!((open.decimal_mark, open.lacks()[0].text.as_str()), (None, told));
    let text = open.toml();
    assert!(text.contains(&format!("todo = [\"{told}\"]")) && !text.contains("_mark") && text.contains("[[file]]"), "{text}");
    assert!(of("1.50", "2,50").lacks()[0].text.contains("some amounts have a point before their cents"));
    open.decimal_mark = Some(',');
    assert!(open.lacks().is_empty() && open.toml().contains("decimal_mark = \",\"\ngroup_mark = \".\""), "{}", open.toml());
    let invoices = "Invoice #,Date,Client,Amount\n100,2026-01-02,Ann,\"1.290,50\"\n";
    assert_eq!(together(&[("invoices.csv", invoices)]).decimal_mark, Some(','), "of the one line of an invoice as well");
    let json = sample("products.jsonl", "{\"id\": 1, \"name\": \"Chai\", \"price\": 1.125}\n");
    assert_eq!(Proposal::of(vec![json]).lacks(), [], "a number of JSON is one number");
}

/// One day among many that nobody can read is a fault of its own record.
#[test]
fn an_unreadable_day_says_nothing_of_the_others() {
    let of = |days: &[&str]| {
        let rows: String = days.iter().enumerate().map(|(at, day)| format!("{at},Leo,cat,7,{day}\n")).collect();
        let read = sample("pets.csv", &format!("PetID,Name,Species,Owner,Born\n{rows}"));
        let facts = read.of("Born");
        let formats: Vec<Option<&str>> = facts.days.iter().map(|day| DAYS[*day].format).collect();
        (formats, facts.open)
    };
    let (american, european) = (Some("%m/%d/%Y"), Some("%d/%m/%Y"));
    assert_eq!(of(&["03/25/2020", "04/05/2021", "12/24/2021", "unknown"]), (vec![american], None));
    assert_eq!(
        of(&["03/04/2020", "04/05/2021", "05/06/2021", "31/31/2021"]),
        (vec![american, european], Some("03/04/2020".to_owned()))
    );
    assert_eq!(
        of(&["03/25/2020", "25/03/2020", "04/04/2021", "02/03/2021"]),
        (vec![american, european], Some("02/03/2021".to_owned()))
    );
    assert_eq!(of(&["soon", "later", "2020-01-01", "2020-01-02"]), (Vec::new(), None), "most say no day");
    let late: Vec<&str> = std::iter::repeat_n("03/25/2020", 500).chain(["?"]).collect();
    assert_eq!(of(&late), (vec![american], None));
}

/// Whoever sees the text alone is told what was guessed.
#[test]
fn days_that_leave_it_open_are_told_in_the_text() {
    let pets = together(&[("pets.csv", "PetID,Name,Born,Species,Owner\n1,Leo,01/02/2026,cat,7\n")]);
    let text = pets.toml_with_guesses();
    let told = "pets.csv: say how the days in “Born” are written. “01/02/2026” is 2 January 2026 with `format = \\\"%m/%d/%Y\\\"`, which \
                stands here, and 1 February 2026 with `format = \\\"%d/%m/%Y\\\"`.";
    assert!(text.contains(&format!("todo = [\"{told}\"]")) && text.contains("[[file]]"), "{text}");
    assert_eq!(Mapping::parse(&text, &|_| Some(&PATIENT)).unwrap().todo.len(), 1);
    let clear = together(&[("pets.csv", "PetID,Name,Born,Species,Owner\n1,Leo,25/02/2026,cat,7\n")]);
    assert_eq!(clear.toml_with_guesses(), clear.toml());
}

/// “Paid” is how much, or when, as its values say.
#[test]
fn what_was_paid_is_known_by_its_values() {
    let of = |text: &str, columns: [&str; 2]| {
        let payments = together(&[("payments.csv", text)]);
        columns.map(|column| target(&payments, 0, column).map(str::to_owned))
    };
    let some = |name: &str| Some(name.to_owned());
    let when = "Receipt,Client,Paid,Amount\n1,Ann,2026-01-05,12.50\n2,Bea,2026-01-06,8.00\n";
    assert_eq!(of(when, ["Paid", "Amount"]), [some("tendered_at"), some("amount")]);
    let how_much = "Receipt,Client,Date,Paid\n1,Ann,2026-01-05,12.50\n2,Bea,2026-01-06,8.00\n";
    assert_eq!(of(how_much, ["Date", "Paid"]), [some("tendered_at"), some("amount")]);
    let export = "Invoice,Date,Client,Total,Paid\n100,2026-01-02,Ann,12.50,10.00\n101,2026-01-03,Bea,8.00,0.00\n";
    let export = together(&[("export.csv", export)]);
    assert_eq!(
        (export.files[0].what, target(&export, 0, "Paid")),
        (Some(What::Invoices), None),
        "what was paid makes no invoice"
    );
}

#[test]
fn days_are_read_by_all_that_is_known() {
    let day = |files: &[(&str, &str)], month_first: Option<bool>| {
        let samples = files.iter().map(|(name, text)| sample(name, text)).collect();
        let proposal = Proposal::with(samples, &Hints { month_first, ..Hints::default() });
        let column = &proposal.files[0].columns[2];
        (column.day.unwrap().format.unwrap(), column.is_open(&proposal.files[0].sample))
    };
    let pets = |born: &str| format!("PetID,Name,Born,Species\n1,Leo,03/04/2020,cat\n2,Max,{born},cat\n");
    let (open, decided) = (pets("05/06/2021"), pets("25/12/2021"));
    assert_eq!(day(&[("pets.csv", &open)], None), ("%m/%d/%Y", true));
    assert_eq!(day(&[("pets.csv", &open)], Some(false)), ("%d/%m/%Y", true), "as the country writes");
    assert_eq!(day(&[("pets.csv", &decided)], Some(true)), ("%d/%m/%Y", false), "one value decides");
    let late = format!("{}{}", pets("01/02/2020"), "3,Sly,25/12/2021,cat\n".to_owned() + &"4,Tom,01/01/2020,cat\n".repeat(5_000));
    assert_eq!(day(&[("pets.csv", &late)], None), ("%d/%m/%Y", false), "wherever it stands");
    let invoices = "Invoice #,Date,Client,Amount\n100,25/12/2025,Ann,12.50\n";
    assert_eq!(
        day(&[("pets.csv", &open), ("invoices.csv", invoices)], Some(true)),
        ("%d/%m/%Y", true),
        "one file decides for all"
    );
    let facts = sample("pets.csv", &open).of("Born");
    let (_, read) = facts.readings().unwrap();
    assert_eq!(read.iter().map(|(_, date)| date.to_string()).collect::<Vec<_>>(), ["2020-03-04", "2020-04-03"]);
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
