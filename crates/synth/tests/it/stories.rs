//! What happened fits together: lives, visits, shifts, calendars.

use std::collections::BTreeMap;

use crate::made::{Members, SEEDS, day, made, text, time};
use crate::rules::of_visits;

#[test]
fn nothing_is_done_before_birth_or_after_death() {
    for seed in SEEDS {
        let made = made(seed);
        let patients: BTreeMap<&str, &Members> = made.all("patients").iter().map(|one| (text(one, "id"), one)).collect();
        let done = [
            ("visits", "checked_in_at"),
            ("vitals", "taken_at"),
            ("treatments", "performed_at"),
            ("vaccinations", "given_at"),
            ("imaging_studies", "performed_at"),
            ("lab_orders", "collected_at"),
            ("prescriptions", "created_at"),
            ("diagnoses", "created_at"),
        ];
        for (kind, field) in done {
            for one in made.all(kind) {
                let Some(at) = time(one, field) else { continue };
                let patient = patients[text(one, "patient_id")];
                assert!(day(patient, "birth_date").unwrap() <= made.day(at), "seed {seed}, before birth, {kind}: {one:?}");
                let died = time(patient, "deceased_at");
                assert!(died.is_none_or(|died| at <= died), "seed {seed}, after death, {kind}: {one:?} {died:?}");
            }
        }
        for resolved in made.all("diagnoses").iter().filter(|one| day(one, "resolved_on").is_some()) {
            let died = time(patients[text(resolved, "patient_id")], "deceased_at").map(|died| made.day(died));
            assert!(died.is_none_or(|died| day(resolved, "resolved_on").unwrap() <= died), "seed {seed}: {resolved:?}");
        }
    }
}

#[test]
fn what_was_done_on_a_visit_was_done_to_its_patient_while_it_was_there() {
    for seed in SEEDS {
        let made = made(seed);
        let visits: BTreeMap<&str, &Members> = made.all("visits").iter().map(|one| (text(one, "id"), one)).collect();
        for (kind, one) in of_visits(made) {
            let Some(visit) = visits.get(text(one, "visit_id")) else { continue };
            assert_eq!(text(one, "patient_id"), text(visit, "patient_id"), "seed {seed}, {kind}");
            let (came, left) = (time(visit, "checked_in_at").unwrap(), time(visit, "checked_out_at").unwrap());
            let at = time(one, "created_at").unwrap();
            assert!(came <= at && (at <= left || kind == "lab_results"), "seed {seed}, {kind}: {one:?}");
        }
        let appointments: BTreeMap<&str, &Members> = made.all("appointments").iter().map(|one| (text(one, "id"), one)).collect();
        for visit in visits.values() {
            let appointment = appointments[text(visit, "appointment_id")];
            assert_eq!(text(appointment, "status"), "completed");
            assert_eq!(text(appointment, "client_id"), text(visit, "client_id"));
            assert_eq!(text(appointment, "provider_id"), text(visit, "attending_id"));
            let named = appointment["patient_ids"].as_array().unwrap().iter().any(|id| *id == *text(visit, "patient_id"));
            assert!(named, "seed {seed}: {visit:?}");
            assert!(time(appointment, "created_at") <= time(visit, "checked_in_at"), "seed {seed}: {visit:?}");
        }
        assert!(made.all("lab_results").iter().all(|one| visits.contains_key(text(one, "visit_id"))));
    }
}

#[test]
fn who_sees_a_patient_is_at_work() {
    for seed in SEEDS {
        let made = made(seed);
        let mut shifts: BTreeMap<&str, Vec<&Members>> = BTreeMap::new();
        for shift in made.all("shifts").iter().filter(|shift| text(shift, "status") == "completed") {
            shifts.entry(text(shift, "staff_id")).or_default().push(shift);
        }
        for visit in made.all("visits") {
            let covers = |shift: &&&Members| {
                time(shift, "starts_at") <= time(visit, "checked_in_at")
                    && time(visit, "checked_out_at") <= time(shift, "ends_at")
            };
            let shift = shifts.get(text(visit, "attending_id")).and_then(|shifts| shifts.iter().find(covers));
            assert!(shift.is_some(), "seed {seed}: {visit:?}");
        }
        for (staff, shifts) in &shifts {
            let away =
                made.all("time_off").iter().filter(|one| text(one, "staff_id") == *staff && text(one, "status") == "taken");
            for off in away {
                let meets = |shift: &&&Members| {
                    time(shift, "starts_at") < time(off, "ends_at") && time(off, "starts_at") < time(shift, "ends_at")
                };
                assert!(!shifts.iter().any(|shift| meets(&shift)), "seed {seed}: {staff} works while away: {off:?}");
            }
        }
    }
}

/// Whether an appointment takes up its provider and its room.
fn takes_place(appointment: &Members) -> bool {
    !["cancelled", "no_show", "rescheduled", "requested"].contains(&text(appointment, "status"))
}

