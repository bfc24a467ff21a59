//! The member of staff: a person who works at the clinic. Who may sign in to this server is another
//! matter; those are users.

use std::borrow::Cow;

use clinicos_contract::category::Sensitivity;
use clinicos_contract::time::Date;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Field, Problem, Resource};

use super::parts::{AccessLevel, AccessRole, Employment, Licenses, StaffRole, StaffStatus};
use super::sample;
use crate::ids::StaffKind;
use crate::plain::{Moment, Plain, check_step};
use crate::texts::{Decimal, Email};
use crate::{plain_record, refusals};

const STAFF: Field = Field::of(Category::Staff);
/// What a person earns is nobody's business but the clinic's.
const PAY: Field = STAFF.sensitivity(Sensitivity::Internal);

plain_record! {
    /// A person who works at the clinic.
    pub struct Staff<'a>: StaffKind, "staff" in "staff";
    words "a member of staff", "staff";
    index "family_name";
    {
        /// Given name.
        given_name: Cow<'a, str> = STAFF.required().updatable().filled().max(100),
        /// Family name.
        family_name: Cow<'a, str> = STAFF.required().updatable().filled().max(100).equal().sortable(),
        /// Letters behind the name, such as `DVM, DACVS`.
        credentials: Option<Cow<'a, str>> = STAFF.writable().max(60),
        /// What the person does.
        role: StaffRole = STAFF.required().updatable().equal(),
        /// What the person may do in the clinic's own system.
        access_role: Option<AccessRole> = STAFF.writable().equal(),
        /// From where.
        access_level: AccessLevel = STAFF.writable().fallback("\"local_only\"").equal(),
        /// How the person is employed.
        employment: Employment = STAFF.writable().fallback("\"full_time\"").equal(),
        /// Share of a full-time week, from `0` to `2`.
        fte: Option<Decimal<'a>> = STAFF.writable(),
        /// E-mail address at work.
        email: Option<Email<'a>> = STAFF.writable().max(254),
        /// Phone number at work, as entered.
        phone: Option<Cow<'a, str>> = STAFF.writable().max(40),
        /// Licenses to practice; at most 20.
        licenses: Doc<'a, Licenses> = STAFF.writable().max(20),
        /// Share of the own production that is paid out, in percent from `0` to `100`.
        production_pct: Option<Decimal<'a>> = PAY.writable(),
        /// First day of work.
        hired_on: Option<Date> = STAFF.writable().range(),
        /// Last day of work. Only for who no longer works here.
        ended_on: Option<Date> = STAFF.writable().range(),
        /// Whether the person works.
        status: StaffStatus = STAFF.writable().fallback("\"active\"").equal(),
    }
}

impl Plain for Staff<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;
    const DELETE_DOC: &'static str =
        "For a record made by mistake. Somebody who left keeps the record and gets the status `terminated`.";

    fn settle(&mut self, before: Option<&Self>, _moment: &Moment<'_>) -> Result<(), Problem> {
        if let Some(before) = before {
            check_step("status", before.status, self.status, before.status.next())?;
        }
        refusals::check_decimal("/fte", self.fte.as_ref(), 0, 2)?;
        refusals::check_decimal("/production_pct", self.production_pct.as_ref(), 0, 100)?;
        if self.ended_on.is_some() && self.status != StaffStatus::Terminated {
            return Err(Problem::rule("/ended_on", "not_terminated", "goes together with the status `terminated`"));
        }
        refusals::check_order("/ended_on", self.hired_on, self.ended_on, "hired_on")
    }
}
