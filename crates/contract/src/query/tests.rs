//! What query strings are refused for, and what with.

use super::*;
use crate::category::Category;
use crate::category::CategorySet;

static UNSORTED: Schema =
    Schema { name: "cup", doc: "A cup.", fields: &[Field::of(Category::Practice).named("name", "", Shape::Text, false)] };

fn refused(text: &str) -> FieldError {
    let spec = Spec { reply: Reply::list(&UNSORTED), ..Spec::DEFAULT };
    parse(&spec, text, Sight::whole(CategorySet::ALL)).unwrap_err().errors.remove(0)
}

#[test]
fn a_list_without_sorts_says_so() {
    assert_eq!(refused("sort=name").detail, "this list has one order and cannot be sorted");
}

#[test]
fn an_unknown_parameter_is_answered_with_the_nearest() {
    assert_eq!(refused("limt=1").detail, "there is no such parameter here; did you mean `limit`?");
    assert_eq!(refused("limt[gte]=1").detail, "there is no such parameter here; did you mean `limit`?");
    assert_eq!(refused("include=x").detail, "there is no such parameter here");
    assert_eq!(refused("fields=nmae").detail, "`nmae` is not a field of cup; did you mean `name`?");
}

#[test]
fn a_parameter_that_cannot_be_read_is_named() {
    for (text, name) in [("%", "%"), ("limit=1&sort=%ff", "sort"), ("na%6De=%f", "name"), ("a%ff=1", "a%ff")] {
        let told = refused(text);
        assert_eq!((told.pointer.as_str(), told.code), (name, "encoding"), "{text}");
    }
}

#[test]
fn a_clinic_is_found_however_it_is_spelled() {
    for text in ["clinic_id=x", "a=b&clinic%5Fid=x", "%63linic_id=%78"] {
        assert_eq!(clinic_id(text).unwrap().as_deref(), Some("x"), "{text}");
    }
    assert_eq!(clinic_id("clinic_ids=x&xclinic_id=y").unwrap(), None);
}
