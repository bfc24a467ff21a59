//! Parts of a clinic: hours, rooms, tax numbers.

use clinicos_contract::{Category, Field, Shape, words};

use crate::{document_list, object};

words! {
    /// A day of the week.
    Weekday {
        /// Monday.
        Monday = "monday",
        /// Tuesday.
        Tuesday = "tuesday",
        /// Wednesday.
        Wednesday = "wednesday",
        /// Thursday.
        Thursday = "thursday",
        /// Friday.
        Friday = "friday",
        /// Saturday.
        Saturday = "saturday",
        /// Sunday.
        Sunday = "sunday",
    }
}

words! {
    /// What a room is for.
    RoomKind {
        /// Consultations.
        Exam = "exam",
        /// Operations.
        Surgery = "surgery",
        /// Procedures.
        Treatment = "treatment",
        /// Teeth.
        Dental = "dental",
        /// Images.
        Imaging = "imaging",
        /// Infectious patients.
        Isolation = "isolation",
        /// Inpatients.
        Ward = "ward",
        /// Boarding.
        Kennel = "kennel",
        /// Farewells.
        Comfort = "comfort",
        /// Analyses.
        Lab = "lab",
    }
}

const PRACTICE: Field = Field::of(Category::Practice);

object! {
    /// When the clinic is open on one day of the week, by its own clock.
    pub struct OpeningHours as "opening_hours" {
        /// The day.
        day: Weekday, Shape::Enum(Weekday::WORDS), false = PRACTICE.required();
        /// `HH:MM`, 24 hours.
        opens: String, Shape::Text, false = PRACTICE.required().max(5);
        /// `HH:MM`, 24 hours, after `opens`.
        closes: String, Shape::Text, false = PRACTICE.required().max(5);
    }
}

object! {
    /// A room.
    pub struct Room as "room" {
        /// What it is called.
        name: String, Shape::Text, false = PRACTICE.required().max(60);
        /// What it is for.
        kind: RoomKind, Shape::Enum(RoomKind::WORDS), false = PRACTICE.required();
    }
}

object! {
    /// A number under which the clinic pays tax.
    pub struct TaxId as "tax_id" {
        /// Which kind of number, such as `us_ein`.
        kind: String, Shape::Text, false = PRACTICE.required().max(40);
        /// The number.
        value: String, Shape::Text, false = PRACTICE.required().max(40);
    }
}

document_list! {
    /// Hours of a week.
    Hours of OpeningHours, Shape::Object(OpeningHours::SCHEMA)
}
document_list! {
    /// Rooms of a clinic.
    Rooms of Room, Shape::Object(Room::SCHEMA)
}
document_list! {
    /// Tax numbers of a clinic.
    TaxIds of TaxId, Shape::Object(TaxId::SCHEMA)
}
document_list! {
    /// Departments of a clinic.
    Departments of String, Shape::Text
}

impl OpeningHours {
    /// Whether both times are `HH:MM` and in order.
    pub fn is_sound(&self) -> bool {
        matches!((minutes(&self.opens), minutes(&self.closes)), (Some(opens), Some(closes)) if opens < closes)
    }
}

/// Minutes since midnight of `HH:MM`; the day ends at `24:00`.
fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two_digits =
        |part: &str| (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u16>().ok())?;
    let total = two_digits(hours)? * 60 + two_digits(minutes).filter(|minutes| *minutes < 60)?;
    (total <= 24 * 60).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_in_order_and_on_the_clock() {
        let hours =
            |opens: &str, closes: &str| OpeningHours { day: Weekday::Monday, opens: opens.to_owned(), closes: closes.to_owned() };
        for (opens, closes) in [("08:00", "18:00"), ("00:00", "24:00"), ("09:59", "10:00")] {
            assert!(hours(opens, closes).is_sound(), "{opens} {closes}");
        }
        for (opens, closes) in
            [("18:00", "08:00"), ("8:00", "18:00"), ("08:60", "18:00"), ("08:00", "24:01"), ("", ""), ("+1:00", "02:00")]
        {
            assert!(!hours(opens, closes).is_sound(), "{opens} {closes}");
        }
    }
}
