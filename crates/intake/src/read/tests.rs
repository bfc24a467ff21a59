use std::io::Write as _;

use super::*;
use crate::{COLUMNS_MAX, RECORD_BYTES_MAX};

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

#[test]
fn files_that_are_none_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let open = |name: &str, bytes: &[u8]| {
        std::fs::write(dir.path().join(name), bytes).unwrap();
        Table::open(dir.path(), name, Format::Csv(b','), &[]).map(|_| ()).unwrap_err().to_string()
    };
    assert!(open("a.csv", b"").contains("empty"));
    assert!(open("b.csv", b"\xff\xfea\0").contains("UTF-16"));
    assert!(open("c.csv", b"a,b,a\n").contains("two columns `a`"));
    assert!(Table::open(dir.path(), "none.csv", Format::Csv(b','), &[]).is_err());
}
