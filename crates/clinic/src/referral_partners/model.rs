//! The referral partner: another practice, and what it may do here.

use std::borrow::Cow;

use clinicos_contract::category::Sensitivity;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Field, Problem, Resource};
use clinicos_gate::Announcement;

use super::parts::{PartnerVets, PortalAccess, PortalPermissions};
use super::sample;
use crate::documents::ClinicAddress;
use crate::ids::ReferralPartnerKind;
use crate::plain::{Moment, Plain, check_step};
use crate::plain_record;
use crate::texts::Email;

const PARTNER: Field = Field::of(Category::Communications).figure();
const PRACTICE: Field = Field::of(Category::Practice);

plain_record! {
    /// A practice that refers patients, or to which patients are referred.
    pub struct ReferralPartner<'a>: ReferralPartnerKind, "referral_partner" in "referral_partners";
    words "a referral partner", "referral partners";
    index "practice";
    {
        /// The practice's name.
        practice: Cow<'a, str> = PARTNER.required().updatable().filled().max(200).equal().sortable(),
        /// Its veterinarians; at most 50.
        vets: Doc<'a, PartnerVets> = PARTNER.writable().max(50),
        /// Its e-mail address.
        email: Option<Email<'a>> = PARTNER.writable().max(254),
        /// Its phone number, as entered.
        phone: Option<Cow<'a, str>> = PARTNER.writable().max(40),
        /// Its postal address.
        address: Option<Doc<'a, ClinicAddress>> = PRACTICE.writable(),
        /// Whether it can use the portal.
        portal_access: PortalAccess = PARTNER.writable().fallback("\"none\"").equal(),
        /// What it may do there. Empty for a partner that cannot use it.
        permissions: Doc<'a, PortalPermissions> = PARTNER.writable().max(5).distinct(),
        /// Whether patients still go to and fro.
        active: bool = PARTNER.writable().fallback("true").equal(),
        /// Notes that no partner should read.
        notes_internal: Option<Cow<'a, str>> = PARTNER.sensitivity(Sensitivity::Internal).writable().max(4_000),
    }
}

impl Plain for ReferralPartner<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;
    const UPDATE_DOC: &'static str = "To take the portal from a partner set `portal_access` to `none` and `permissions` to `[]`.";
    const DELETE_DOC: &'static str = "For a partner added by mistake. One that refers no more gets `active` set to `false`.";

    fn settle(&mut self, before: Option<&Self>, _moment: &Moment<'_>) -> Result<(), Problem> {
        if let Some(before) = before {
            check_step("portal_access", before.portal_access, self.portal_access, before.portal_access.next())?;
        }
        if !self.active && matches!(self.portal_access, PortalAccess::Invited | PortalAccess::Active) {
            return Err(Problem::rule(
                "/portal_access",
                "inactive",
                "must be `none` or `suspended` for a partner that is not active",
            ));
        }
        // A permission that lies dormant would come back with the next invitation, and nobody would look at it.
        if self.portal_access == PortalAccess::None && self.permissions.text() != "[]" {
            return Err(Problem::rule("/permissions", "no_access", "must be empty while `portal_access` is `none`"));
        }
        Ok(())
    }

    fn tell(&self, announcement: Announcement) -> Announcement {
        announcement.with("portal_access", self.portal_access.name())
    }
}
