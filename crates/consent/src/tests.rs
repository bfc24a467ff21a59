//! What a client can count on, one sentence a test. That the whole is right is compared elsewhere, over random cases.

use std::sync::Arc;

use clinicos_contract::{AnyId, Category, CategorySet, Purpose, Timestamp};

use super::*;

const NOW: i64 = 1_000;

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

fn id(prefix: &'static str, number: u8) -> AnyId {
    AnyId { prefix, bytes: [number; 16] }
}

fn recipient(class: RecipientClass, purpose: Purpose) -> Recipient {
    Recipient { connection: "con_1".into(), name: "Acme".into(), former_names: Vec::new(), partner: None, class, purpose }
}

fn standing(code: &str, class: RecipientClass, purpose: Purpose) -> Standing {
    Standing::new(Arc::clone(find(code).unwrap()), recipient(class, purpose))
}

/// A signed word about everything, for everybody, said at this moment.
fn said(number: u8, permits: bool, decided_at: i64) -> Statement {
    Statement {
        id: id("cns", number),
        patient: None,
        permits,
        purposes: PurposeSet::all(),
        data: CategorySet::ALL,
        recipients: Vec::new(),
        from: None,
        until: None,
        decided_at: at(decided_at),
        withdrawn_at: None,
        method: Method::Signed,
        has_evidence: false,
    }
}

fn sees(standing: &Standing, statements: Vec<Statement>) -> bool {
    standing.shown([&Decisions::new(statements)], None, at(NOW)).contains(Category::Clinical)
}

fn insurer() -> Standing {
    standing(GENERIC, RecipientClass::Insurer, Purpose::Insurance)
}

fn veterinarian() -> Standing {
    standing(GENERIC, RecipientClass::TreatingVeterinarian, Purpose::Treatment)
}

#[test]
fn an_insurer_must_ask_and_a_veterinarian_need_not() {
    assert!(!sees(&insurer(), vec![]));
    assert!(sees(&insurer(), vec![said(1, true, 1)]));
    assert!(sees(&veterinarian(), vec![]));
    assert!(!sees(&veterinarian(), vec![said(1, false, 1)]));
}

#[test]
fn the_last_word_counts_and_of_two_at_once_the_refusal() {
    assert!(sees(&insurer(), vec![said(1, false, 1), said(2, true, 2)]));
    assert!(!sees(&insurer(), vec![said(1, true, 2), said(2, false, 3)]));
    assert!(!sees(&insurer(), vec![said(1, false, 2), said(2, true, 2)]));
}

#[test]
fn who_takes_a_permission_back_refuses_and_who_takes_a_refusal_back_said_nothing() {
    let back = |permits, when| Statement { withdrawn_at: Some(at(when)), ..said(2, permits, 5) };
    assert!(!sees(&veterinarian(), vec![back(true, 6)]));
    assert!(sees(&veterinarian(), vec![back(false, 6)]));
    assert!(!sees(&insurer(), vec![back(false, 6)]));
    // What was permitted before a refusal that was taken back does not come alive again.
    assert!(!sees(&insurer(), vec![said(1, true, 1), back(false, 6)]));
}

#[test]
fn a_word_holds_from_its_first_moment_to_before_its_last() {
    let within = |from, until| Statement { from: Some(at(from)), until: Some(at(until)), ..said(1, true, 1) };
    assert!(sees(&insurer(), vec![within(NOW, NOW + 1)]));
    assert!(!sees(&insurer(), vec![within(NOW + 1, NOW + 2)]));
    assert!(!sees(&insurer(), vec![within(1, NOW)]));
}

#[test]
fn several_owners_allow_only_what_all_of_them_allow() {
    let (yes, no, silent) =
        (Decisions::new(vec![said(1, true, 1)]), Decisions::new(vec![said(1, false, 1)]), Decisions::default());
    let shown = |owners: &[&Decisions]| insurer().shown(owners.iter().copied(), None, at(NOW)).contains(Category::Clinical);
    assert!(shown(&[&yes, &yes]));
    assert!(!shown(&[&yes, &no]));
    assert!(!shown(&[&yes, &silent]));
}

