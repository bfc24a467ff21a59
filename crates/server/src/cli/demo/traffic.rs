//! Partners that go on calling while the demo runs, so that what an admin changes is seen to
//! work: the next call of a connection that was stopped is refused.

use std::sync::Arc;
use std::time::Duration;

use clinicos_gate::Door;

use super::history::{Ask, CHANGED_INVOICES, CHANGED_PAYMENTS, Connected, NEW_OWNER, OWED, OWNERS};
use super::partners::Habit;
use crate::cli::client;
use crate::http::{Who, router};

/// Between one call and the next.
const PAUSE_SECONDS: u64 = 6;

/// What is called in turn.
const ROUND: &[(Habit, Ask)] = &[
    (Habit::Books, CHANGED_INVOICES),
    (Habit::Till, OWED),
    (Habit::Books, CHANGED_PAYMENTS),
    (Habit::Reminders, OWNERS),
    (Habit::Books, OWED),
    (Habit::Figures, NEW_OWNER),
];

/// Calls until it is dropped. It comes in by the public way, like any partner.
pub async fn go_on(door: Arc<dyn Door>, partners: Vec<Connected>) {
    let router = router(door, Who::Anyone);
    for (habit, ask) in ROUND.iter().cycle() {
        tokio::time::sleep(Duration::from_secs(PAUSE_SECONDS)).await;
        let (Some(partner), Ask::Get(target)) = (partners.iter().find(|one| one.habit == *habit), ask) else { continue };
        if let Err(error) = client::send(&router, Some(&partner.key), client::request("GET", target, None, "")).await {
            tracing::warn!(%error, "a partner of the demo could not call");
        }
    }
}
