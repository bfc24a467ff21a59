//! What is found and done on a visit, by why the animal came.

mod chart;
mod drugs;
mod images;
mod lab;
mod shots;

use std::borrow::Cow;

use clinicos_clinic::patients::model::parts::{DeathCause, ReproductiveStatus, Sex, Species};
use clinicos_clinic::reminders::parts::ReminderKind;
use clinicos_clinic::treatments::parts::{DeclinedReason, TreatmentKind};
use clinicos_clinic::visits::parts::{Disposition, Soap, Triage, VisitClass};

use crate::bill::{charge, some};
use crate::calendar::{Day, date};
use crate::tables::complaints::{COMPLAINTS, Complaint};
use crate::visit::Stay;
use crate::world::{End, Want, Why, World};

/// What an operation is called, by its entry of the price list.
fn operation(item: &str) -> &'static str {
    match item {
        "SX-SPAY" => "Spay",
        "SX-NEUT" => "Neuter",
        _ => "Mass removal",
    }
}

impl World {
    /// Everything that happens between check-in and the bill.
    pub fn care(&mut self, stay: &mut Stay) {
        match stay.why {
            Why::Farewell => self.farewell(stay),
            Why::Wellness => self.check_up(stay),
            Why::Booster => self.booster(stay),
            Why::Nails => self.nails(stay),
            Why::Video => self.video(stay),
            Why::Sick => self.sick(stay),
            Why::Again(complaint) => self.look_again(stay, complaint),
            Why::Healing(item) => self.look_after(stay, item),
            Why::Surgery(item) => self.operate(stay, item),
            Why::Dental => self.clean_teeth(stay),
        }
    }

    fn notes(&self, stay: &mut Stay, told: &str, found: &str, means: &str, plan: &str) {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        stay.soap = Soap { subjective: text(told), objective: text(found), assessment: text(means), plan: text(plan) };
    }

    fn is_dog(&self, stay: &Stay) -> bool {
        self.pets[stay.pet].record.species == Species::Canine
    }

    fn is_dog_or_cat(&self, stay: &Stay) -> bool {
        matches!(self.pets[stay.pet].record.species, Species::Canine | Species::Feline)
    }

    fn age_years(&self, stay: &Stay) -> i64 {
        i64::from((stay.day - self.pets[stay.pet].born) / 365)
    }

    fn check_up(&mut self, stay: &mut Stay) {
        stay.complaint = Cow::Borrowed("Yearly check and vaccines.");
        let exam = if self.is_dog_or_cat(stay) { "EXAM-W" } else { "EXAM-X" };
        stay.charges.push(charge(exam, stay.pet));
        self.treat(stay, exam, TreatmentKind::Exam, 240);
        self.vitals(stay, false);
        self.give_vaccines(stay);
        self.yearly_tests(stay);
        self.sell_prevention(stay);
        self.notes(stay, "Doing well at home.", "No abnormal findings.", "Healthy.", "Vaccines as given. Next check in a year.");
        if self.is_dog_or_cat(stay) && self.dice.chance(160) {
            self.diagnose(stay, &COMPLAINTS[17], true);
            stay.soap.plan = Some("Dental cleaning recommended.".to_owned());
            if self.dice.chance(380) {
                self.plan_procedure(stay, Why::Dental, "DENT");
            }
        }
        self.plan_neuter(stay);
        self.pets[stay.pet].wellness = stay.day + 365;
        self.remind_of_wellness(stay);
        self.plan_wellness(stay.pet, stay.day);
    }

    fn yearly_tests(&mut self, stay: &mut Stay) {
        let (is_dog, years) = (self.is_dog(stay), self.age_years(stay));
        if !self.is_dog_or_cat(stay) {
            return;
        }
        if is_dog {
            self.offer_test(stay, "LAB-HW", 780);
        }
        self.offer_test(stay, "LAB-FEC", 520);
        if years >= 8 {
            self.offer_test(stay, "LAB-SEN", 560);
        } else if !is_dog && years < 1 {
            self.offer_test(stay, "LAB-FIV", 600);
        }
    }

