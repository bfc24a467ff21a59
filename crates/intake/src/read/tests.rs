use std::io::Write as _;

use super::*;
use crate::{COLUMNS_MAX, FIELD_BYTES_MAX, RECORD_BYTES_MAX};

fn records(name: &str, format: Format, bytes: &[u8]) -> Vec<Record> {
    let dir = tempfile::tempdir().unwrap();
    File::create(dir.path().join(name)).unwrap().write_all(bytes).unwrap();
    let columns = ["a".to_owned(), "b.c".to_owned()];
    let mut table = Table::open(dir.path(), name, format, &columns).unwrap();
    let mut found = Vec::new();
    while let Some(record) = table.next_record().unwrap() {
        found.push(record);
    }
    for record in &found {
        let again = table.at(record.offset, record.line).unwrap();
        assert_eq!((again.original(), again.line), (record.original(), record.line), "read again by its place");
    }
    found
}

fn csv(text: &str) -> Vec<(u64, Vec<String>, Option<Flaw>)> {
    let found = records("x.csv", Format::Csv(b','), text.as_bytes());
    found.into_iter().map(|record| (record.line, record.original(), record.flaw)).collect()
}

#[test]
fn lines_are_counted_over_breaks_and_quotes() {
    let found = csv("\u{feff}a,b\r\n1,\"two\nlines\"\r\n\r\n\n3,\"say \"\"so\"\"\"\n5,6");
    let lines: Vec<u64> = found.iter().map(|(line, _, _)| *line).collect();
    assert_eq!(lines, [2, 6, 7]);
    assert_eq!(found[0].1, ["1", "two\nlines"]);
    assert_eq!(found[1].1, ["3", "say \"so\""]);
    assert!(found.iter().all(|(_, _, flaw)| flaw.is_none()));
}

#[test]
fn hostile_records_are_flawed_and_do_not_stop_the_next() {
    let huge = "x".repeat(3 * RECORD_BYTES_MAX);
    let wide = ",".repeat(2 * COLUMNS_MAX);
    let found = csv(&format!("a,b\n1\n1,2,3\n7,{huge}\n{wide}\n4,5\n"));
    let flaws: Vec<Option<Flaw>> = found.iter().map(|(_, _, flaw)| flaw.clone()).collect();
    let ragged = |fields| Some(Flaw::Ragged { fields });
    assert_eq!(flaws, [ragged(1), ragged(3), Some(Flaw::TooLong), Some(Flaw::TooLong), None]);
    assert_eq!(found.iter().map(|(line, _, _)| *line).collect::<Vec<_>>(), [2, 3, 4, 5, 6]);
    assert_eq!(found[2].1[0], "7", "what came before the long field can be read");
}

#[test]
fn a_field_that_is_no_text_is_told_apart() {
    let found = records("x.csv", Format::Csv(b';'), b"a;b\n ok ;\xff\xfe\n\0;y\n");
    assert_eq!(found[0].field(0), Ok(Some("ok")));
    assert_eq!(found[0].field(1), Err(NoText));
    assert_eq!(found[1].field(0), Ok(Some("\0")));
    assert_eq!(found[1].field(7), Ok(None));
}

#[test]
fn lines_of_json_keep_every_digit() {
    let text =
        "{\"a\":123456789012345678.90,\"b\":{\"c\":\"x\\u00e9\"}}\n\n{\"a\":null}\n[1]\n{\"a\":1,\"a\":2}\n{\"a\":true,\"b\":3}";
    let found = records("x.jsonl", Format::JsonLines, text.as_bytes());
    assert_eq!(found[0].field(0), Ok(Some("123456789012345678.90")));
    assert_eq!(found[0].field(1), Ok(Some("xé")));
    assert_eq!(found[1].field(0), Ok(Some("")));
    assert!(matches!(found[2].flaw, Some(Flaw::NotJson(_))) && matches!(found[3].flaw, Some(Flaw::NotJson(_))));
    assert_eq!((found[4].line, found[4].field(0), found[4].field(1)), (6, Ok(Some("true")), Ok(Some(""))));
}

/// `true`, a list, an object or half a character is no name: what it is, is known.
#[test]
fn what_a_value_of_json_is_is_known() {
    let text =
        "{\"a\":true,\"b\":{\"c\":[1]}}\n{\"a\":{\"x\":1},\"b\":{\"c\":\"\\ud800\"}}\n{\"a\":\"1\",\"b\":{\"c\":1.50}}\n{}";
    let found = records("x.jsonl", Format::JsonLines, text.as_bytes());
    let kinds: Vec<(Kind, Kind)> = found.iter().map(|record| (record.kind(0), record.kind(1))).collect();
    let expected = [(Kind::Bool, Kind::List), (Kind::Object, Kind::Torn), (Kind::Text, Kind::Number), (Kind::Text, Kind::Text)];
    assert_eq!(kinds, expected);
}

