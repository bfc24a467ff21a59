//! Every record by the rules of its own kind, and every name of another record.

use std::collections::{BTreeMap, BTreeSet};

use clinicos_clinic::ids;
use clinicos_clinic::plain::{Moment, Plain, references};

use crate::made::{Made, Members, SEEDS, made, text, time, until};

/// A record that does not change is a record whose rules hold: what follows from other fields is as the rules say.
fn settles<R: Plain>(made: &Made) {
    let (facts, kind) = (made.facts(), R::STATEMENTS.list.table);
    let moment = Moment { clinic: &facts, today: until(), now: made.record.ended.as_of };
    for members in made.all(kind) {
        let mut taken = members.clone();
        taken.insert("clinic_id".to_owned(), facts.id.to_string().into());
        let before: R = R::from_members(&mut taken).unwrap_or_else(|misfit| panic!("{kind}: {misfit:?}"));
        let mut after = before.clone();
        if let Err(problem) = after.settle(Some(&before), &moment) {
            panic!("{kind}: {:?} of {members:?}", problem.errors);
        }
        let changed: Vec<_> = after.differences(&before).names().collect();
        assert!(changed.is_empty(), "{kind}: {changed:?} of {members:?}");
        // What is new follows the same rules, but for what only a step can lead to.
        let steps = ["entered_in_error", "sent", "converted", "accepted", "partially_accepted", "declined"];
        if !steps.contains(&text(members, "status")) {
            let mut new = before.clone();
            if let Err(problem) = new.settle(None, &moment) {
                panic!("a new one of {kind}: {:?} of {members:?}", problem.errors);
            }
        }
    }
}

#[test]
fn every_record_keeps_the_rules_of_its_kind() {
    for seed in SEEDS {
        let made = made(seed);
        settles::<clinicos_clinic::appointment_types::model::AppointmentType<'static>>(made);
        settles::<clinicos_clinic::staff::model::Staff<'static>>(made);
        settles::<clinicos_clinic::appointments::model::Appointment<'static>>(made);
        settles::<clinicos_clinic::visits::model::Visit<'static>>(made);
        settles::<clinicos_clinic::referral_partners::model::ReferralPartner<'static>>(made);
        settles::<clinicos_clinic::clinic_documents::model::Document<'static>>(made);
        settles::<clinicos_clinic::consents::model::Consent<'static>>(made);
        settles::<clinicos_clinic::vitals::model::Vitals<'static>>(made);
        settles::<clinicos_clinic::diagnoses::model::Diagnosis<'static>>(made);
        settles::<clinicos_clinic::treatments::model::Treatment<'static>>(made);
        settles::<clinicos_clinic::prescriptions::model::Prescription<'static>>(made);
        settles::<clinicos_clinic::vaccinations::model::Vaccination<'static>>(made);
        settles::<clinicos_clinic::lab_orders::model::LabOrder<'static>>(made);
        settles::<clinicos_clinic::lab_results::model::LabResult<'static>>(made);
        settles::<clinicos_clinic::imaging_studies::model::ImagingStudy<'static>>(made);
        settles::<clinicos_clinic::shifts::model::Shift<'static>>(made);
        settles::<clinicos_clinic::availability::model::Availability<'static>>(made);
        settles::<clinicos_clinic::time_off::model::TimeOff<'static>>(made);
        settles::<clinicos_clinic::estimates::model::Estimate<'static>>(made);
        settles::<clinicos_clinic::stock_movements::model::StockMovement<'static>>(made);
        settles::<clinicos_clinic::payouts::model::Payout<'static>>(made);
        settles::<clinicos_clinic::journal_entries::model::JournalEntry<'static>>(made);
        settles::<clinicos_clinic::messages::model::Message<'static>>(made);
        settles::<clinicos_clinic::reminders::model::Reminder<'static>>(made);
        settles::<clinicos_clinic::referrals::model::Referral<'static>>(made);
    }
}

#[test]
fn what_a_record_names_is_there_and_ids_are_in_order() {
    for seed in SEEDS {
        let made = made(seed);
        let ids: BTreeMap<&str, BTreeSet<&str>> =
            made.kinds.iter().map(|(kind, all)| (*kind, all.iter().map(|one| text(one, "id")).collect())).collect();
        for kind in &made.record.kinds {
            let all = made.all(kind.resource);
            assert!(all.is_sorted_by(|one, next| text(one, "id") < text(next, "id")), "{} of seed {seed}", kind.resource);
            for members in all {
                for (pointer, prefix, id) in references::named(kind.schema, members) {
                    let Some(home) = ids::home(prefix) else { continue };
                    let found = ids.get(home.table).is_some_and(|ids| ids.contains(id.as_str()));
                    assert!(found, "seed {seed}: {}{pointer} names {id}, which is not in {}", kind.resource, home.table);
                }
            }
        }
    }
}

