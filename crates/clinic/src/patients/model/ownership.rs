//! Whose a patient is: ownerships over time, and what must hold between them.
//!
//! An ownership begins on the day `from` and is over on the day `to`, so that who hands a patient
//! over and who takes it name one day. No day lies in the future: what is current today stays
//! current until somebody changes it, and `client_id` never goes stale.

use clinicos_contract::time::Date;
use clinicos_contract::wire::{Document, tell_all};
use clinicos_contract::{AnyId, Category, Field, Problem, Shape, words};

use super::status::PatientStatus;
use crate::ids::ClientId;
use crate::{object, refusals};

/// Most ownerships of a patient, past ones included.
pub const OWNERSHIPS_MAX: usize = 50;

words! {
    /// What a client is to a patient.
    OwnerRole {
        /// Decides, and is billed.
        Primary = "primary",
        /// Owns it, too.
        CoOwner = "co_owner",
        /// Acts for an owner.
        Agent = "agent",
        /// Looks after it for a while.
        Foster = "foster",
        /// An organization that took it in.
        Rescue = "rescue",
    }
}

const IDENTITY: Field = Field::of(Category::PatientIdentity);

object! {
    /// What a client was to a patient, and when.
    pub struct Ownership as "ownership" {
        /// The client.
        client_id: ClientId, Shape::Id("cli"), false = IDENTITY.required();
        /// What the client is to the patient.
        role: OwnerRole, Shape::Enum(OwnerRole::WORDS), false = IDENTITY.required();
        /// The first day; null if it is not known.
        #[serde(default)]
        from: Option<Date>, Shape::Date, true = IDENTITY.creatable();
        /// The day on which it was over; null as long as it goes on.
        #[serde(default)]
        to: Option<Date>, Shape::Date, true = IDENTITY.creatable();
    }
}
/// Whose a patient is and was.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Ownerships(pub Vec<Ownership>);

impl Document for Ownerships {
    const SHAPE: Shape = Shape::List(&Shape::Object(Ownership::SCHEMA));
    const EMPTY: &'static str = "[]";

    /// The record is its present owners' data. Those who were named before decide about being named, and no more.
    fn tell_subjects(text: &str, out: &mut Vec<AnyId>) {
        let is_past = text.contains("\"to\":\"");
        match serde_json::from_str::<Self>(text).ok().filter(|_| is_past) {
            Some(all) => out.extend(all.0.iter().filter(|one| one.to.is_none()).map(|one| one.client_id.any())),
            None => tell_all(text, out),
        }
    }
}

impl Ownerships {
    /// Puts one client in place of another. Periods that overlap then become one.
    pub fn turn_over(&mut self, from: ClientId, to: ClientId) {
        let mut kept: Vec<Ownership> = Vec::with_capacity(self.0.len());
        for mut one in std::mem::take(&mut self.0) {
            if one.client_id == from {
                one.client_id = to;
            }
            let mut place = kept.len();
            while let Some(at) = kept.iter().position(|other| other.client_id == one.client_id && other.overlaps(&one)) {
                one = kept.remove(at).together(&one);
                place = place.min(at);
            }
            kept.insert(place.min(kept.len()), one);
        }
        self.0 = kept;
    }
}

impl Ownership {
    /// One period in place of two that overlap, with the role of what goes on.
    fn together(self, other: &Self) -> Self {
        let role = match (self.is_current(), other.is_current()) {
            (true, false) => self.role,
            (false, true) => other.role,
            _ if other.role == OwnerRole::Primary => other.role,
            _ => self.role,
        };
        let from = self.from.zip(other.from).map(|(one, other)| one.min(other));
        let to = self.to.zip(other.to).map(|(one, other)| one.max(other));
        Self { role, from, to, ..self }
    }

    /// Whether it goes on.
    pub fn is_current(&self) -> bool {
        self.to.is_none()
    }

    fn is_current_primary(&self) -> bool {
        self.is_current() && self.role == OwnerRole::Primary
    }

    fn overlaps(&self, other: &Self) -> bool {
        let begins_before_the_end = |one: &Self, other: &Self| match (one.from, other.to) {
            (Some(from), Some(to)) => from < to,
            _ => true,
        };
        begins_before_the_end(self, other) && begins_before_the_end(other, self)
    }
}

impl Ownerships {
    /// Who owns the patient now, as its primary owner.
    pub fn primary(&self) -> Option<ClientId> {
        self.0.iter().find(|one| one.is_current_primary()).map(|one| one.client_id)
    }

    /// Ownerships of clients who were not among those before, each with its place.
    pub fn newcomers<'o>(&'o self, before: &'o Self) -> impl Iterator<Item = (usize, &'o Ownership)> {
        let was = |client| before.0.iter().any(|other| other.client_id == client);
        self.0.iter().enumerate().filter(move |(_, one)| !was(one.client_id))
    }

    /// What must hold between them on this day of the clinic.
    pub fn check(&self, status: PatientStatus, today: Date) -> Result<(), Problem> {
        refusals::check_length("/ownerships", self.0.len(), OWNERSHIPS_MAX)?;
        for (at, one) in self.0.iter().enumerate() {
            one.check_days(at, today)?;
            let repeated = |other: &Ownership| other.client_id == one.client_id && other.overlaps(one);
            if self.0.iter().take(at).any(repeated) {
                let detail = "is an owner at that time already; the periods of one client must not overlap";
                return Err(Problem::rule(format!("/ownerships/{at}/client_id"), "overlap", detail));
            }
        }
        let mut primaries = self.0.iter().enumerate().filter(|(_, one)| one.is_current_primary());
        match (primaries.next(), primaries.next()) {
            (_, Some((at, _))) => {
                let detail = "a patient has one primary owner at a time; end the other ownership with `to`";
                Err(Problem::rule(format!("/ownerships/{at}/role"), "second_primary", detail))
            }
            (None, None) if status.needs_owner() => {
                let detail = format!("a patient that is `{}` needs one current ownership with the role `primary`", status.name());
                Err(Problem::rule("/ownerships", "no_primary", detail))
            }
            _ => Ok(()),
        }
    }
}

