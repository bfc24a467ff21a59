use std::borrow::Cow;

use super::*;
use crate::category::Category;
use crate::id::{Id, Kind};
use crate::money::{Currency, Money};
use crate::schema::Field;

pub enum CupKind {}
impl Kind for CupKind {
    const PREFIX: &'static str = "cup";
}

mod cup {
    use super::*;
    crate::record! {
        /// A cup.
        pub struct Cup<'a> as "cup" {
            /// Its id.
            id: Id<CupKind> = Field::of(Category::RecordSystem),
            /// Grows with each change.
            version: i64 = Field::of(Category::RecordSystem),
            /// Whose it is.
            owner: Cow<'a, str> = Field::of(Category::OwnerContact),
            /// What it cost.
            price: Option<Money> = Field::of(Category::OwnerFinancial),
        }
    }
}
use cup::Cup;

fn cup() -> Cup<'static> {
    Cup {
        id: Id::from_bytes([0; 16]),
        version: 3,
        owner: Cow::Borrowed("Zo\u{eb} \"Z\"\n"),
        price: Some(Money::new(-5, Currency::USD)),
    }
}

fn text(view: &View) -> (String, Written) {
    let mut writer = Writer::default();
    writer.record(&cup(), view);
    let written = writer.finish();
    (String::from_utf8(written.bytes.clone()).unwrap(), written)
}

#[test]
fn a_full_view_shows_all() {
    let (json, written) = text(&View::new(Cup::SCHEMA, CategorySet::ALL, None));
    assert_eq!(
        json,
        r#"{"id":"cup_00000000000000000000000000","version":3,"owner":"Zoë \"Z\"\n","price":{"amount":-5,"currency":"USD"}}"#
    );
    assert_eq!(written.ids, vec![AnyId { prefix: "cup", bytes: [0; 16] }]);
    assert_eq!(written.hidden, CategorySet::NONE);
}

#[test]
fn what_is_hidden_is_left_out_and_marked() {
    let allowed = CategorySet::NONE.with(Category::RecordSystem).with(Category::OwnerFinancial);
    let (json, written) = text(&View::new(Cup::SCHEMA, allowed, None));
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(value.get("owner").is_none());
    assert_eq!(value["_redactions"][0]["path"], "/owner");
    assert_eq!(value["_redactions"][0]["category"], "owner_contact");
    assert!(written.hidden.contains(Category::OwnerContact));
    assert!(!written.disclosed.contains(Category::OwnerContact));
}

#[test]
fn picked_fields_only_and_another_fingerprint() {
    let all = View::new(Cup::SCHEMA, CategorySet::ALL, None);
    let picked = View::new(Cup::SCHEMA, CategorySet::ALL, Some(&["version"]));
    assert_eq!(text(&picked).0, r#"{"id":"cup_00000000000000000000000000","version":3}"#);
    assert_ne!(all.fingerprint(), picked.fingerprint());
}
