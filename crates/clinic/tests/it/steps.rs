//! What can follow a state: messages, reminders, referrals, consents, documents.

use std::collections::BTreeSet;

use clinicos_clinic::clinic_documents::parts::DocumentStatus;
use clinicos_clinic::consents::status::ConsentStatus;
use clinicos_clinic::messages::parts::Direction;
use clinicos_clinic::messages::status::MessageStatus;
use clinicos_clinic::referral_partners::parts::PortalAccess;
use clinicos_clinic::referrals::status::{ReferralStage, ReferralStatus};
use clinicos_clinic::reminders::parts::ReminderStatus;
use clinicos_contract::Word;

/// The states that can be reached from these, and of them those that nothing can follow.
fn ways<W: Word>(first: &[W], next: impl Fn(W) -> &'static [W]) -> (BTreeSet<&'static str>, BTreeSet<&'static str>) {
    let (mut reached, mut ends, mut left) = (BTreeSet::new(), BTreeSet::new(), first.to_vec());
    while let Some(state) = left.pop() {
        if reached.insert(state.word()) {
            left.extend(next(state));
            if next(state).is_empty() {
                ends.insert(state.word());
            }
        }
    }
    (reached, ends)
}

/// Every state is reached from the first ones, and only these are the end.
fn check<W: Word>(names: &[&'static str], first: &[W], next: impl Fn(W) -> &'static [W], ends: &[&'static str]) {
    let expected: (BTreeSet<_>, BTreeSet<_>) = (names.iter().copied().collect(), ends.iter().copied().collect());
    assert_eq!(ways(first, next), expected);
}

#[test]
fn messages() {
    use MessageStatus::{Delivered, Draft, Read, Received, Sent};
    check(MessageStatus::NAMES, &[Draft, Received], MessageStatus::next, &["canceled", "failed", "read"]);
    let (out, _) = ways(&[Draft], MessageStatus::next);
    assert!(!out.contains("received"), "what goes out never comes in");
    assert_eq!(Received.next(), [Read]);
    assert!(!Sent.next().contains(&MessageStatus::Canceled), "what is out cannot be taken back");
    assert!(MessageStatus::Undelivered.next().contains(&Delivered), "reports come late");
    for state in MessageStatus::NAMES.iter().filter_map(|name| MessageStatus::parse(name)) {
        assert!(state.fits(Direction::Inbound) || state.fits(Direction::Outbound), "{state:?}");
        let stays = state
            .next()
            .iter()
            .all(|next| [Direction::Inbound, Direction::Outbound].into_iter().any(|way| state.fits(way) && next.fits(way)));
        assert!(stays, "{state:?} has a next state that its direction has not");
    }
}

#[test]
fn reminders() {
    use ReminderStatus::{Booked, Completed, Overdue, Suppressed, Upcoming};
    check(ReminderStatus::NAMES, &[Upcoming], ReminderStatus::next, &["cancelled", "completed"]);
    assert!(Booked.next().contains(&Overdue), "a booking can fall through");
    assert!(!Suppressed.next().contains(&ReminderStatus::Sent), "nothing goes to whom nothing may go");
    assert!(!Completed.is_open() && Overdue.is_open());
}

#[test]
fn portals() {
    check(PortalAccess::NAMES, &[PortalAccess::None], PortalAccess::next, &[]);
    assert!(!PortalAccess::None.next().contains(&PortalAccess::Suspended), "what is not there is not suspended");
}

#[test]
fn referrals() {
    use ReferralStatus::{Cancelled, Completed, Declined, Draft, InProgress, Pending, ReportSent};
    check(ReferralStatus::NAMES, &[Draft], ReferralStatus::next, &["cancelled", "completed"]);
    assert_eq!(Declined.next(), [Pending], "a case that was declined can be sent again");
    assert!(!InProgress.next().contains(&Declined), "what has begun is not declined");
    assert!(!Pending.next().contains(&ReportSent), "no report without care");
    let stages = [
        (Draft, ReferralStage::Pending),
        (ReferralStatus::RecordsRequested, ReferralStage::Pending),
        (ReferralStatus::Scheduled, ReferralStage::Scheduled),
        (ReportSent, ReferralStage::InProgress),
        (Cancelled, ReferralStage::Completed),
        (Completed, ReferralStage::Completed),
    ];
    for (status, stage) in stages {
        assert_eq!(status.stage(), stage, "{status:?}");
    }
}

#[test]
fn consents() {
    use ConsentStatus::{Active, EnteredInError, Expired, Proposed, Rejected, Withdrawn};
    check(ConsentStatus::NAMES, &[Proposed], ConsentStatus::next, &["entered_in_error", "expired", "rejected", "withdrawn"]);
    for state in [Withdrawn, Expired, Rejected, EnteredInError] {
        assert_eq!(state.next(), [], "{state:?} never comes back");
    }
    assert!(!Active.next().contains(&Proposed), "a decision is not unmade");
    let deletable: Vec<_> =
        [Proposed, Active, Withdrawn, Expired, Rejected, EnteredInError].into_iter().filter(|s| s.can_be_deleted()).collect();
    assert_eq!(deletable, [Proposed, EnteredInError]);
}

#[test]
fn documents() {
    use DocumentStatus::{Filed, PendingReview, Redacted, Shared, Superseded};
    check(DocumentStatus::NAMES, &[PendingReview], DocumentStatus::next, &["redacted"]);
    assert!(Shared.next().contains(&Filed), "a document can be taken back");
    assert!([PendingReview, Filed, Shared, Superseded].into_iter().all(|state| state.next().contains(&Redacted)));
}
