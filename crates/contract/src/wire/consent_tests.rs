//! Records of clients who allow less than others.

use std::sync::Arc;

use super::*;
use crate::category::Category;
use crate::id::{Id, Kind};
use crate::schema::Field;

pub enum OwnerKind {}
impl Kind for OwnerKind {
    const PREFIX: &'static str = "cli";
}
pub enum BillKind {}
impl Kind for BillKind {
    const PREFIX: &'static str = "bil";
}

mod bill {
    use super::*;
    const MONEY: Field = Field::of(Category::OwnerFinancial);
    crate::record! {
        /// A line.
        pub struct Line<'a> as "line" {
            /// Its id.
            id: Id<BillKind> = Field::of(Category::RecordSystem),
            /// Grows with each change.
            version: i64 = Field::of(Category::RecordSystem),
            /// What for.
            text: std::borrow::Cow<'a, str> = MONEY,
            /// How much.
            total: i64 = MONEY.figure(),
        }
    }
    crate::record! {
        /// A bill.
        pub struct Bill<'a> as "bill" {
            /// Its id.
            id: Id<BillKind> = Field::of(Category::RecordSystem),
            /// Who pays.
            client_id: Id<OwnerKind> = Field::of(Category::RecordSystem).tells_of(Category::OwnerFinancial),
            /// Remarks.
            notes: std::borrow::Cow<'a, str> = MONEY,
            /// How much.
            total: i64 = MONEY.figure(),
            /// What is charged.
            lines: Nested<Line<'a>> = MONEY.figure(),
            /// Grows with each change.
            version: i64 = Field::of(Category::RecordSystem),
        }
    }
}
use bill::{Bill, Line};

/// Client 1 refuses everything.
#[derive(Debug)]
struct Refusing;

impl Lens for Refusing {
    fn consented(&self, subjects: &[AnyId]) -> CategorySet {
        let refuses = subjects.iter().any(|subject| subject.bytes == [1; 16]);
        if refuses { CategorySet::ALL.without(CategorySet::NONE.with(Category::OwnerFinancial)) } else { CategorySet::ALL }
    }
}

fn bill(client: u8) -> Bill<'static> {
    let line = Line { id: Id::from_bytes([9; 16]), version: 1, text: "Surgery".into(), total: 70 };
    Bill {
        id: Id::from_bytes([8; 16]),
        client_id: Id::from_bytes([client; 16]),
        notes: "Shy".into(),
        total: 70,
        lines: Nested(vec![line]),
        version: 4,
    }
}

fn look(client: u8) -> (serde_json::Value, u32, Written) {
    let lens: Arc<dyn Lens> = Arc::new(Refusing);
    let mut out = Writer::default();
    out.record(&bill(client), &View::new(Bill::SCHEMA, CategorySet::ALL, None).through(Some(&lens)));
    let (narrowing, written) = (out.narrowing(), out.finish());
    (serde_json::from_slice(&written.bytes).unwrap(), narrowing, written)
}

#[test]
fn who_refuses_is_not_told_of_and_the_figures_stay() {
    let (json, narrowing, written) = look(1);
    let expected = serde_json::json!({
        "id": bill(1).id.to_string(),
        "total": 70,
        "lines": [{
            "id": bill(1).lines.0[0].id.to_string(),
            "version": 1,
            "total": 70,
            "_redactions": [{"path": "/text", "category": "owner_financial", "reason": "client_consent"}],
        }],
        "version": 4,
        "_redactions": [
            {"path": "/client_id", "category": "owner_financial", "reason": "client_consent"},
            {"path": "/notes", "category": "owner_financial", "reason": "client_consent"},
        ],
    });
    assert_eq!(json, expected);
    assert_ne!(narrowing, 0);
    assert!(written.hidden.contains(Category::OwnerFinancial));
}

#[test]
fn who_refuses_nothing_is_shown_as_ever() {
    let plain = {
        let mut out = Writer::default();
        out.record(&bill(2), &View::new(Bill::SCHEMA, CategorySet::ALL, None));
        serde_json::from_slice::<serde_json::Value>(&out.finish().bytes).unwrap()
    };
    let (json, narrowing, written) = look(2);
    assert_eq!((json, narrowing), (plain, 0));
    assert_eq!(written.hidden, CategorySet::NONE);
}

#[test]
fn records_of_one_answer_are_looked_at_one_by_one() {
    let lens: Arc<dyn Lens> = Arc::new(Refusing);
    let view = View::new(Bill::SCHEMA, CategorySet::ALL, None).through(Some(&lens));
    let mut out = Writer::default();
    out.raw("[");
    for (at, client) in [1, 2, 1].into_iter().enumerate() {
        if at > 0 {
            out.raw(",");
        }
        out.record(&bill(client), &view);
    }
    out.raw("]");
    let json: serde_json::Value = serde_json::from_slice(&out.finish().bytes).unwrap();
    let tells = |at: usize| json[at].get("client_id").is_some();
    assert_eq!([tells(0), tells(1), tells(2)], [false, true, false]);
}
