//! Bytes that are no text, and what stands for them in a file of rejects.

use super::*;

/// The bytes are gone in a file of rejects: what stands there in their place is no value that anybody wrote.
#[test]
fn what_could_not_be_read_is_rejected_until_it_is_written_anew() {
    let lines = "bill,what,price,qty\n";
    let (_, refused) = taken(b"id,client,day,tags\n1,caf\xe9 bad,,\n", lines);
    assert_eq!(refused, [rejected(0, 2, "client:encoding")]);
    let back = |client: &str| {
        let bills = format!("_outcome,_line,_column,_reason,id,client,day,tags\nrejected,2,client,no,1,{client},,\n");
        let (rows, refused) = taken(bills.as_bytes(), lines);
        (rows.len(), refused)
    };
    assert_eq!(back("caf\u{fffd} bad"), (0, vec![rejected(0, 2, "client:encoding")]));
    assert_eq!(back("café bad"), (1, vec![]), "somebody wrote it anew");
    let (rows, _) = taken("id,client,day,tags\n1,caf\u{fffd},,\n".as_bytes(), lines);
    assert!(rows[0].contains("caf\u{fffd}"), "a file that was not rejected holds what its program wrote: {rows:?}");
    let parts = "_outcome,_line,_column,_reason,bill,what,price,qty\nrejected,3,,no,1,\u{fffd},1,1\n";
    let (rows, refused) = taken(b"id,client,day,tags\n1,C1,,\n", parts);
    assert!(rows.is_empty() && refused.contains(&rejected(1, 2, "what:encoding")), "{refused:?}");
}
