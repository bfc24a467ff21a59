//! What is looked up in another file.

use super::*;

/// The directory of two bills that look up their numbers in this file, and the mapping that says so.
fn bills(codes: &[u8]) -> (tempfile::TempDir, Mapping) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("codes.csv"), codes).unwrap();
    std::fs::write(dir.path().join("bills.csv"), "id,client,day,tags\n1,C1,,\n3,C3,,\n").unwrap();
    std::fs::write(dir.path().join("lines.csv"), "bill,what,price,qty\n").unwrap();
    let by = "number = { column = \"id\", lookup = { file = \"codes.csv\", key = \"code\", column = \"text\" } }";
    let mapping = GOOD.lines().map(|line| if line.starts_with("number") { by } else { line }).collect::<Vec<_>>().join("\n");
    (dir, Mapping::parse(&mapping, &schema).unwrap())
}

/// Why nothing can be looked up in this file.
fn broken(codes: &[u8]) -> String {
    let (dir, mapping) = bills(codes);
    Taking::open(&mapping, &mapping.files[0], dir.path()).err().unwrap().to_string()
}

/// What is said of each bill: its number, or why it has none.
fn looked_up(codes: &[u8]) -> Vec<String> {
    let (dir, mapping) = bills(codes);
    let (mut taking, mut told) = (Taking::open(&mapping, &mapping.files[0], dir.path()).unwrap(), Vec::new());
    while let Some(event) = taking.next_event().unwrap() {
        told.push(match event {
            Event::Row(row) => {
                let json: serde_json::Value = serde_json::from_slice(&row.json).unwrap();
                json["number"].as_str().unwrap().to_owned()
            }
            Event::Refused(one) => one.faults[0].detail.clone(),
            Event::Stays(_) => panic!("nothing stays"),
        });
    }
    told
}

#[test]
fn a_file_to_look_up_in_has_a_bound() {
    let long = "x".repeat(200 << 10);
    let codes: String = (0..200).map(|number| format!("{number},{long}\n")).collect();
    let told = broken(format!("code,text\n{codes}").as_bytes());
    assert!(told.contains("`codes.csv`") && told.contains("too many to look up in"), "{told}");
}

/// Where a quote swallows records that others look up, these would be refused for what stands elsewhere.
#[test]
fn a_file_to_look_up_in_is_whole_or_told_of() {
    let told = broken(b"code,text\n1,one\n2,\"two\n3,three\n");
    assert!(
        told.contains("`codes.csv`") && told.contains("the quote that opens in line 3") && told.contains("must be whole"),
        "{told}"
    );
    let long = format!("code,text\n1,one\n2,{}\n", "x".repeat(300 << 10));
    let told = broken(long.as_bytes());
    assert!(told.contains("the record in line 3 is too long"), "{told}");
    assert_eq!(looked_up(b"code,text\n1,one\n2,\"two\"\n3,three\n"), ["one", "three"]);
}

/// One record that cannot be read keeps back nothing but what looks it up, and that is told where it may stand.
#[test]
fn what_finds_nothing_is_told_of_records_that_cannot_be_read() {
    let nothing = "`codes.csv` has nothing for it";
    assert_eq!(looked_up(b"code,text\n1,one\n"), ["one", nothing]);
    let told = looked_up(b"code,text\n1,one\n2,two,too much\n");
    assert_eq!(told, ["one".to_owned(), format!("{nothing}; line 3 of it cannot be read")]);
    let told = looked_up(b"code,text\n1,one\n3,thr\xffe\n4\n");
    assert_eq!(told, ["one".to_owned(), format!("{nothing}; lines 3, 4 of it cannot be read")]);
    let told = looked_up(b"code,text\n1,one\n2\n2\n2\n2\n2\n");
    assert_eq!(told, ["one".to_owned(), format!("{nothing}; lines 3, 4, 5 of it and 2 more records cannot be read")]);
    assert_eq!(looked_up(b"code,text\n1,one\n2,two,too much\n3,three\n"), ["one", "three"], "nobody looks it up");
}

/// Of two values for one key neither is taken, and the same one twice is one.
#[test]
fn what_says_two_things_for_one_key_is_told() {
    let told = looked_up(b"code,text\n1,one\n3,three\n1,one\n3,four\n3,five\n");
    assert_eq!(told, ["one", "`codes.csv` says one thing for it in line 3 and another in line 5"]);
}
