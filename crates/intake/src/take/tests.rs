mod damaged;
mod emptied;
mod looked;
mod lost;

use super::*;
use crate::mapping::tests::{GOOD, schema};

/// Of a refused record: file, line, whether it is held back, and its faults.
type Told = (usize, u64, bool, String);

/// What comes of these files: rows as JSON, and per refused record its file, line, whether it is
/// held back, and the columns with the kinds of their faults.
fn taken(bills: &[u8], lines: &str) -> (Vec<String>, Vec<Told>) {
    taken_by(GOOD, bills, lines)
}

fn taken_by(mapping: &str, bills: &[u8], lines: &str) -> (Vec<String>, Vec<Told>) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("bills.csv"), bills).unwrap();
    std::fs::write(dir.path().join("lines.csv"), lines).unwrap();
    let mapping = Mapping::parse(mapping, &schema).unwrap();
    let mut taking = Taking::open(&mapping, &mapping.files[0], dir.path()).unwrap();
    let (mut rows, mut refused) = (Vec::new(), Vec::new());
    while let Some(event) = taking.next_event().unwrap() {
        match event {
            Event::Row(row) => rows.push(String::from_utf8(row.json).unwrap()),
            Event::Refused(one) => {
                let faults = one.faults.iter().map(|fault| format!("{}:{}", fault.column, fault.code));
                refused.push((one.file, one.line, one.held, faults.collect::<Vec<_>>().join(" ")));
            }
            Event::Stays(file) => refused.push((file, 0, false, "stays".to_owned())),
        }
    }
    (rows, refused)
}

fn rejected(file: usize, line: u64, faults: &str) -> Told {
    (file, line, false, faults.to_owned())
}

fn held(file: usize, line: u64) -> Told {
    (file, line, true, ":held_back".to_owned())
}

#[test]
fn lines_come_to_their_bill_wherever_they_stand() {
    let (rows, refused) = taken(
        b"id,client,day,tags\n1,C1,24.12.2025,a; b\n2,C2,,NULL\n3,C3,,\n",
        "bill,what,price,qty\n2,x,1.0050,1\n1,y,2.50,2\n2,x,10,0.5\n",
    );
    assert_eq!(refused, []);
    assert_eq!(
        rows,
        [
            r#"{"external_id":"1","client_external_id":"C1","day":"2025-12-24","lines":[{"price":{"amount":500,"currency":"USD"},"text":"Other"}],"number":"B-1","tags":["a","b"]}"#,
            r#"{"external_id":"2","client_external_id":"C2","lines":[{"price":{"amount":101,"currency":"USD"},"text":"Exam"},{"price":{"amount":500,"currency":"USD"},"text":"Exam"}],"number":"B-2","tags":[]}"#,
            r#"{"external_id":"3","client_external_id":"C3","lines":[],"number":"B-3","tags":[]}"#,
        ]
    );
}

#[test]
fn what_is_wrong_is_rejected_and_what_hangs_on_it_is_held_back() {
    let (rows, refused) = taken(
        b"id,client,day,tags\n1,C1,2025-12-24,\n2,C2,,\n3,C3,,\n,C4,,\n3,C5,,\n6,C6\n7,\xff,,\n8,C8,,\n",
        "bill,what,price,qty\n1,x,1,1\n2,x,1,1\n2,x,one,1\n9,x,1,1\n6,x,1,1\n,x,1,1\n8,x,1,1,1\n3,x,1,1\n",
    );
    assert_eq!(rows.len(), 1, "only bill 3 is whole: {rows:?}");
    let expected = [
        rejected(0, 2, "day:date"),
        held(1, 2),
        held(0, 3),
        held(1, 3),
        rejected(1, 4, "price:number"),
        rejected(0, 5, "id:required"),
        rejected(0, 6, "id:repeated"),
        rejected(0, 7, "day:ragged"),
        held(1, 6),
        rejected(0, 8, "client:encoding"),
        held(0, 9),
        rejected(1, 8, "qty:ragged"),
        rejected(1, 5, "bill:unknown_record"),
        rejected(1, 7, "bill:required"),
    ];
    for one in &expected {
        assert!(refused.contains(one), "{one:?} in {refused:#?}");
    }
    assert_eq!(refused.len(), expected.len(), "{refused:#?}");
}