#[test]
fn nobody_and_no_room_is_booked_twice_unless_it_says_so() {
    for seed in SEEDS {
        let made = made(seed);
        for field in ["provider_id", "room"] {
            let mut busy: BTreeMap<&str, Vec<(_, _, &Members)>> = BTreeMap::new();
            for one in made.all("appointments").iter().filter(|one| takes_place(one) && one["allow_overlap"] == false) {
                if !text(one, field).is_empty() {
                    busy.entry(text(one, field)).or_default().push((time(one, "starts_at"), time(one, "ends_at"), one));
                }
            }
            assert!(busy.len() > 1, "seed {seed}: {field}");
            for times in busy.values_mut() {
                times.sort_unstable_by_key(|one| (one.0, one.1));
                let overlap = times.windows(2).find(|pair| pair[1].0 < pair[0].1);
                assert!(overlap.is_none(), "seed {seed}, {field}: {overlap:?}");
            }
        }
        let squeezed = made.all("appointments").iter().filter(|one| one["allow_overlap"] == true).count();
        assert!(squeezed * 100 < made.all("appointments").len(), "seed {seed}: {squeezed} are squeezed in");
    }
}

#[test]
fn who_is_booked_is_on_the_roster_in_days_to_come_too() {
    for seed in SEEDS {
        let made = made(seed);
        let mut ahead = 0;
        for booked in made.all("appointments").iter().filter(|one| takes_place(one)) {
            let covers = |shift: &&Members| {
                text(shift, "staff_id") == text(booked, "provider_id")
                    && text(shift, "status") != "missed"
                    && time(shift, "starts_at") <= time(booked, "starts_at")
                    && time(booked, "ends_at") <= time(shift, "ends_at")
            };
            if time(booked, "starts_at") > Some(made.record.ended.as_of) {
                ahead += 1;
                assert!(made.all("shifts").iter().any(|shift| covers(&shift)), "seed {seed}: {booked:?}");
            }
        }
        assert!(ahead > 5, "seed {seed}: {ahead} are booked ahead");
    }
}

#[test]
fn what_is_said_and_done_fits_the_animal() {
    for seed in SEEDS {
        let made = made(seed);
        let patients: BTreeMap<&str, &Members> = made.all("patients").iter().map(|one| (text(one, "id"), one)).collect();
        let names: Vec<&str> = made.all("appointment_types").iter().map(|one| text(one, "name")).collect();
        for one in made.all("appointments") {
            let reason = text(one, "reason");
            assert!(!reason.is_empty() && !names.contains(&reason), "seed {seed}: {reason}");
        }
        let cats_and_dogs = ["canine", "feline"];
        for one in made.all("treatments").iter().filter(|one| text(one, "kind") == "dental") {
            assert!(cats_and_dogs.contains(&text(patients[text(one, "patient_id")], "species")), "seed {seed}: {one:?}");
        }
        for patient in patients.values() {
            let (species, color) = (text(patient, "species"), text(patient, "color"));
            let of_three = ["calico", "tortoiseshell"].contains(&color);
            assert!(!of_three || (species == "feline" && text(patient, "sex") == "female"), "seed {seed}: {patient:?}");
            assert!(species != "avian" || !color.contains("tabby"), "seed {seed}: {patient:?}");
        }
        // Who was operated is looked at for that.
        let operated: Vec<&str> = made
            .all("treatments")
            .iter()
            .filter(|one| text(one, "kind") == "surgery")
            .map(|one| text(one, "patient_id"))
            .collect();
        let mut healed = 0;
        for visit in made.all("visits").iter().filter(|one| text(one, "chief_complaint").starts_with("Recheck after the")) {
            assert!(operated.contains(&text(visit, "patient_id")), "seed {seed}: {visit:?}");
            healed += 1;
        }
        assert!(healed > 0 || operated.len() < 4, "seed {seed}: {} were operated", operated.len());
        for off in made.all("time_off").iter().filter(|one| text(one, "kind") == "training") {
            let reason = text(off, "reason");
            assert!(!reason.contains("wedding") && !reason.contains("house"), "seed {seed}: {off:?}");
        }
    }
}

#[test]
fn rechecks_that_took_place_are_not_asked_for_any_more() {
    for seed in SEEDS {
        let made = made(seed);
        let rechecks: Vec<&Members> = made.all("reminders").iter().filter(|one| text(one, "kind") == "recheck").collect();
        let of = |status: &str| rechecks.iter().filter(|one| text(one, "status") == status).count();
        assert!(of("completed") * 2 > rechecks.len(), "seed {seed}: {} of {}", of("completed"), rechecks.len());
        assert!(of("overdue") * 10 <= rechecks.len(), "seed {seed}: {} of {} are overdue", of("overdue"), rechecks.len());
    }
}