    /// A test that most clients want; who does not is written down, too.
    fn offer_test(&mut self, stay: &mut Stay, item: &'static str, per_mille: u64) {
        if self.dice.chance(per_mille) {
            self.test(stay, item, None);
        } else if self.dice.chance(400) {
            let mut declined = charge(item, stay.pet);
            declined.declined = true;
            stay.charges.push(declined);
            let reason =
                self.dice.one(&[DeclinedReason::Cost, DeclinedReason::Cost, DeclinedReason::Timing, DeclinedReason::NotNeeded]);
            self.decline(stay, item, reason);
        }
    }

    fn sell_prevention(&mut self, stay: &mut Stay) {
        match self.pets[stay.pet].record.species {
            Species::Canine => {
                if self.dice.chance(520) {
                    let months = self.dice.one(&[1, 3, 6, 6, 12]);
                    stay.charges.push(some("PP-CHEW", stay.pet, months));
                }
                if self.dice.chance(430) {
                    stay.charges.push(some("PP-HW6", stay.pet, 1));
                }
            }
            Species::Feline if self.dice.chance(340) => stay.charges.push(some("PP-CAT", stay.pet, 3)),
            _ => {}
        }
    }

    fn booster(&mut self, stay: &mut Stay) {
        stay.complaint = Cow::Borrowed("Next dose of the series.");
        self.vitals(stay, false);
        if self.give_vaccines(stay) == 0 {
            stay.charges.push(charge("EXAM-R", stay.pet));
        }
        self.notes(stay, "No reaction after the last dose.", "Bright, growing well.", "Healthy.", "Come back for the next dose.");
        self.plan_neuter(stay);
        self.plan_wellness(stay.pet, stay.day);
    }

    fn nails(&mut self, stay: &mut Stay) {
        stay.complaint = Cow::Borrowed("Nail trim.");
        stay.charges.push(charge("NAIL", stay.pet));
        if self.is_dog(stay) && self.dice.chance(300) {
            stay.charges.push(charge("GLAND", stay.pet));
        }
        self.treat(stay, "NAIL", TreatmentKind::Grooming, 200);
        self.notes(stay, "", "Nails long.", "", "Nails trimmed.");
    }

    fn video(&mut self, stay: &mut Stay) {
        stay.class = VisitClass::Telehealth;
        stay.complaint = Cow::Borrowed("Question about food and behavior.");
        stay.charges.push(charge("TELE", stay.pet));
        self.notes(
            stay,
            "Eats well; chews furniture when alone.",
            "Seen by video: bright.",
            "Boredom.",
            "More exercise; puzzle feeder.",
        );
    }

    /// What is wrong with an animal of its kind and age in that season, as a place in the table.
    pub fn complaint(&mut self, pet: usize, day: Day) -> usize {
        let place = match self.pets[pet].record.species {
            Species::Canine => 0,
            Species::Feline => 1,
            _ => 2,
        };
        let (years, month) = (i64::from((day - self.pets[pet].born) / 365), date(day).month());
        let summer = (4..=9).contains(&month);
        let weight = |one: &Complaint| match one.from_years <= years {
            true => one.weights[place] * if summer { one.summer } else { 1_000 },
            false => 0,
        };
        self.dice.weighted(COMPLAINTS.iter().map(weight))
    }

    fn sick(&mut self, stay: &mut Stay) {
        let known = self.pets[stay.pet].chronic.first().copied().filter(|_| self.dice.chance(350));
        let place = known.unwrap_or_else(|| self.complaint(stay.pet, stay.day));
        let complaint = &COMPLAINTS[place];
        let is_urgent = complaint.done.contains(&"HOSP") || self.dice.chance(70);
        stay.complaint = Cow::Borrowed(complaint.says);
        if is_urgent {
            stay.class = VisitClass::Emergency;
            stay.triage = Some(self.dice.one(&[Triage::Orange, Triage::Yellow, Triage::Yellow, Triage::Green]));
            stay.charges.push(charge("EMERG", stay.pet));
        }
        let exam = if self.is_dog_or_cat(stay) { "EXAM-S" } else { "EXAM-X" };
        stay.charges.push(charge(exam, stay.pet));
        self.treat(stay, exam, TreatmentKind::Exam, 300);
        self.vitals(stay, true);
        self.notes(stay, complaint.says, complaint.found, complaint.name, "Treated as below; call if not better in three days.");
        if known.is_none() {
            self.diagnose(stay, complaint, false);
        }
        for test in complaint.tests {
            self.offer_sick_test(stay, test, complaint);
        }
        if let Some(image) = complaint.image.filter(|_| self.dice.chance(550)) {
            self.take_images(stay, image, complaint.name);
        }
        for item in complaint.done {
            self.do_at_once(stay, item);
        }
        for home in complaint.home {
            self.prescribe(stay, home);
        }
        self.go_on(stay, place);
    }

