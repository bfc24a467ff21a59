//! Who works at a practice, what it can be booked for, and whom it refers to.

use clinicos_clinic::appointment_types::model::CareKind;
use clinicos_clinic::referral_partners::parts::PortalAccess;
use clinicos_clinic::referrals::parts::ReferralService;
use clinicos_clinic::staff::parts::{AccessRole, StaffRole};

/// What can be booked: name, sort of care, minutes, color, deposit in cents.
pub const TYPES: &[(&str, CareKind, i64, &str, i64)] = &[
    ("Wellness exam", CareKind::Wellness, 30, "#4c9f70", 0),
    ("Sick visit", CareKind::Sick, 30, "#d1495b", 0),
    ("Recheck", CareKind::Recheck, 20, "#edae49", 0),
    ("Vaccine booster", CareKind::Vaccine, 20, "#66a182", 0),
    ("Technician visit", CareKind::Tech, 20, "#8d96a3", 0),
    ("Surgery", CareKind::Surgery, 90, "#2e4057", 10_000),
    ("Dental cleaning", CareKind::Dental, 90, "#00798c", 10_000),
    ("Urgent visit", CareKind::Emergency, 30, "#b00020", 0),
    ("Euthanasia", CareKind::Euthanasia, 45, "#555555", 0),
    ("Video consult", CareKind::Telehealth, 20, "#6c5b7b", 5_500),
    ("Drop-off exam", CareKind::DropOff, 30, "#99b898", 0),
    ("Imaging", CareKind::Imaging, 45, "#355c7d", 0),
];

/// The place of a sort of care in the list.
pub fn type_of(kind: CareKind) -> usize {
    TYPES.iter().position(|one| one.1 == kind).unwrap_or(0)
}

/// Who works there beside the veterinarians: role, access, how many for ten doctors, cents an hour.
pub const TEAM: &[(StaffRole, AccessRole, usize, i64)] = &[
    (StaffRole::CredentialedTech, AccessRole::Va, 10, 2_650),
    (StaffRole::Assistant, AccessRole::Va, 8, 1_950),
    (StaffRole::Csr, AccessRole::Csr, 8, 1_850),
    (StaffRole::PracticeManager, AccessRole::Manager, 1, 3_600),
    (StaffRole::InventoryManager, AccessRole::InventoryManager, 1, 2_300),
    (StaffRole::Kennel, AccessRole::Va, 3, 1_650),
];

/// What a veterinarian earns in an hour, in cents.
pub const DOCTOR_RATE: i64 = 6_400;

/// Practices that patients go to or come from: name, what for, whether they use the portal.
pub const PARTNERS: &[(&str, ReferralService, PortalAccess)] = &[
    ("Northside Veterinary Specialists", ReferralService::Surgery, PortalAccess::Active),
    ("Bayview Animal Emergency", ReferralService::Emergency, PortalAccess::Active),
    ("Coastal Veterinary Oncology", ReferralService::Oncology, PortalAccess::Invited),
    ("Heartwise Cardiology for Animals", ReferralService::Cardiology, PortalAccess::Active),
    ("Clear Eyes Veterinary Ophthalmology", ReferralService::Ophthalmology, PortalAccess::None),
    ("Skin & Ear Clinic for Pets", ReferralService::Dermatology, PortalAccess::None),
    ("Regional Internal Medicine Center", ReferralService::InternalMedicine, PortalAccess::Suspended),
    ("Riverbend Family Vets", ReferralService::Dentistry, PortalAccess::Active),
];
