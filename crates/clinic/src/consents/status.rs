//! Where a consent stands, and what can follow.

use crate::column_words;

column_words! {
    /// Where a consent stands.
    ConsentStatus {
        /// The client was asked, and has not decided.
        Proposed = "proposed",
        /// What was decided is in force.
        Active = "active",
        /// The client took it back.
        Withdrawn = "withdrawn",
        /// Its time is over.
        Expired = "expired",
        /// The client was asked, and did not decide so.
        Rejected = "rejected",
        /// It should never have been recorded.
        EnteredInError = "entered_in_error",
    }
}

impl ConsentStatus {
    /// What can follow. What a client took back, or did not decide, never comes back: a client who decides anew
    /// makes another consent.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Proposed => &[Self::Active, Self::Rejected, Self::Expired, Self::EnteredInError],
            Self::Active => &[Self::Withdrawn, Self::Expired, Self::EnteredInError],
            Self::Withdrawn | Self::Expired | Self::Rejected | Self::EnteredInError => &[],
        }
    }

    /// Whether it is about something that a client decided, and says what may leave.
    pub fn counts(self) -> bool {
        matches!(self, Self::Active | Self::Withdrawn)
    }

    /// Whether deleting it hides nothing that a client decided.
    pub fn can_be_deleted(self) -> bool {
        matches!(self, Self::Proposed | Self::EnteredInError)
    }
}
