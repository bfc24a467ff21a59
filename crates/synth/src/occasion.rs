//! Why animals come: what sort of care it is, what is seen first, and what the client says.

use clinicos_clinic::appointment_types::model::CareKind;

use crate::booking::Slot;
use crate::tables::complaints::COMPLAINTS;
use crate::tables::words::{
    BOOKED_AGAIN, BOOKED_BOOSTER, BOOKED_DENTAL, BOOKED_FAREWELL, BOOKED_HEALING, BOOKED_NAILS, BOOKED_VIDEO, BOOKED_WELLNESS,
};
use crate::world::{Why, World};

/// What sort of care it is.
pub fn care_of(why: Why) -> CareKind {
    match why {
        Why::Farewell => CareKind::Euthanasia,
        Why::Again(_) | Why::Healing(_) => CareKind::Recheck,
        Why::Surgery(_) => CareKind::Surgery,
        Why::Dental => CareKind::Dental,
        Why::Wellness => CareKind::Wellness,
        Why::Booster => CareKind::Vaccine,
        Why::Nails => CareKind::Tech,
        Why::Video => CareKind::Telehealth,
        Why::Sick => CareKind::Sick,
    }
}

/// What is seen first if not everybody can be.
pub fn rank(why: Why) -> u8 {
    match why {
        Why::Farewell => 0,
        Why::Surgery(_) | Why::Dental => 1,
        Why::Again(_) | Why::Healing(_) | Why::Booster => 2,
        Why::Wellness | Why::Sick | Why::Nails | Why::Video => 3,
    }
}

impl World {
    /// Why they come, as the client says it when they book.
    pub fn reason(&mut self, slot: &Slot) -> &'static str {
        match slot.why {
            Why::Sick => COMPLAINTS[self.complaint(slot.pets[0], slot.day)].says,
            Why::Farewell => self.dice.one(BOOKED_FAREWELL),
            Why::Again(_) => self.dice.one(BOOKED_AGAIN),
            Why::Healing(_) => self.dice.one(BOOKED_HEALING),
            Why::Surgery("SX-SPAY") => "To be spayed",
            Why::Surgery("SX-NEUT") => "To be neutered",
            Why::Surgery(_) => "The lump is to come off",
            Why::Dental => self.dice.one(BOOKED_DENTAL),
            Why::Wellness => self.dice.one(BOOKED_WELLNESS),
            Why::Booster => self.dice.one(BOOKED_BOOSTER),
            Why::Nails => self.dice.one(BOOKED_NAILS),
            Why::Video => self.dice.one(BOOKED_VIDEO),
        }
    }
}