#[test]
fn what_the_door_says_leads_back_to_line_and_column() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("bills.csv"), "id,client,day,tags\n1,C1,,\n").unwrap();
    std::fs::write(dir.path().join("lines.csv"), "bill,what,price,qty\n1,x,1,1\n1,x,2,1\n").unwrap();
    let mapping = Mapping::parse(GOOD, &schema).unwrap();
    let mut taking = Taking::open(&mapping, &mapping.files[0], dir.path()).unwrap();
    let Some(Event::Row(row)) = taking.next_event().unwrap() else { panic!("the bill is right") };
    let said = |pointer: &str| {
        let refused = taking.refuse(&row, &[(pointer, "code", "detail")]);
        let rejected: Vec<String> = refused
            .iter()
            .filter(|one| !one.held)
            .map(|one| format!("{}:{}:{}", one.file, one.line, one.faults[0].column))
            .collect();
        assert_eq!((refused.len(), rejected.len()), (3, 1), "each record is told of once");
        rejected.concat()
    };
    assert_eq!(said("/client_external_id"), "0:2:client");
    assert_eq!(said("/client_id"), "0:2:client");
    assert_eq!(said("/external_id"), "0:2:id");
    assert_eq!(said("/external_ids/0"), "0:2:id");
    assert_eq!(said("/number"), "0:2:id");
    assert_eq!(said("/lines/1/price/amount"), "1:3:price, qty");
    assert_eq!(said("/lines/1/text"), "1:3:what");
    assert_eq!(said(""), "0:2:");
    assert!(taking.refuse(&row, &[("", WAITS, "why")]).iter().all(|one| one.held));
}

/// What waits for a record of another file is not wrong, whatever is wrong beside it; it says what it waits for.
#[test]
fn what_waits_is_held_back_beside_what_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("bills.csv"), "id,client,day,tags\n1,C1,,\n").unwrap();
    std::fs::write(dir.path().join("lines.csv"), "bill,what,price,qty\n1,x,1,1\n1,x,2,1\n").unwrap();
    let mapping = Mapping::parse(GOOD, &schema).unwrap();
    let mut taking = Taking::open(&mapping, &mapping.files[0], dir.path()).unwrap();
    let Some(Event::Row(row)) = taking.next_event().unwrap() else { panic!("the bill is right") };
    let told = |errors: &[(&str, &str, &str)]| -> Vec<String> {
        let said = |one: Refused| {
            let faults: Vec<String> = one.faults.iter().map(|fault| format!("{}:{}", fault.column, fault.detail)).collect();
            format!("{}:{} {} {}", one.file, one.line, if one.held { "held" } else { "rejected" }, faults.join("; "))
        };
        taking.refuse(&row, errors).into_iter().map(said).collect()
    };
    let bill = "line 2 of `bills.csv` was rejected";
    assert_eq!(
        told(&[("/client_id", "unknown_record", "unknown"), ("/lines/0/text", WAITS, "line 7 of `x` was rejected")]),
        [
            "0:2 rejected client:unknown".to_owned(),
            format!("1:2 held what:line 7 of `x` was rejected; :{bill}"),
            format!("1:3 held :{bill}")
        ]
    );
    let line = "line 3 of `lines.csv` was rejected";
    assert_eq!(
        told(&[("/client_id", WAITS, "line 7 of `x` was rejected"), ("/lines/1/text", "unknown_record", "unknown")]),
        [
            format!("0:2 held client:line 7 of `x` was rejected; :{line}"),
            format!("1:2 held :line 7 of `x` was rejected; :{line}"),
            "1:3 rejected what:unknown".to_owned()
        ]
    );
}

/// A field that cannot be empty is never made up: neither a day, nor an amount, nor a copy.
#[test]
fn an_empty_cell_is_nothing_and_never_something_else() {
    let strict = GOOD.replace(", optional = true", "");
    let (rows, refused) = taken_by(&strict, b"id,client,day,tags\n1,C1,24.12.2025,\n2,C2,,\n", "bill,what,price,qty\n1,x,,1\n");
    assert_eq!(rows, Vec::<String>::new());
    assert_eq!(refused, [held(0, 2), rejected(1, 2, "price:required"), rejected(0, 3, "day:required")]);
    let by = |field: &str| {
        let mapping = GOOD.replace("day = { column = \"day\", format = \"%d.%m.%Y\", optional = true }", field);
        taken_by(&mapping, b"id,client,day,tags\n1,C1,,\n2,C2,NULL,\n", "bill,what,price,qty\n")
    };
    for field in
        ["copies = \"day\"", "deposit = \"day\"", "sent = \"day\"", "stage = { column = \"day\", map = { a = \"open\" } }"]
    {
        let (rows, refused) = by(field);
        assert_eq!((rows.len(), refused), (0, vec![rejected(0, 2, "day:required"), rejected(0, 3, "day:required")]), "{field}");
    }
    let (rows, _) = by("copies = { column = \"day\", default = 1 }");
    assert!(rows.len() == 2 && rows.iter().all(|row| row.contains("\"copies\":1")), "in so many words: {rows:?}");
    let (rows, _) = by("copies = { column = \"day\", optional = true }");
    assert!(rows.len() == 2 && rows.iter().all(|row| !row.contains("copies")), "left to the clinic: {rows:?}");
}