#[test]
fn a_word_about_one_patient_leaves_the_others_alone() {
    let rex = id("pat", 1);
    let about_rex = Decisions::new(vec![Statement { patient: Some(rex), ..said(1, true, 1) }]);
    let shown = |patient| insurer().shown([&about_rex], patient, at(NOW)).contains(Category::Clinical);
    assert!(shown(Some(rex)));
    assert!(!shown(Some(id("pat", 2))));
    assert!(!shown(None));
}

#[test]
fn a_word_is_for_whom_it_names() {
    let to = |to| vec![Statement { recipients: vec![to], ..said(1, true, 1) }];
    assert!(sees(&insurer(), to(To::Class(RecipientClass::Insurer))));
    assert!(sees(&insurer(), to(To::Class(RecipientClass::Anyone))));
    assert!(sees(&insurer(), to(To::App("con_1".into()))));
    assert!(sees(&insurer(), to(To::App("aCmE".into()))));
    assert!(!sees(&insurer(), to(To::App("con_2".into()))));
    assert!(!sees(&insurer(), to(To::Class(RecipientClass::Researcher))));
    assert!(!sees(&insurer(), to(To::Partner("rdv_1".into()))));
    let own = standing(GENERIC, RecipientClass::Clinic, Purpose::Marketing);
    assert!(!sees(&own, to(To::Class(RecipientClass::Anyone))), "the clinic is not outside itself");
}

#[test]
fn the_clinic_keeps_its_own_records_whatever_a_client_says() {
    let own = standing(GENERIC, RecipientClass::Clinic, Purpose::Operations);
    assert!(own.is_bound_by_nobody());
    assert!(sees(&own, vec![said(1, false, 1)]));
    assert!(!standing(GENERIC, RecipientClass::Clinic, Purpose::Reminders).is_bound_by_nobody());
}

#[test]
fn what_tells_of_no_client_needs_no_consent() {
    let shown = insurer().shown([&Decisions::new(vec![said(1, false, 1)])], None, at(NOW));
    assert!(shown.contains(Category::Inventory) && shown.contains(Category::Staff) && shown.contains(Category::RecordSystem));
    assert!(shown.and(OF_CLIENTS).is_empty());
}

#[test]
fn california_wants_a_witness_and_texas_does_not() {
    let spoken = || vec![Statement { method: Method::Verbal, ..said(1, true, 1) }];
    let shown = vec![Statement { method: Method::Verbal, has_evidence: true, ..said(1, true, 1) }];
    let in_state = |code| standing(code, RecipientClass::Insurer, Purpose::Insurance);
    assert!(!sees(&in_state("US-CA"), spoken()));
    assert!(sees(&in_state("US-CA"), shown));
    assert!(sees(&in_state("US-TX"), spoken()));
}

#[test]
fn veterinarians_share_in_california_and_ask_in_texas() {
    let in_state = |code| standing(code, RecipientClass::TreatingVeterinarian, Purpose::Treatment);
    assert!(sees(&in_state("US-CA"), vec![]));
    assert!(!sees(&in_state("US-TX"), vec![]));
}

#[test]
fn what_a_newer_word_buries_is_not_kept() {
    let many = (1..=200).map(|number| said(number, number % 2 == 0, i64::from(number))).collect();
    assert!(Decisions::new(many).len() <= 2);
    // A permission may not count, for how it was given. It buries only what was given in the same way.
    let signed = said(1, true, 1);
    let imported = Statement { method: Method::Import, ..said(2, true, 2) };
    assert_eq!(Decisions::new(vec![signed, imported]).len(), 2);
}

#[test]
fn what_is_explained_is_what_is_decided() {
    let cases = [
        (insurer(), vec![], false, Because::NothingSays),
        (insurer(), vec![said(1, true, 1)], true, Because::Said(id("cns", 1), Decided::Permitted)),
        (veterinarian(), vec![], true, Because::Default("care".into())),
        (veterinarian(), vec![said(1, false, 1)], false, Because::Said(id("cns", 1), Decided::Denied)),
        (
            standing(GENERIC, RecipientClass::Clinic, Purpose::Payment),
            vec![said(1, false, 1)],
            true,
            Because::Exception("own-records".into()),
        ),
    ];
    for (standing, statements, shown, because) in cases {
        let owner = Decisions::new(statements);
        let verdict = standing.explain(Category::Clinical, &owner, None, at(NOW));
        assert_eq!(verdict, Verdict { shown, because });
        assert_eq!(standing.shown([&owner], None, at(NOW)).contains(Category::Clinical), shown);
    }
}