    fn offer_sick_test(&mut self, stay: &mut Stay, test: &'static str, complaint: &Complaint) {
        if self.dice.chance(820) {
            self.test(stay, test, Some(complaint.name));
        } else {
            self.decline(stay, test, DeclinedReason::Cost);
        }
    }

    /// What follows a complaint: it is looked at again, goes to somebody else, or stays.
    fn go_on(&mut self, stay: &mut Stay, place: usize) {
        let complaint = &COMPLAINTS[place];
        if complaint.chronic && !self.pets[stay.pet].chronic.contains(&place) {
            self.pets[stay.pet].chronic.push(place);
        }
        if complaint.again > 0 && self.dice.chance(620) {
            let day = self.calendar.next_open(stay.day + complaint.again);
            stay.again = Some(day);
            self.want(day, Want { pet: stay.pet, why: Why::Again(place), replaces: None });
            self.remind_of_recheck(stay, day);
        }
        if complaint.name == "Lipoma" && self.dice.chance(250) {
            self.plan_procedure(stay, Why::Surgery("SX-MASS"), "SX-MASS");
        }
        if complaint.name == "Periodontal disease" && self.dice.chance(450) {
            self.plan_procedure(stay, Why::Dental, "DENT");
        }
        if self.dice.chance(22) {
            stay.disposition = Disposition::Referred;
            self.refer(stay, complaint);
        }
    }

    /// A wound heals.
    fn look_after(&mut self, stay: &mut Stay, item: &'static str) {
        self.complete(stay.pet, ReminderKind::Recheck, None, stay.leaves);
        stay.complaint = Cow::Owned(format!("Recheck after the {}.", operation(item).to_lowercase()));
        stay.charges.push(charge("EXAM-R", stay.pet));
        self.treat(stay, "EXAM-R", TreatmentKind::Exam, 240);
        self.vitals(stay, false);
        let sore = self.dice.chance(90);
        let (told, found) = match sore {
            true => ("Licked at it when the cone was off.", "Incision slightly red; no discharge."),
            false => ("Eats and plays; wears the cone.", "Incision clean and dry; sutures removed."),
        };
        self.notes(
            stay,
            told,
            found,
            "Healing after surgery.",
            if sore { "Cone for another week." } else { "Back to normal life." },
        );
    }

    fn look_again(&mut self, stay: &mut Stay, place: usize) {
        let complaint = &COMPLAINTS[place];
        self.complete(stay.pet, ReminderKind::Recheck, None, stay.leaves);
        stay.complaint = Cow::Owned(format!("Recheck: {}.", complaint.name.to_lowercase()));
        stay.charges.push(charge("EXAM-R", stay.pet));
        self.treat(stay, "EXAM-R", TreatmentKind::Exam, 240);
        self.vitals(stay, true);
        if complaint.chronic {
            for test in complaint.tests.iter().take(1) {
                self.offer_sick_test(stay, test, complaint);
            }
            let day = self.calendar.next_open(stay.day + 120 + self.dice.days(0, 40));
            if self.dice.chance(600) {
                self.want(day, Want { pet: stay.pet, why: Why::Again(place), replaces: None });
                stay.again = Some(day);
            }
            for home in complaint.home.iter().take(1) {
                self.prescribe(stay, home);
            }
            self.notes(stay, "Stable at home.", "About as last time.", complaint.name, "Go on with the same dose.");
        } else {
            self.notes(stay, "Better.", "Nearly normal.", complaint.name, "Finish the medicine.");
        }
    }

