//! What stands behind a quote that is not closed, and what is no text.

use super::*;

/// What a quote took in is not lost: what belongs to it waits, and no bill is made of some of its lines.
#[test]
fn what_belongs_to_a_record_behind_a_quote_waits() {
    let lines = "bill,what,price,qty\n1,x,1,1\n2,x,1,1\n3,x,1,1\n4,x,1,1\n9,x,1,1\n";
    let bills = "id,client,day,tags\n1,C1,,\n2,\"C2,,\n3,C3,,\n4,\"C4\",,\n5,C5,,\n";
    let (rows, refused) = taken(bills.as_bytes(), lines);
    assert_eq!(rows.len(), 2, "1 and 5: {rows:?}");
    let expected =
        [rejected(0, 3, "client:open_quote"), held(1, 3), held(1, 4), held(1, 5), rejected(1, 6, "bill:unknown_record")];
    assert!(expected.iter().all(|one| refused.contains(one)) && refused.len() == expected.len(), "{refused:#?}");
    // If not all of it can be read, it can be whatever is unknown.
    let (_, refused) = taken(bills.replace("3,C3,,", "3,C3").as_bytes(), lines);
    assert!(refused.contains(&held(1, 6)), "{refused:#?}");
    // The other way round: lines of bills that are right themselves.
    let bills = b"id,client,day,tags\n1,C1,,\n2,C2,,\n3,C3,,\n";
    let lines = "bill,what,price,qty\n1,x,1,1\n1,\"x,1,1\n2,x,1,1\n2,\"y\",1,1\n3,x,1,1\n2,z,1,1\n";
    let (rows, refused) = taken(bills, lines);
    assert!(rows.len() == 1 && rows[0].contains("\"external_id\":\"3\""), "{rows:?}");
    let expected = [held(0, 2), held(1, 2), rejected(1, 3, "what:open_quote"), held(0, 3), held(1, 7)];
    assert!(expected.iter().all(|one| refused.contains(one)) && refused.len() == expected.len(), "{refused:#?}");
}

/// A NUL is told by its name, in a key, a day, a number, and in a word that would become whatever the mapping says of others.
#[test]
fn a_nul_is_told_wherever_it_stands() {
    let mapping =
        GOOD.replace("tags = {", "stage = { column = \"what\", map = { a = \"open\" }, otherwise = \"paid\" }\ntags = {");
    let dir = tempfile::tempdir().unwrap();
    let bills = "id,client,day,tags,what\n1,C1,24.12.2025,,a\0\n2,C2,24.12\0.2025,,b\n3\0,C3,,,a\n4,C4,,x\0,a\n5,C5,,,b\n";
    std::fs::write(dir.path().join("bills.csv"), bills).unwrap();
    std::fs::write(dir.path().join("lines.csv"), "bill,what,price,qty\n5,x,1\0,1\n").unwrap();
    let mapping = Mapping::parse(&mapping, &schema).unwrap();
    let mut taking = Taking::open(&mapping, &mapping.files[0], dir.path()).unwrap();
    let mut told = Vec::new();
    while let Some(event) = taking.next_event().unwrap() {
        let Event::Refused(one) = event else { panic!("{event:?}") };
        let fault = one.faults[0].clone();
        assert!(one.held || fault.detail.contains("NUL"), "{fault:?}");
        told.push((one.file, one.line, fault.column));
    }
    let expected = [(0, 2, "what"), (0, 3, "day"), (0, 4, "id"), (0, 5, "tags"), (0, 6, ""), (1, 2, "price")];
    assert_eq!(told, expected.map(|(file, line, column)| (file, line, column.to_owned())));
}

/// A quote that by chance closes where a field ends took in records as well: nobody knows which.
#[test]
fn a_record_of_too_few_fields_over_several_lines_may_hold_others() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("bills.csv"), "id,client,day,tags\n1,\"C1,,\n2,C2\",\n3,C3,,\n4,C4\n").unwrap();
    std::fs::write(dir.path().join("lines.csv"), "bill,what,price,qty\n").unwrap();
    let mapping = Mapping::parse(GOOD, &schema).unwrap();
    let mut taking = Taking::open(&mapping, &mapping.files[0], dir.path()).unwrap();
    let mut told = Vec::new();
    while let Some(event) = taking.next_event().unwrap() {
        if let Event::Refused(one) = event {
            told.push((one.line, one.behind.unknown, one.faults[0].code.clone()));
        }
    }
    assert_eq!(told, [(2, Some((2, 3)), "ragged".to_owned()), (5, None, "ragged".to_owned())]);
}
