//! What follows when a key is known to be public: it ends at once, and an admin is told.

use std::borrow::Cow;

use clinicos_contract::Problem;
use clinicos_gate::{Announcement, Cx, OrNotFound as _, OrProblem as _, credential};

use super::model::{Key, KeyState};
use super::{events, rows};
use crate::connections::history::{self, Details, What};
use crate::connections::rows as connection_rows;

/// What somebody said about a leak. It may name the key; what is kept does not.
#[derive(Debug, Default)]
pub struct Said {
    /// Where it was found.
    pub source: Option<String>,
    /// Anything else.
    pub note: Option<String>,
}

/// Ends a key because it leaked. Its connection stays, so that an admin can give it a new one.
pub async fn leaked(cx: &mut Cx<'_>, key: &mut Key<'static>, said: &Said) -> Result<(), Problem> {
    let now = cx.now();
    let cut = |text: &Option<String>| text.as_deref().map(|text| Cow::Owned(credential::masked(text)));
    let was_revoked = key.revoked_at.is_some();
    key.leaked_at = Some(now);
    (key.leak_source, key.leak_note) = (cut(&said.source), cut(&said.note));
    key.leak_handled = false;
    key.revoked_at = key.revoked_at.or(Some(now));
    key.state = KeyState::Revoked;
    key.updated_at = now;
    key.version += 1;
    rows::update(cx.conn(), key).await.or_problem()?;
    let (clinic, id) = (key.clinic_id, key.connection_id);
    let connection = connection_rows::get(cx.conn(), clinic, id, now).await.or_problem()?.or_not_found()?;
    let told = key.leak_source.as_deref().or(key.leak_note.as_deref());
    history::note(cx, &connection, What::KeyLeaked, Details::default(), told).await?;
    cx.security_change("key.leaked", Some(clinic), key.id.any());
    let event = |kind| Announcement::new(kind, key.id.any(), key.version).of_clinic(clinic).with("connection_id", id);
    cx.emit(event(&events::LEAKED));
    if !was_revoked {
        cx.emit(event(&events::REVOKED));
    }
    Ok(())
}