#[test]
fn of_records_with_one_key_the_later_ones_name_the_line_of_the_first() {
    let dir = tempfile::tempdir().unwrap();
    let bills: String = (0..4_000).map(|number| format!("{},C,24.12.2025,\n", number % 3_999)).collect();
    std::fs::write(dir.path().join("bills.csv"), format!("id,client,day,tags\n{bills}")).unwrap();
    std::fs::write(dir.path().join("lines.csv"), "bill,what,price,qty\n").unwrap();
    let mapping = Mapping::parse(GOOD, &schema).unwrap();
    let mut taking = Taking::open(&mapping, &mapping.files[0], dir.path()).unwrap();
    let (mut rows, mut told) = (0, Vec::new());
    while let Some(event) = taking.next_event().unwrap() {
        match event {
            Event::Row(_) => rows += 1,
            Event::Refused(one) => told.push((one.line, one.faults[0].detail.clone())),
            Event::Stays(_) => panic!("nothing belongs to nobody"),
        }
    }
    assert_eq!(
        (rows, told),
        (3_999, vec![(4_001, "line 2 of `bills.csv` has the key “0”, too, and it tells records apart".to_owned())])
    );
}

/// `1.290` is two numbers: as long as the mapping does not say which, it is none.
#[test]
fn an_amount_that_can_be_two_is_refused_until_the_mapping_says_which() {
    let (bills, lines) = (b"id,client,day,tags\n1,C1,,\n2,C2,,\n", "bill,what,price,qty\n1,x,1.290,1\n2,x,2.50,1\n");
    let (rows, refused) = taken(bills, lines);
    assert_eq!((rows.len(), refused), (1, vec![held(0, 2), rejected(1, 2, "price:number")]));
    let by = |words: &str, field: &str| {
        let mapping = GOOD.replacen("null =", &format!("{words}\nnull ="), 1).replace("{ expression = \"price * qty\" }", field);
        taken_by(&mapping, bills, lines)
    };
    let (rows, refused) = by("", "\"price\"");
    assert_eq!((rows.len(), refused), (1, vec![held(0, 2), rejected(1, 2, "price:number")]));
    let (rows, _) = by("decimal_mark = \".\"", "\"price\"");
    assert!(rows[0].contains("\"amount\":129,"), "{rows:?}");
    let (rows, refused) = by("decimal_mark = \",\"\ngroup_mark = \".\"", "\"price\"");
    assert!(rows[0].contains("\"amount\":129000,"), "{rows:?}");
    assert_eq!(refused, [held(0, 3), rejected(1, 3, "price:number")]);
}

/// What is no text is no name and no key, and a number of JSON is one number.
#[test]
fn values_of_json_are_what_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let mapping = GOOD.replace("bills.csv", "bills.jsonl").replace("lines.csv", "lines.jsonl");
    let mapping = mapping.replace("null =", "decimal_mark = \",\"\nnull =");
    let bills = [
        r#"{"id":1,"client":"C1"}"#,
        r#"{"id":true,"client":"C1"}"#,
        r#"{"id":3,"client":["C1"]}"#,
        r#"{"id":4,"client":{"a":1}}"#,
        r#"{"id":5,"client":false}"#,
        r#"{"id":6,"client":"\ud800"}"#,
        r#"{"id":{"a":1},"client":"C1"}"#,
    ];
    std::fs::write(dir.path().join("bills.jsonl"), bills.join("\n")).unwrap();
    let lines = "{\"bill\":1,\"what\":\"x\",\"price\":1.290,\"qty\":\"1,5\"}\n{\"bill\":[1],\"price\":1,\"qty\":1}";
    std::fs::write(dir.path().join("lines.jsonl"), lines).unwrap();
    let mapping = Mapping::parse(&mapping, &schema).unwrap();
    let mut taking = Taking::open(&mapping, &mapping.files[0], dir.path()).unwrap();
    let (mut rows, mut told) = (Vec::new(), Vec::new());
    while let Some(event) = taking.next_event().unwrap() {
        match event {
            Event::Row(row) => rows.push(String::from_utf8(row.json).unwrap()),
            Event::Refused(one) => {
                let fault = &one.faults[0];
                let begins: String = fault.detail.chars().take(12).collect();
                told.push((one.file, one.line, format!("{}:{} {begins}", fault.column, fault.code)));
            }
            Event::Stays(_) => panic!("nothing was rejected before"),
        }
    }
    assert!(rows.len() == 1 && rows[0].contains("\"amount\":194,"), "{rows:?}");
    let wrong = |file: usize, line: u64, fault: &str| (file, line, fault.to_owned());
    let expected = [
        wrong(0, 2, "id:type is `true` or"),
        wrong(0, 3, "client:type is a list, a"),
        wrong(0, 4, "client:type is an object"),
        wrong(0, 5, "client:type is `true` or"),
        wrong(0, 6, "client:encoding has half of "),
        wrong(0, 7, "id:type is an object"),
        wrong(1, 2, "bill:type is a list, a"),
    ];
    assert_eq!(told, expected);
}

