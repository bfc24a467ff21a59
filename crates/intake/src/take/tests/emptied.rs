//! Words that a mapping counts as nothing.

use super::*;

#[test]
fn a_word_that_becomes_an_empty_text_is_an_empty_cell() {
    let number = |map: &str| {
        let mapping = GOOD.replace("{ template = \"B-{id}\" }", &format!("{{ column = \"tags\", {map} }}"));
        let (rows, refused) = taken_by(&mapping, b"id,client,day,tags\n1,C1,,x\n2,C2,,y\n", "bill,what,price,qty\n");
        let of = |row: &String| serde_json::from_str::<serde_json::Value>(row).unwrap()["number"].as_str().map(str::to_owned);
        (rows.iter().map(of).collect::<Vec<_>>(), refused)
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(number("map = { x = \"X\" }, otherwise = \"\", optional = true"), (vec![some("X"), None], vec![]));
    assert_eq!(number("map = { x = \"\", y = \"Y\" }, default = \"none\""), (vec![some("none"), some("Y")], vec![]));
    let refused = vec![rejected(0, 3, "tags:required")];
    assert_eq!(number("map = { x = \"X\" }, otherwise = \"\""), (vec![some("X")], refused), "what must be there is missed");
}