impl Ownership {
    fn check_days(&self, at: usize, today: Date) -> Result<(), Problem> {
        let wrong = |name: &str, detail: &str| Err(Problem::rule(format!("/ownerships/{at}/{name}"), "range", detail));
        if self.from.is_some_and(|from| from > today) {
            return wrong("from", "must not be in the future");
        }
        if self.to.is_some_and(|to| to > today) {
            return wrong("to", "must not be in the future; change the patient when the day has come");
        }
        if self.from.zip(self.to).is_some_and(|(from, to)| to < from) {
            return wrong("to", "must not be before `from`");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clinicos_contract::time::parse_date;

    use super::*;

    fn day(text: &str) -> Option<Date> {
        (!text.is_empty()).then(|| parse_date(text).unwrap())
    }

    fn owner(client: u8, role: OwnerRole, from: &str, to: &str) -> Ownership {
        Ownership { client_id: ClientId::from_bytes([client; 16]), role, from: day(from), to: day(to) }
    }

    fn code(status: PatientStatus, owners: &[Ownership]) -> Option<(String, &'static str)> {
        let today = parse_date("2026-11-22").unwrap();
        let problem = Ownerships(owners.to_vec()).check(status, today).err()?;
        Some((problem.errors[0].pointer.clone(), problem.errors[0].code))
    }

    #[test]
    fn who_hands_over_and_who_takes_name_one_day() {
        let handed = [owner(1, OwnerRole::Primary, "2020-01-01", "2026-11-22"), owner(2, OwnerRole::Primary, "2026-11-22", "")];
        assert_eq!(code(PatientStatus::Active, &handed), None);
        assert_eq!(Ownerships(handed.to_vec()).primary(), Some(ClientId::from_bytes([2; 16])));
        let returned = [
            owner(1, OwnerRole::Primary, "", "2024-05-01"),
            owner(2, OwnerRole::Primary, "2024-05-01", "2025-01-01"),
            owner(1, OwnerRole::Primary, "2025-01-01", ""),
        ];
        assert_eq!(code(PatientStatus::Active, &returned), None);
    }

    #[test]
    fn a_patient_that_comes_has_one_primary_owner() {
        let (primary, other) = (owner(1, OwnerRole::Primary, "", ""), owner(2, OwnerRole::CoOwner, "", ""));
        for name in PatientStatus::NAMES {
            let status = PatientStatus::parse(name).unwrap();
            assert_eq!(code(status, &[primary.clone(), other.clone()]), None, "{name}");
            let without = status.needs_owner().then(|| ("/ownerships".to_owned(), "no_primary"));
            assert_eq!(code(status, &[]), without, "{name}");
            assert_eq!(code(status, std::slice::from_ref(&other)), without, "{name}");
            let two = [primary.clone(), owner(2, OwnerRole::Primary, "", "")];
            assert_eq!(code(status, &two), Some(("/ownerships/1/role".to_owned(), "second_primary")), "{name}");
        }
    }

    #[test]
    fn periods_of_one_client_do_not_overlap() {
        let now = owner(1, OwnerRole::Primary, "2024-01-01", "");
        for (other, fits) in [
            (owner(1, OwnerRole::CoOwner, "", ""), false),
            (owner(1, OwnerRole::CoOwner, "", "2024-01-02"), false),
            (owner(1, OwnerRole::CoOwner, "2026-01-01", "2026-02-01"), false),
            (owner(1, OwnerRole::CoOwner, "", "2024-01-01"), true),
            (owner(2, OwnerRole::CoOwner, "", ""), true),
        ] {
            let expected = (!fits).then(|| ("/ownerships/1/client_id".to_owned(), "overlap"));
            assert_eq!(code(PatientStatus::Active, &[now.clone(), other.clone()]), expected, "{other:?}");
        }
    }

    #[test]
    fn days_are_in_order_and_not_in_the_future() {
        for (from, to, pointer) in [
            ("2026-11-23", "", "/ownerships/0/from"),
            ("2020-01-01", "2026-11-23", "/ownerships/0/to"),
            ("2020-01-02", "2020-01-01", "/ownerships/0/to"),
        ] {
            let found = code(PatientStatus::Transferred, &[owner(1, OwnerRole::CoOwner, from, to)]);
            assert_eq!(found, Some((pointer.to_owned(), "range")));
        }
    }

    #[test]
    fn only_newcomers_are_looked_up() {
        let before = Ownerships(vec![owner(1, OwnerRole::Primary, "", "")]);
        let wanted = Ownerships(vec![owner(1, OwnerRole::Primary, "", "2026-01-01"), owner(2, OwnerRole::Primary, "", "")]);
        let found: Vec<usize> = wanted.newcomers(&before).map(|(at, _)| at).collect();
        assert_eq!(found, [1]);
    }
}