/// What a spreadsheet saves as "Unicode text" is read as what it says.
#[test]
fn utf_16_is_read_as_its_text() {
    let text = "\u{feff}id\tname\r\n1\tZoë 🐕\r\n2\tMax\r\n";
    for unit in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
        let bytes: Vec<u8> = text.encode_utf16().flat_map(unit).collect();
        let found = records("x.tsv", Format::Csv(b'\t'), &bytes);
        let told: Vec<_> = found.iter().map(|record| (record.line, record.original())).collect();
        assert_eq!(told, [(2, vec!["1".to_owned(), "Zoë 🐕".to_owned()]), (3, vec!["2".to_owned(), "Max".to_owned()])]);
    }
}

#[test]
fn files_that_are_none_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let open = |name: &str, bytes: &[u8]| {
        std::fs::write(dir.path().join(name), bytes).unwrap();
        Table::open(dir.path(), name, Format::Csv(b','), &[]).map(|_| ()).unwrap_err().to_string()
    };
    assert!(open("a.csv", b"").contains("empty"));
    assert!(open("c.csv", b"a,b,a\n").contains("two columns `a`"));
    let wide: Vec<String> = (0..5_000).map(|number| format!("c{number}")).collect();
    assert!(open("d.csv", wide.join(",").as_bytes()).contains("has 5000 columns, which are too many: the limit is 1024"));
    assert!(Table::open(dir.path(), "none.csv", Format::Csv(b','), &[]).is_err());
}

/// Whoever forgets a quote makes one field of many records; the line where it opens is told.
#[test]
fn a_quote_that_nobody_closes_is_told_with_its_line() {
    let open = |line, end| Some(Flaw::OpenQuote { line, end, field: 1 });
    let flaws = |text: &str| csv(text).into_iter().map(|(line, _, flaw)| (line, flaw)).collect::<Vec<_>>();
    // Up to the end of the file.
    assert_eq!(flaws("a,b\n1,\"x\n2,y\n3,z\n"), [(2, open(2, 5))]);
    assert_eq!(flaws("a,b\n1,2\n3,\"x"), [(2, None), (3, open(3, 3))]);
    // Up to the next quote, which opens a field of a record that follows.
    assert_eq!(flaws("a,b\n1,\"x\n2,y\n3,\"z\"\n4,5\n"), [(2, open(2, 4)), (5, None)]);
    // Over more lines than any value has, or more bytes than a record.
    let lines = "2,y\n".repeat(1_001);
    assert_eq!(flaws(&format!("a,b\n1,\"x\n{lines}\"\n4,5\n")), [(2, open(2, 1_004)), (1_005, None)]);
    let huge = "x".repeat(RECORD_BYTES_MAX);
    assert_eq!(flaws(&format!("a,b\n1,\"x\n{huge}\",\n4,5\n"))[0], (2, open(2, 3)));
    // Up to the quote of another field in the same line, though the number of fields fits.
    assert_eq!(flaws("a,b,c\n1,\"x,\"2 y, z\",3\n"), [(2, open(2, 2))]);
    // What is written as it should be stays.
    assert_eq!(flaws("a,b\n1,\"x\n\"\"y\"\"\n\" \n4,\"in \"one\" line\"\n"), [(2, None), (5, None)]);
}

#[test]
fn a_field_that_is_longer_than_any_value_is_flawed() {
    let long = "x".repeat(FIELD_BYTES_MAX + 1);
    let found = csv(&format!("a,b\n1,{long}\n2,3\n"));
    assert_eq!((&found[0].2, &found[1].2), (&Some(Flaw::LongField { field: 1 }), &None));
    let text = format!("{{\"a\":\"{long}\"}}\n{{\"a\":1}}");
    let found = records("x.jsonl", Format::JsonLines, text.as_bytes());
    assert_eq!((&found[0].flaw, &found[1].flaw), (&Some(Flaw::LongField { field: 0 }), &None));
}

/// Each record starts on a line of its own, however lines end.
#[test]
fn lines_end_as_they_did_on_any_machine() {
    let lines = |text: &str| csv(text).into_iter().map(|(line, _, _)| line).collect::<Vec<_>>();
    assert_eq!(lines("a,b\r1,2\r3,\"4\r5\"\r6,7\r"), [2, 3, 5]);
    assert_eq!(lines("a,b\r\n1,2\r\n3,\"4\r\n5\"\r\n6,7"), [2, 3, 5]);
    let found = records("x.jsonl", Format::JsonLines, b"{\"a\":1}\r{\"a\":2}\r\n{\"a\":3}\n\r{\"a\":4}");
    let told: Vec<_> = found.iter().map(|record| (record.line, record.field(0).unwrap().unwrap().to_owned())).collect();
    assert_eq!(told, [(1, "1".to_owned()), (2, "2".to_owned()), (3, "3".to_owned()), (5, "4".to_owned())]);
}

/// An object is read once, however many members it has and however many columns lie in it.
#[test]
fn objects_with_many_members_are_read_once() {
    let members: Vec<String> = (0..60_000).map(|number| format!("\"m{number}\":{number}")).collect();
    let text = format!("{{\"a\":\"x\",{},\"b\":{{\"c\":7,\"d\":{{}}}}}}", members.join(","));
    let found = records("x.jsonl", Format::JsonLines, text.as_bytes());
    assert_eq!((found[0].flaw.clone(), found[0].field(0), found[0].field(1)), (None, Ok(Some("x")), Ok(Some("7"))));
    let found = records("x.jsonl", Format::JsonLines, b"{\"b\":{\"c\":1,\"c\":2}}\n{\"b\":[{\"c\":1}]}");
    assert!(matches!(found[0].flaw, Some(Flaw::NotJson(_))), "a member that is repeated further down");
    assert_eq!((found[1].flaw.clone(), found[1].field(1)), (None, Ok(Some(""))), "what lies in a list is not found");
}

