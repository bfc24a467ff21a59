//! Clients' accounts: what they owe and what credit they have. Invoices and payments change them,
//! and whoever follows the client hears of it.

use clinicos_contract::{Problem, Timestamp};
use clinicos_gate::{Announcement, ClinicId, Cx, OrProblem as _};

pub use crate::clients::events::UPDATED as CLIENT_UPDATED;
use crate::clients::rows::{self, Adjustment};
use crate::ids::ClientId;

/// Keeps balance and credit of a client in step with what changed, and announces it.
pub async fn adjust(cx: &mut Cx<'_>, clinic: ClinicId, client: ClientId, by: Adjustment, now: Timestamp) -> Result<(), Problem> {
    if let Some(version) = rows::adjust(cx.conn(), clinic, client, by, now).await.or_problem()? {
        cx.emit(Announcement::new(&CLIENT_UPDATED, client.any(), version).changed(by.names()));
    }
    Ok(())
}