/// Whoever mends some bills and sends those back leaves the lines of all others as they are.
#[test]
fn lines_of_what_was_not_rejected_stay() {
    let back = b"_outcome,_line,_column,_reason,id,client,day,tags\nrejected,2,day,no,1,C1,24.12.2025,\n";
    let lines = "bill,what,price,qty\n1,x,1,1\n2,x,1,1\n,x,1,1\n";
    let (rows, refused) = taken(back, lines);
    let stays = (1, 0, false, "stays".to_owned());
    assert!(rows.len() == 1 && refused.len() == 2 && refused.contains(&stays), "{refused:?}");
    assert!(refused.contains(&rejected(1, 4, "bill:required")), "{refused:?}");
    // A line that was rejected itself is not passed over: it came to be mended.
    let lines = "_outcome,_line,_column,_reason,bill,what,price,qty\nrejected,3,,no,2,x,1,1\n";
    assert_eq!(taken(back, lines).1, [rejected(1, 2, "bill:unknown_record")]);
    assert_eq!(
        taken(b"id,client,day,tags\n1,C1,,\n", "bill,what,price,qty\n2,x,1,1\n").1,
        [rejected(1, 2, "bill:unknown_record")]
    );
}

/// Whoever mends some lines and sends those back beside all bills changes no other bill, and takes no line of one.
#[test]
fn lines_that_come_back_take_none_of_a_bill_away() {
    let invoices = GOOD.replace("resource = \"bills\"", "resource = \"invoices\"");
    let bills = b"id,client,day,tags\n1,C1,,\n2,C2,,\n3,C3,,\n";
    // The whole of bill 2 was held back; the line of bill 3 had belonged to nothing.
    let lines = "_outcome,_line,_column,_reason,bill,what,price,qty\nrejected,3,price,\"`price`: no\",2,x,1,1\n\
                 held_back,4,,line 3 of `lines.csv` was rejected,2,y,1,1\n\
                 rejected,9,bill,\"`bill`: no record of `bills.csv` has this key\",3,z,1,1\n";
    let (rows, refused) = taken_by(&invoices, bills, lines);
    assert_eq!(rows.len(), 1, "bill 2 is whole: {refused:?}");
    let stays = (0, 0, false, "stays".to_owned());
    assert!(refused.contains(&stays), "bill 1: {refused:?}");
    assert!(refused.contains(&rejected(1, 4, "bill:parts_missing")), "{refused:?}");
}

/// An invoice of nothing is paid by nothing: it is refused, unless the mapping says that there are such.
#[test]
fn an_invoice_without_lines_is_not_made() {
    let invoices = GOOD.replace("resource = \"bills\"", "resource = \"invoices\"");
    let (bills, lines) = (b"id,client,day,tags\n1,C1,,\n2,C2,,\n", "bill,what,price,qty\n2,x,1,1\n");
    let (rows, refused) = taken_by(&invoices, bills, lines);
    assert_eq!((rows.len(), refused), (1, vec![rejected(0, 2, "id:no_lines")]));
    let said = invoices.replace("parent = \"bill\"", "parent = \"bill\"\noptional = true");
    let (rows, refused) = taken_by(&said, bills, lines);
    assert_eq!((rows.len(), refused), (2, vec![]));
    let read = |text: &str| Mapping::parse(text, &schema).unwrap();
    assert!(!read(&said).is_within(&read(&invoices)), "it is no choice that could be lost");
}

