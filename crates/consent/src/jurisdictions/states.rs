//! What is different in each state, one sentence a test; and that no two of them come to the same.

use std::sync::Arc;

use clinicos_contract::Category::{Clinical, Communications, Diagnostics, OwnerContact, OwnerFinancial, Prescriptions};
use clinicos_contract::{AnyId, Category, CategorySet, Purpose, Timestamp};

use super::{GENERIC, all, find};
use crate::RecipientClass::{
    Authority, DebtCollector, Insurer, Laboratory, MessagingProvider, PaymentProvider, Pharmacy, ServiceProvider,
    TreatingVeterinarian,
};
use crate::{Decisions, Method, OF_CLIENTS, PurposeSet, Recipient, RecipientClass, Standing, Statement};

const SAID_AT: Timestamp = Timestamp::from_micros(1);
const NOW: Timestamp = Timestamp::from_micros(2);
/// How many states must differ from one another and from the rules that hold where no others are known.
const STATES_MIN: usize = 6;

/// A recipient in a state.
fn to(code: &str, class: RecipientClass, purpose: Purpose) -> Standing {
    let recipient =
        Recipient { connection: "con_1".into(), name: "Acme".into(), former_names: Vec::new(), partner: None, class, purpose };
    Standing::new(Arc::clone(find(code).unwrap()), recipient)
}

/// A word about everything, for everybody.
fn said(permits: bool, method: Method, has_evidence: bool) -> Statement {
    Statement {
        id: AnyId { prefix: "cns", bytes: [1; 16] },
        patient: None,
        permits,
        purposes: PurposeSet::all(),
        data: CategorySet::ALL,
        recipients: Vec::new(),
        from: None,
        until: None,
        decided_at: SAID_AT,
        withdrawn_at: None,
        method,
        has_evidence,
    }
}

fn shown(standing: &Standing, statements: Vec<Statement>) -> CategorySet {
    standing.shown([&Decisions::new(statements)], None, NOW).and(OF_CLIENTS)
}

/// What is seen where the client said nothing.
fn unasked(standing: &Standing) -> CategorySet {
    shown(standing, vec![])
}

/// What is seen where the client refused everything.
fn refused(standing: &Standing) -> CategorySet {
    shown(standing, vec![said(false, Method::Signed, false)])
}

/// Whether a permission that was given so opens anything to an insurer.
fn counts(code: &str, method: Method, has_evidence: bool) -> bool {
    let statement = said(true, method, has_evidence);
    !shown(&to(code, Insurer, Purpose::Insurance), vec![statement]).is_empty()
}

fn set(categories: &[Category]) -> CategorySet {
    categories.iter().fold(CategorySet::NONE, |all, category| all.with(*category))
}

#[test]
fn california_shares_what_is_medical_to_treat_and_asks_for_the_owners_address() {
    let veterinarian = unasked(&to("US-CA", TreatingVeterinarian, Purpose::Treatment));
    assert!(veterinarian.covers(set(&[Clinical, Diagnostics, Prescriptions])));
    assert!(!veterinarian.contains(OwnerContact));
    assert!(unasked(&to("US-CA", Laboratory, Purpose::Treatment)).contains(Diagnostics));
    assert!(unasked(&to("US-CA", Pharmacy, Purpose::Treatment)).is_empty());
    assert!(counts("US-CA", Method::Click, false) && counts("US-CA", Method::Verbal, true));
    assert!(!counts("US-CA", Method::Verbal, false), "nobody witnessed it");
}

#[test]
fn texas_asks_before_a_veterinarian_elsewhere_sees_anything_and_lets_debts_be_collected() {
    assert!(unasked(&to("US-TX", TreatingVeterinarian, Purpose::Referral)).is_empty());
    let collector = to("US-TX", DebtCollector, Purpose::Payment);
    assert_eq!(refused(&collector), set(&[OwnerContact, OwnerFinancial]));
    assert!(refused(&to(GENERIC, DebtCollector, Purpose::Payment)).is_empty());
    assert!(counts("US-TX", Method::Verbal, false));
}

#[test]
fn florida_wants_it_in_writing_and_lets_veterinarians_who_treat_see_the_records() {
    assert!(unasked(&to("US-FL", TreatingVeterinarian, Purpose::Treatment)).contains(Clinical));
    assert!(!counts("US-FL", Method::Verbal, true), "a spoken word is none, whoever noted it");
    assert!(!counts("US-FL", Method::Click, false) && counts("US-FL", Method::Click, true));
    assert!(counts("US-FL", Method::Signed, false) && counts("US-FL", Method::PaperScan, false));
}

#[test]
fn illinois_forbids_nothing_more_and_wants_a_permission_that_leaves_a_record() {
    for class in [TreatingVeterinarian, Laboratory, Pharmacy, PaymentProvider] {
        for purpose in Purpose::ALL {
            assert_eq!(unasked(&to("US-IL", class, *purpose)), unasked(&to(GENERIC, class, *purpose)));
        }
    }
    assert!(!counts("US-IL", Method::Verbal, false) && counts("US-IL", Method::Verbal, true));
    assert!(counts("US-IL", Method::SmsKeyword, false));
}