    fn operate(&mut self, stay: &mut Stay, item: &'static str) {
        stay.complaint = Cow::Owned(format!("{}.", operation(item)));
        let consent = self.ask_for_anesthesia(stay);
        self.vitals(stay, false);
        self.test(stay, "LAB-CBC", None);
        stay.charges.extend([charge("ANES", stay.pet), charge(item, stay.pet), charge("CONE", stay.pet)]);
        self.treat_with(stay, "ANES", TreatmentKind::Anesthesia, 1_500, consent);
        self.treat_with(stay, item, TreatmentKind::Surgery, 2_400, consent);
        self.do_at_once(stay, "RX-BUPR");
        if item == "SX-MASS" {
            self.test(stay, "LAB-HIST", None);
        } else {
            self.neuter(stay);
        }
        self.prescribe(stay, &COMPLAINTS[4].home[0]);
        self.notes(
            stay,
            "Fasted since midnight.",
            "Fit for anesthesia.",
            "Anesthesia and surgery without events.",
            "Rest for ten days; cone on.",
        );
        self.discharge_paper(stay);
        let day = self.calendar.next_open(stay.day + 12);
        self.want(day, Want { pet: stay.pet, why: Why::Healing(item), replaces: None });
        stay.again = Some(day);
    }

    fn neuter(&mut self, stay: &Stay) {
        let record = &mut self.pets[stay.pet].record;
        record.reproductive_status = match record.sex {
            Sex::Female => ReproductiveStatus::Spayed,
            Sex::Male => ReproductiveStatus::Neutered,
            Sex::Unknown => ReproductiveStatus::Unknown,
        };
    }

    fn clean_teeth(&mut self, stay: &mut Stay) {
        stay.complaint = Cow::Borrowed("Dental cleaning under anesthesia.");
        let consent = self.ask_for_anesthesia(stay);
        self.vitals(stay, false);
        self.test(stay, "LAB-CBC", None);
        stay.charges.extend([charge("ANES", stay.pet), charge("DENT", stay.pet)]);
        self.treat_with(stay, "ANES", TreatmentKind::Anesthesia, 1_500, consent);
        self.treat_with(stay, "DENT", TreatmentKind::Dental, 2_100, consent);
        self.take_dental_images(stay);
        let teeth = self.dice.one(&[0, 0, 0, 1, 1, 2, 3, 5]);
        if teeth > 0 {
            stay.charges.push(some("EXTR", stay.pet, teeth));
            self.treat_with(stay, "EXTR", TreatmentKind::Dental, 3_000, consent);
            self.prescribe(stay, &COMPLAINTS[4].home[0]);
        }
        if self.is_dog(stay) && self.dice.chance(500) {
            stay.charges.push(charge("CHEWS", stay.pet));
        }
        self.notes(
            stay,
            "Fasted since midnight.",
            "Tartar grade 3 of 4.",
            "Periodontal disease.",
            "Brush daily; soft food for a week.",
        );
        self.discharge_paper(stay);
    }

    fn farewell(&mut self, stay: &mut Stay) {
        stay.complaint = Cow::Borrowed("Quality of life; the family decided to say goodbye.");
        let consent = self.ask_for_farewell(stay);
        stay.charges.push(charge("EUTH", stay.pet));
        if self.dice.chance(640) {
            stay.charges.push(charge("CREM", stay.pet));
        }
        self.treat_with(stay, "EUTH", TreatmentKind::Other, 900, consent);
        stay.disposition = Disposition::Euthanized;
        self.notes(stay, "Eats no more, cannot rise.", "Weak, in pain.", "End of life.", "Peaceful, with the family.");
        let at = stay.after(1_200);
        self.leave(stay.pet, End::Death, at, stay.leaves, DeathCause::Euthanasia);
    }

    /// A young animal is booked to be neutered.
    fn plan_neuter(&mut self, stay: &Stay) {
        let pet = &self.pets[stay.pet];
        let age = stay.day - pet.born;
        if pet.record.reproductive_status != ReproductiveStatus::Intact || !self.is_dog_or_cat(stay) || !(100..800).contains(&age)
        {
            return;
        }
        let item = if pet.record.sex == Sex::Female { "SX-SPAY" } else { "SX-NEUT" };
        if self.dice.chance(600) {
            let day = stay.day + self.dice.days(14, 60);
            self.want(day, Want { pet: stay.pet, why: Why::Surgery(item), replaces: None });
        }
    }

    /// An estimate first; what the client wants of it is booked.
    fn plan_procedure(&mut self, stay: &Stay, why: Why, item: &'static str) {
        if self.estimate(stay, item) {
            let day = stay.day + self.dice.days(7, 35);
            self.want(day, Want { pet: stay.pet, why, replaces: None });
        }
    }
}