/// Nobody reads a million lines of one bill to find that they are too many; each is told of all the same.
#[test]
fn more_records_than_can_belong_to_one_are_told_of_and_not_read() {
    let many: String = (0..CHILDREN_MAX + 500).map(|number| format!("1,x,{number},1\n")).collect();
    let (rows, refused) = taken(b"id,client,day,tags\n1,C1,,\n2,C2,,\n", &format!("bill,what,price,qty\n2,x,1,1\n{many}"));
    assert_eq!(rows.len(), 1, "the other bill is whole");
    let of = |faults: &str, is_held: bool| refused.iter().filter(|one| one.2 == is_held && one.3 == faults).count();
    assert_eq!((of("id:too_many", false), of(":held_back", true), of("bill:too_many", false)), (1, CHILDREN_MAX, 500));
    assert_eq!(refused.len(), CHILDREN_MAX + 501, "each record is told of once");
    let large = "x".repeat(200 << 10);
    let large: String = (0..40).map(|number| format!("1,{large},{number},1\n")).collect();
    let (rows, refused) = taken(b"id,client,day,tags\n1,C1,,\n", &format!("bill,what,price,qty\n{large}"));
    assert!(rows.is_empty() && refused.iter().any(|one| one.3 == "id:too_many"), "{:?}", refused.first());
    assert_eq!(refused.len(), 41);
}

/// A sign of percent counts where the mapping asks for percent, and is no number anywhere else: `1 - discount` of `1%`
/// would take off everything.
#[test]
fn a_percentage_is_one_where_the_mapping_says_so() {
    let of = |expression: &str, off: &str| {
        let mapping = GOOD.replace("expression = \"price * qty\"", &format!("expression = \"{expression}\""));
        let (rows, refused) =
            taken_by(&mapping, b"id,client,day,tags\n1,C1,,\n", &format!("bill,what,price,qty\n1,x,20.00,{off}\n"));
        let amount = rows.first().and_then(|row| row.split("\"amount\":").nth(1)?.split(',').next()?.parse::<i64>().ok());
        amount.ok_or_else(|| refused.into_iter().map(|one| one.3).collect::<Vec<_>>().join(" "))
    };
    for (off, left) in [("1%", 1_980), ("15 %", 1_700), ("15", 1_700), ("12.5%", 1_750), ("0.5", 1_990), ("100%", 0)] {
        assert_eq!(of("price - price * percent(qty)", off), Ok(left), "{off}");
    }
    for expression in ["price * (1 - qty)", "price * (1 - qty * 0.01)"] {
        assert_eq!(of(expression, "15%").map_err(|told| told.split(' ').any(|one| one == "qty:number")), Err(true));
    }
    assert!(of("price - price * percent(qty)", "15%%").is_err() && of("price - price * percent(qty)", "%").is_err());
}

/// What stands beside an amount stands beside one that is reckoned with, too. Of another currency it is no number.
#[test]
fn an_expression_reads_the_sign_of_the_currency() {
    let of = |price: &str| {
        let (rows, _) = taken(b"id,client,day,tags\n1,C1,,\n", &format!("bill,what,price,qty\n1,x,{price},2\n"));
        rows.first().and_then(|row| row.split("\"amount\":").nth(1)?.split(',').next()?.parse::<i64>().ok())
    };
    for price in ["14.00", "$14.00", "$ 14", "14.00 USD", "USD 14"] {
        assert_eq!(of(price), Some(2_800), "{price}");
    }
    for price in ["€14.00", "14.00 EUR", "$", "14$%"] {
        assert_eq!(of(price), None, "{price}");
    }
}

/// A record whose key another has does not take that one's place by coming back as a file of rejects has it.
#[test]
fn a_repeated_key_that_comes_back_is_refused_until_it_is_changed() {
    let reason = "`id`: line 2 of `bills.csv` has the key “1”, too, and it tells records apart";
    let back = |reason: &str, id: &str| {
        let bills = format!("_outcome,_line,_column,_reason,id,client,day,tags\nrejected,3,id,{reason},{id},C1,,\n");
        let (rows, refused) = taken(bills.as_bytes(), "bill,what,price,qty\n");
        (rows.len(), refused)
    };
    let quoted = format!("\"{reason}\"");
    assert_eq!(back(&quoted, "1"), (0, vec![rejected(0, 2, "id:repeated")]));
    assert_eq!(back(&quoted, "1b"), (1, vec![]), "it has a key of its own");
    assert_eq!(back("", "1"), (1, vec![]), "whoever empties the reason means to take its place");
    assert_eq!(back("must be a date", "1"), (1, vec![]), "another reason");
    let waits = format!("\"{}\"", ambiguous(3, "clients.csv", "C1"));
    assert_eq!(back(&waits, "1"), (0, vec![rejected(0, 2, ":ambiguous")]), "what it names is still two");
}