#[test]
fn nothing_is_of_the_future_and_nothing_changed_before_it_was_made() {
    for seed in SEEDS {
        let made = made(seed);
        for (kind, members) in made.kinds.iter().flat_map(|(kind, all)| all.iter().map(move |one| (kind, one))) {
            let created = time(members, "created_at").unwrap();
            let updated = time(members, "updated_at").unwrap_or(created);
            assert!(created <= updated && updated <= made.record.ended.as_of, "seed {seed}, {kind}: {members:?}");
        }
    }
}

/// Every word behind an `@`, and the digits behind every area code.
#[test]
fn phones_and_mailboxes_are_of_the_ranges_that_are_set_aside() {
    for seed in SEEDS {
        let made = made(seed);
        let mut seen = (0, 0);
        let all = made.record.kinds.iter().filter(|kind| kind.resource != "document_contents");
        for line in all.flat_map(|kind| kind.lines()).map(|line| std::str::from_utf8(line).unwrap()) {
            for domain in line.split('@').skip(1) {
                let domain: String = domain.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '.' || *c == '-').collect();
                assert!(["example.com", "example.net", "example.org"].contains(&domain.as_str()), "{domain} in {line}");
                seen.0 += 1;
            }
            let area = |(at, _): &(usize, &str)| {
                line.as_bytes()[at + 1..].iter().take(3).all(u8::is_ascii_digit) && line.as_bytes().get(at + 4) == Some(&b')')
            };
            for (at, _) in line.match_indices('(').filter(area) {
                assert!(line[at + 5..].starts_with(" 555-01"), "{line}");
                seen.1 += 1;
            }
        }
        assert!(seen.0 > 100 && seen.1 > 100, "{seen:?}");
    }
}

/// The words of a field that a kind has.
fn words(made: &Made, kind: &str, field: &str) -> BTreeSet<String> {
    made.all(kind).iter().map(|one| text(one, field).to_owned()).collect()
}

#[test]
fn consents_and_referral_cases_stand_in_every_state() {
    for seed in SEEDS {
        let made = made(seed);
        let every = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(
            words(made, "consents", "status"),
            every(clinicos_clinic::consents::status::ConsentStatus::NAMES),
            "seed {seed}"
        );
        assert_eq!(
            words(made, "referrals", "status"),
            every(clinicos_clinic::referrals::status::ReferralStatus::NAMES),
            "seed {seed}"
        );
    }
}

/// Members, for what is said of many kinds alike.
pub fn of_visits(made: &Made) -> impl Iterator<Item = (&'static str, &Members)> {
    let kinds =
        ["vitals", "diagnoses", "treatments", "prescriptions", "vaccinations", "lab_orders", "lab_results", "imaging_studies"];
    kinds.into_iter().flat_map(|kind| made.all(kind).iter().map(move |one| (kind, one)))
}

/// What each drug may be given of at a time for each kilogram, in milligrams (in units, of insulin).
const PER_KG: &[(&str, f64, f64)] = &[
    ("Carprofen", 1.7, 2.8),
    ("Amoxicillin", 11.0, 22.0),
    ("Metronidazole", 9.0, 16.5),
    ("Gabapentin", 4.5, 22.0),
    ("Cephalexin", 18.0, 33.0),
    ("Oclacitinib", 0.35, 0.65),
    ("Methimazole", 0.2, 0.8),
    ("Enalapril", 0.2, 0.55),
    ("Phenobarbital", 1.8, 3.9),
    ("Meloxicam", 0.18, 0.55),
    ("Insulin", 0.2, 0.6),
];

#[test]
fn doses_fit_the_animal() {
    let (mut seen, mut made_up) = (0, 0);
    for seed in SEEDS {
        let made = made(seed);
        let weights: BTreeMap<&str, f64> = made
            .all("vitals")
            .iter()
            .filter_map(|one| Some((one.get("visit_id")?.as_str()?, one.get("weight_kg")?.as_str()?.parse().ok()?)))
            .collect();
        for one in made.all("prescriptions") {
            let drug = text(one, "drug");
            let Some((_, low, high)) = PER_KG.iter().find(|(name, ..)| drug.starts_with(name)) else { continue };
            let Some(weight) = weights.get(text(one, "visit_id")) else { continue };
            let dose = &one["dose"];
            let (given, unit): (f64, _) = (dose["qty"].as_str().unwrap().parse().unwrap(), dose["unit"].as_str().unwrap());
            let strength: f64 = text(one, "strength").split(' ').next().unwrap().parse().unwrap();
            let milligrams = if unit == "[iU]" { given } else { given * strength };
            let per_kg = milligrams / weight;
            // A unit of insulin, or a hundredth of a milliliter, is the least that can be given.
            let least = if unit == "{tablet}" || unit == "{capsule}" {
                0.0
            } else if unit == "[iU]" {
                1.0
            } else {
                strength / 100.0
            };
            assert!(per_kg <= high.max(least / weight) && per_kg >= low - least / weight, "seed {seed}: {weight} kg, {one:?}");
            seen += 1;
            made_up += usize::from(text(one, "fulfillment") == "compounded");
        }
    }
    assert!(seen > 100 && made_up > 10, "{seen} {made_up}");
}
