//! Where a message stands, and what can follow.

use super::parts::Direction;
use crate::column_words;

column_words! {
    /// Where a message stands.
    MessageStatus {
        /// Being written.
        Draft = "draft",
        /// Whoever sends it has taken it.
        Accepted = "accepted",
        /// Waits for its time.
        Scheduled = "scheduled",
        /// Waits for its turn.
        Queued = "queued",
        /// On its way out.
        Sending = "sending",
        /// Out; nothing is known of its arrival.
        Sent = "sent",
        /// Arrived.
        Delivered = "delivered",
        /// Out, and did not arrive.
        Undelivered = "undelivered",
        /// Did not go out.
        Failed = "failed",
        /// Somebody read it.
        Read = "read",
        /// Came in.
        Received = "received",
        /// Taken back before it went out.
        Canceled = "canceled",
        /// Arrived at some of those it is for.
        PartiallyDelivered = "partially_delivered",
    }
}

impl MessageStatus {
    /// What can follow. Reports of carriers skip steps, and come late: what seemed lost may have arrived.
    pub fn next(self) -> &'static [Self] {
        use MessageStatus::*;
        match self {
            Draft => &[Accepted, Scheduled, Queued, Sending, Sent, Delivered, Undelivered, Failed, Canceled],
            Accepted | Scheduled | Queued => {
                &[Accepted, Scheduled, Queued, Sending, Sent, Delivered, PartiallyDelivered, Undelivered, Failed, Canceled]
            }
            Sending => &[Sent, Delivered, PartiallyDelivered, Undelivered, Failed],
            Sent => &[Delivered, PartiallyDelivered, Undelivered, Failed, Read],
            PartiallyDelivered => &[Delivered, Undelivered, Read],
            Undelivered => &[PartiallyDelivered, Delivered, Read],
            Delivered | Received => &[Read],
            Failed | Read | Canceled => &[],
        }
    }

    /// Whether a message that goes this way can stand here.
    pub fn fits(self, direction: Direction) -> bool {
        match direction {
            Direction::Inbound => matches!(self, Self::Received | Self::Read),
            Direction::Outbound => self != Self::Received,
        }
    }

    /// Whether it left, or came in.
    pub fn is_on_record(self) -> bool {
        use MessageStatus::*;
        matches!(self, Sent | Delivered | PartiallyDelivered | Undelivered | Read | Received)
    }

    /// Whether an error can say why it stands here.
    pub fn is_trouble(self) -> bool {
        matches!(self, Self::Failed | Self::Undelivered | Self::PartiallyDelivered)
    }
}