#[test]
fn kansas_asks_for_what_is_about_the_care_and_for_nothing_else() {
    let veterinarian = unasked(&to("US-KS", TreatingVeterinarian, Purpose::Treatment));
    assert_eq!(veterinarian, set(&[OwnerContact]));
    let carrier = to("US-KS", PaymentProvider, Purpose::Payment);
    assert_eq!(unasked(&carrier), set(&[OwnerContact, OwnerFinancial]));
    assert!(!unasked(&to("US-KS", MessagingProvider, Purpose::Reminders)).contains(Communications));
    assert!(!counts("US-KS", Method::Verbal, false) && counts("US-KS", Method::Verbal, true));
}

#[test]
fn kentucky_asks_before_others_keep_the_records_and_wants_a_signature() {
    assert!(!unasked(&to("US-KY", ServiceProvider, Purpose::Operations)).contains(Clinical));
    assert!(unasked(&to(GENERIC, ServiceProvider, Purpose::Operations)).contains(Clinical));
    assert!(unasked(&to("US-KY", TreatingVeterinarian, Purpose::Treatment)).is_empty());
    assert!(counts("US-KY", Method::Signed, false));
    assert!(!counts("US-KY", Method::SmsKeyword, true) && !counts("US-KY", Method::Verbal, true));
}

#[test]
fn new_jersey_lets_who_treats_see_what_health_needs_and_asks_before_a_referral() {
    let veterinarian = to("US-NJ", TreatingVeterinarian, Purpose::Treatment);
    assert!(unasked(&veterinarian).contains(Clinical) && !unasked(&veterinarian).contains(OwnerContact));
    assert!(refused(&veterinarian).is_empty());
    assert!(unasked(&to("US-NJ", TreatingVeterinarian, Purpose::Referral)).is_empty());
    assert!(unasked(&to(GENERIC, TreatingVeterinarian, Purpose::Referral)).contains(Clinical));
}

#[test]
fn new_york_asks_before_anybody_outside_the_clinic_learns_anything_in_whatever_form() {
    for class in RecipientClass::ALL.into_iter().filter(|class| class.is_outside() && *class != ServiceProvider) {
        for purpose in Purpose::ALL.iter().filter(|purpose| (class, **purpose) != (Authority, Purpose::Legal)) {
            assert!(unasked(&to("US-NY", class, *purpose)).is_empty(), "{class:?} {purpose:?}");
        }
    }
    assert!(counts("US-NY", Method::Verbal, false));
}

#[test]
fn ohio_releases_records_to_who_treats_the_animal_whatever_the_client_says() {
    let veterinarian = to("US-OH", TreatingVeterinarian, Purpose::Treatment);
    assert!(refused(&veterinarian).covers(set(&[OwnerContact, Clinical, Diagnostics, Prescriptions])));
    assert!(!refused(&veterinarian).contains(OwnerFinancial));
    assert!(refused(&to("US-OH", TreatingVeterinarian, Purpose::Referral)).is_empty());
    assert!(refused(&to(GENERIC, TreatingVeterinarian, Purpose::Treatment)).is_empty());
}

#[test]
fn courts_and_laws_are_obeyed_everywhere() {
    for rules in all() {
        assert_eq!(refused(&to(&rules.code, Authority, Purpose::Legal)), OF_CLIENTS, "{}", rules.code);
        assert!(unasked(&to(&rules.code, Authority, Purpose::Marketing)).is_empty(), "{}", rules.code);
    }
}

/// What a jurisdiction comes to: what is seen by every class, for every purpose, where a client said nothing, where
/// one refused, and where one permitted in every way.
fn effect(code: &str) -> Vec<CategorySet> {
    let ways = Method::ALL.into_iter().flat_map(|method| [false, true].map(|evidence| vec![said(true, method, evidence)]));
    let words: Vec<_> = [vec![], vec![said(false, Method::Signed, false)]].into_iter().chain(ways).collect();
    let recipients = RecipientClass::ALL.into_iter().flat_map(|class| Purpose::ALL.iter().map(move |purpose| (class, *purpose)));
    recipients
        .map(|(class, purpose)| to(code, class, purpose))
        .flat_map(|standing| words.iter().map(|words| shown(&standing, words.clone())).collect::<Vec<_>>())
        .collect()
}

#[test]
fn no_two_jurisdictions_come_to_the_same() {
    let effects: Vec<_> = all().iter().map(|rules| (&rules.code, effect(&rules.code))).collect();
    for (at, (code, effect)) in effects.iter().enumerate() {
        assert_eq!(effect.len(), RecipientClass::ALL.len() * Purpose::ALL.len() * (2 + 2 * Method::ALL.len()));
        for (other_code, other) in effects.iter().skip(at + 1) {
            assert!(effect != other, "{code} and {other_code} come to the same");
        }
    }
    let states = effects.iter().filter(|(code, _)| code.starts_with("US-")).count();
    assert!(states >= STATES_MIN, "{states} states");
}
