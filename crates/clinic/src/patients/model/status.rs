//! What a patient is to the clinic, and what can follow.

use clinicos_contract::{Problem, words};

use crate::plain::check_step;

words! {
    /// What a patient is to the clinic.
    PatientStatus {
        /// Comes to the clinic.
        Active = "active",
        /// No longer comes.
        Inactive = "inactive",
        /// Died.
        Deceased = "deceased",
        /// Is another practice's patient now.
        Transferred = "transferred",
        /// Ran away or was stolen.
        Lost = "lost",
        /// Was given to somebody who is no client.
        Rehomed = "rehomed",
    }
}

impl PatientStatus {
    /// Whether somebody must own it: the clinic still counts on being asked for it.
    pub fn needs_owner(self) -> bool {
        matches!(self, Self::Active | Self::Inactive | Self::Lost)
    }

    /// What can follow. A death that was recorded by mistake is taken back to `active` alone.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Active => &[Self::Inactive, Self::Deceased, Self::Transferred, Self::Lost, Self::Rehomed],
            Self::Inactive => &[Self::Active, Self::Deceased, Self::Transferred, Self::Lost, Self::Rehomed],
            Self::Lost => &[Self::Active, Self::Inactive, Self::Deceased, Self::Transferred, Self::Rehomed],
            Self::Transferred | Self::Rehomed => &[Self::Active, Self::Deceased],
            Self::Deceased => &[Self::Active],
        }
    }

    /// Whether a patient may go on from here to there.
    pub fn check_next(self, to: Self) -> Result<(), Problem> {
        check_step("status", self, to, self.next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_death_is_taken_back_and_nothing_else_follows_it() {
        for name in PatientStatus::NAMES {
            let other = PatientStatus::parse(name).unwrap();
            let fits = matches!(other, PatientStatus::Active | PatientStatus::Deceased);
            assert_eq!(PatientStatus::Deceased.check_next(other).is_ok(), fits, "{name}");
            assert!(other.check_next(PatientStatus::Deceased).is_ok(), "{name} patients die, too");
            assert!(other.check_next(PatientStatus::Active).is_ok(), "{name} patients come back");
        }
        let detail = PatientStatus::Rehomed.check_next(PatientStatus::Lost).unwrap_err().detail;
        assert!(detail.contains("`active`, `deceased`"), "{detail}");
    }
}
