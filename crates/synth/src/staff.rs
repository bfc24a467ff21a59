//! Who works at the clinic.

use std::borrow::Cow;
use std::collections::BTreeSet;

use clinicos_clinic::staff::model::Staff;
use clinicos_clinic::staff::parts::{AccessLevel, AccessRole, Employment, License, Licenses, StaffRole, StaffStatus};
use clinicos_clinic::texts::{Decimal, Email};
use clinicos_contract::wire::Doc;

use crate::calendar::{Day, date};
use crate::tables::names::{FAMILY, GIVEN, mailbox};
use crate::tables::practice::{DOCTOR_RATE, TEAM};
use crate::world::{Member, World, no_external_ids};

impl World {
    /// Everybody who ever works here: doctors first.
    pub fn hire_staff(&mut self) {
        let doctors = self.plan.doctors();
        for _ in 0..doctors {
            self.hire(StaffRole::Dvm, AccessRole::Dvm, DOCTOR_RATE, None);
        }
        self.hire(StaffRole::ReliefDvm, AccessRole::Dvm, DOCTOR_RATE + 1_500, None);
        for (role, access, tenths, rate) in TEAM {
            let count = (tenths * doctors).div_ceil(10);
            for _ in 0..count {
                self.hire(*role, *access, *rate, None);
            }
        }
        // Somebody left on the way, and somebody new came for them.
        let middle = self.calendar.first + (self.calendar.last - self.calendar.first) / 2;
        self.hire(StaffRole::Assistant, AccessRole::Va, 1_800, Some(middle));
    }

    fn hire(&mut self, role: StaffRole, access: AccessRole, rate: i64, to: Option<Day>) {
        let at = self.calendar.at(self.calendar.first - 1, 8 * 60 + self.staff.len() as i64);
        let (given, family) = (self.dice.one(GIVEN), self.dice.one(FAMILY));
        let from = self.calendar.first - self.dice.days(30, 3_200);
        let is_doctor = matches!(role, StaffRole::Dvm | StaffRole::ReliefDvm);
        let part_time = !is_doctor && self.dice.chance(250);
        let ended = to.map(|day| self.calendar.at(day, 17 * 60));
        let (licenses, number) = (self.licenses(role), self.dice.digits(2));
        let area = self.practice.place[3];
        let record = Staff {
            id: self.dice.id(at),
            clinic_id: self.clinic,
            given_name: Cow::Borrowed(given),
            family_name: Cow::Borrowed(family),
            credentials: match role {
                StaffRole::Dvm | StaffRole::ReliefDvm => Some(Cow::Borrowed("DVM")),
                StaffRole::CredentialedTech => Some(Cow::Borrowed("CVT")),
                _ => None,
            },
            role,
            access_role: Some(access),
            access_level: if is_doctor { AccessLevel::CloudLinked } else { AccessLevel::LocalOnly },
            employment: match role {
                StaffRole::ReliefDvm => Employment::Relief1099,
                _ if part_time => Employment::PartTime,
                _ => Employment::FullTime,
            },
            fte: Some(Decimal(Cow::Borrowed(if part_time { "0.6" } else { "1" }))),
            email: Some(Email(Cow::Owned(format!("{}.{}{}@example.org", mailbox(given), mailbox(family), self.staff.len() + 1)))),
            phone: Some(Cow::Owned(format!("({area}) 555-01{number}"))),
            licenses: Doc::of(&licenses),
            production_pct: is_doctor.then_some(Decimal(Cow::Borrowed("21"))),
            hired_on: Some(date(from)),
            ended_on: to.map(date),
            status: if to.is_some() { StaffStatus::Terminated } else { StaffStatus::Active },
            external_ids: no_external_ids(),
            created_at: at,
            updated_at: ended.unwrap_or(at),
            version: if to.is_some() { 2 } else { 1 },
            deleted_at: None,
        };
        self.shelf.put(&record);
        self.staff.push(Member { record, is_doctor, rate, from, to, away: BTreeSet::new() });
    }

    fn licenses(&mut self, role: StaffRole) -> Licenses {
        let state = self.practice.place[1].to_owned();
        let expires_on = Some(date(self.calendar.last + self.dice.days(40, 700)));
        match role {
            StaffRole::Dvm | StaffRole::ReliefDvm => Licenses(vec![License {
                number: format!("VET-{}", self.dice.digits(5)),
                state: Some(state),
                expires_on,
                dea: Some(format!("FX{}", self.dice.digits(7))),
            }]),
            StaffRole::CredentialedTech => Licenses(vec![License {
                number: format!("CVT-{}", self.dice.digits(5)),
                state: Some(state),
                expires_on,
                dea: None,
            }]),
            _ => Licenses::default(),
        }
    }
}
