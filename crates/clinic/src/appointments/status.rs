//! Where an appointment stands, and what can follow.

use crate::column_words;

column_words! {
    /// Where an appointment stands.
    AppointmentStatus {
        /// Asked for; nobody at the clinic has looked at it.
        Requested = "requested",
        /// The time is held, and may be given away.
        Tentative = "tentative",
        /// Booked.
        Scheduled = "scheduled",
        /// The client was reminded.
        Reminded = "reminded",
        /// The client said that they come.
        Confirmed = "confirmed",
        /// They are on their way.
        EnRoute = "en_route",
        /// They are at the clinic.
        Arrived = "arrived",
        /// They wait for a room.
        Waiting = "waiting",
        /// The patient is being seen.
        InProgress = "in_progress",
        /// The patient is being treated away from the client.
        InProcedure = "in_procedure",
        /// The patient stays.
        Hospitalized = "hospitalized",
        /// Only the bill is left.
        ReadyForCheckout = "ready_for_checkout",
        /// Done.
        Completed = "completed",
        /// Does not take place.
        Cancelled = "cancelled",
        /// They did not come.
        NoShow = "no_show",
        /// Another appointment takes its place.
        Rescheduled = "rescheduled",
    }
}

impl AppointmentStatus {
    /// Those in which provider and room are kept for it: not while nobody has agreed to it, nor once it is over.
    pub const HOLDING: [Self; 9] = [
        Self::Tentative,
        Self::Scheduled,
        Self::Reminded,
        Self::Confirmed,
        Self::EnRoute,
        Self::Arrived,
        Self::Waiting,
        Self::InProgress,
        Self::InProcedure,
    ];

    /// What can follow. Who was given up as a no-show may still come late.
    pub fn next(self) -> &'static [Self] {
        use AppointmentStatus::*;
        match self {
            Requested => &[Tentative, Scheduled, Confirmed, Cancelled],
            Tentative => &[Scheduled, Confirmed, Cancelled, Rescheduled],
            Scheduled | Reminded | Confirmed => {
                &[Scheduled, Reminded, Confirmed, EnRoute, Arrived, Waiting, InProgress, Cancelled, NoShow, Rescheduled]
            }
            EnRoute => &[Arrived, Waiting, InProgress, Cancelled, NoShow, Rescheduled],
            Arrived | Waiting => &[Arrived, Waiting, InProgress, InProcedure, Cancelled],
            InProgress | InProcedure | Hospitalized => &[InProgress, InProcedure, Hospitalized, ReadyForCheckout, Completed],
            ReadyForCheckout => &[InProgress, Completed],
            NoShow => &[Arrived, Rescheduled],
            Completed | Cancelled | Rescheduled => &[],
        }
    }
}
