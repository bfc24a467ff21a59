//! What is looked up in another file.

use super::*;

#[test]
fn a_file_to_look_up_in_has_a_bound() {
    let dir = tempfile::tempdir().unwrap();
    let long = "x".repeat(200 << 10);
    let codes: String = (0..200).map(|number| format!("{number},{long}\n")).collect();
    std::fs::write(dir.path().join("codes.csv"), format!("code,text\n{codes}")).unwrap();
    std::fs::write(dir.path().join("bills.csv"), "id,client,day,tags\n").unwrap();
    std::fs::write(dir.path().join("lines.csv"), "bill,what,price,qty\n").unwrap();
    let by = "number = { column = \"id\", lookup = { file = \"codes.csv\", key = \"code\", column = \"text\" } }";
    let mapping = GOOD.lines().map(|line| if line.starts_with("number") { by } else { line }).collect::<Vec<_>>().join("\n");
    let mapping = Mapping::parse(&mapping, &schema).unwrap();
    let told = Taking::open(&mapping, &mapping.files[0], dir.path()).err().unwrap().to_string();
    assert!(told.contains("`codes.csv`") && told.contains("too many to look up in"), "{told}");
}

/// Where a quote swallows records that others look up, these would be refused for what stands elsewhere.
#[test]
fn a_file_to_look_up_in_is_whole_or_told_of() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("codes.csv"), "code,text\n1,one\n2,\"two\n3,three\n").unwrap();
    std::fs::write(dir.path().join("bills.csv"), "id,client,day,tags\n").unwrap();
    std::fs::write(dir.path().join("lines.csv"), "bill,what,price,qty\n").unwrap();
    let by = "number = { column = \"id\", lookup = { file = \"codes.csv\", key = \"code\", column = \"text\" } }";
    let mapping = GOOD.lines().map(|line| if line.starts_with("number") { by } else { line }).collect::<Vec<_>>().join("\n");
    let mapping = Mapping::parse(&mapping, &schema).unwrap();
    let told = Taking::open(&mapping, &mapping.files[0], dir.path()).err().unwrap().to_string();
    assert!(told.contains("`codes.csv`") && told.contains("line 3") && told.contains("must be whole"), "{told}");
    std::fs::write(dir.path().join("codes.csv"), "code,text\n1,one\n2,\"two\"\n3,three\n").unwrap();
    assert!(Taking::open(&mapping, &mapping.files[0], dir.path()).is_ok());
}