#[test]
fn reading_ends_when_it_is_stopped() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("x.csv"), "a\n1\n2\n").unwrap();
    let halt = Halt::default();
    let mut table = Table::open(dir.path(), "x.csv", Format::Csv(b','), &[]).unwrap().until(&halt);
    assert!(table.next_record().unwrap().is_some());
    halt.stop();
    assert!(matches!(table.next_record(), Err(Broken::Halted)));
}

/// A file of rejected records comes back: what was escaped in it for spreadsheets is as it was.
#[test]
fn what_was_rejected_can_be_mended_and_comes_back_as_it_was() {
    let text = "_outcome,_line,_column,_reason,a,b\nrejected,7,a,why,'-5,'tis\n";
    assert_eq!(csv(text)[0].1[4..], ["-5", "'tis"]);
    assert_eq!(csv("a,b\n'-5,'tis\n")[0].1, ["'-5", "'tis"], "any other file says what it says");
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("x.csv"), "_outcome,_line,_column,_reason,'@id\n").unwrap();
    let back = Table::open(dir.path(), "x.csv", Format::Csv(b','), &[]).unwrap();
    assert_eq!(back.header()[4], "@id", "so is the name of a column");
}

/// What a quote took in stands as it did, record by record, and is taken for the records that it holds.
#[test]
fn what_a_quote_took_in_stands_as_it_did() {
    let of = |text: &str| {
        let found = records("x.csv", Format::Csv(b','), text.as_bytes());
        let torn = found[0].torn().unwrap();
        torn.pieces.iter().map(|piece| (piece.record.line, piece.text.clone(), piece.record.fields())).collect::<Vec<_>>()
    };
    let piece = |line: u64, text: &str, fields: usize| (line, text.to_owned(), fields);
    let text = "a,b,c\n1,\"Quick,x\r\n2,Bob,y\r\n\r\n3,\"Zoe \"Quick\"\",z\n4,5,6\n";
    assert_eq!(of(text), [piece(2, "1,\"Quick,x\r\n", 2), piece(3, "2,Bob,y\r\n\r\n", 3), piece(5, "3,\"Zoe \"Quick\"\",z", 3)]);
    // A field of several lines among them stays one, and so does one in front.
    let text = "a,b,c\n\"1\n1\",\"Quick,x\n2,Bob,\"two\nlines\"\n3,\"Zoe\",z\n";
    assert_eq!(of(text)[0], piece(2, "\"1\n1\",\"Quick,x\n", 2));
    // One of which the line alone was taken in is taken to its end.
    let text = "a,b,c\n1,\"Quick,x\n2,Bob,\"two\n\nlines\"\n3,Zoe,z\n";
    assert_eq!(of(text)[1], piece(3, "2,Bob,\"two\n\nlines\"", 3));
    assert_eq!(csv(text)[1].0, 6);
    // Another quote that is not closed takes in no more than its line.
    let text = "a,b,c\n1,\"Quick,x\n2,\"Bob,y\n3,Zoe,z\n";
    assert_eq!(of(text).len(), 2, "the second quote ends the first one's field, in which nothing else is wrong");
    let long = format!("a,b,c\n1,\"Quick,x\n{}", "2,\",\",x\n".repeat(40_000));
    assert!(of(&long).len() <= 40_001, "whatever stands there, it takes no time");
}

/// A file of rejected records that comes back as it was keeps what stands behind a quote, and what is mended there is read.
#[test]
fn what_a_quote_took_in_comes_back_as_it_was() {
    for (heading, front, behind) in [
        ("_outcome,_line,_column,_reason,a,b", "rejected,2,b,why,", ""),
        ("a,b,_outcome,_line,_column,_reason", "", ",rejected,2,b,why"),
    ] {
        let text = format!("{heading}\n{front}1,\"x{behind}\n{front}'-2,y{behind}\n{front}3,\"z\"{behind}\n");
        let found = records("x.csv", Format::Csv(b','), text.as_bytes());
        assert_eq!(
            (found.len(), found[0].original()),
            (1, vec!["1,\"x\n".to_owned(), "-2,y\n".to_owned(), "3,\"z\"".to_owned()])
        );
        let found = records("x.csv", Format::Csv(b','), text.replace("\"x", "\"x\"").as_bytes());
        assert!(found.len() == 3 && found.iter().all(|one| one.flaw.is_none()), "{found:?}");
        assert_eq!(torn::mendable(&["-2,y\n".to_owned()], 3, ','), Some(vec![(3, "'-2,y".to_owned())]));
    }
    assert!(!torn::plain_cell("the “quote”, \"so\"\n", ',').contains([',', '"', '\n']));
}
