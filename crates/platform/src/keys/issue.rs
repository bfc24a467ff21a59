//! How a key comes to be: one way for all that make one.

use std::borrow::Cow;

use clinicos_contract::wire::Doc;
use clinicos_contract::{Problem, Timestamp, problem};
use clinicos_gate::{Announcement, Caller, ConnectionId, Cx, KeyId, OrNotFound as _, OrProblem as _, credential, keyring};

use super::model::{Key, KeyState};
use super::rows::Existing;
use super::{events, rows};
use crate::connections::addresses;
use crate::connections::model::Names;

/// What a new key is held to.
pub struct Wanted {
    /// What people will call it.
    pub name: String,
    /// The connection that it will act for.
    pub connection: ConnectionId,
    /// The scopes that it is held to; `None` is all of its connection's.
    pub scopes: Option<Names>,
    /// From where it may be used.
    pub allowed: clinicos_gate::addresses::AllowList,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// The key that it replaces.
    pub rotated_from: Option<KeyId>,
    /// Whether other clinics of the organization may let it in, too.
    pub for_organization: bool,
}

/// Makes a key; its secret is in the answer and nowhere else.
pub async fn issue(cx: &mut Cx<'_>, wanted: Wanted) -> Result<Key<'static>, Problem> {
    let secret = credential::generate(cx.services().environment, cx.entropy());
    let hash = keyring::to_hex(&cx.services().keyring.credential_hash(&secret));
    let id = cx.mint();
    let key = keep(cx, wanted, id, &hash, credential::hint(&secret)).await?;
    Ok(Key { secret: Some(Cow::Owned(secret)), ..key })
}

/// Lets a key in that another clinic of the organization made. Nobody here ever sees it.
pub async fn let_in(cx: &mut Cx<'_>, wanted: Wanted, id: KeyId, existing: Existing) -> Result<Key<'static>, Problem> {
    let clinic_count = existing.clinics.len() as i64 + 1;
    let key = keep(cx, wanted, id, &existing.hash, existing.hint).await?;
    Ok(Key { clinic_count, ..key })
}

async fn keep(cx: &mut Cx<'_>, wanted: Wanted, id: KeyId, hash: &str, hint: String) -> Result<Key<'static>, Problem> {
    let key = Key {
        id,
        clinic_id: cx.clinic_id()?,
        connection_id: wanted.connection,
        name: Cow::Owned(wanted.name),
        hint: Cow::Owned(hint),
        state: KeyState::Active,
        secret: None,
        opt_ins: None,
        scopes: wanted.scopes.map(|names| Doc::of(&names)),
        allowed_addresses: addresses::doc(&wanted.allowed),
        expires_at: wanted.expires_at,
        ends_at: None,
        rotated_from: wanted.rotated_from,
        replaced_by: None,
        leaked_at: None,
        leak_source: None,
        leak_note: None,
        leak_handled: false,
        change_reason: None,
        for_organization: wanted.for_organization,
        clinic_count: 1,
        revoked_at: None,
        created_at: cx.now(),
        updated_at: cx.now(),
        version: 1,
    };
    rows::insert(cx.conn(), &key, hash).await.or_problem()?;
    cx.security_change("key.created", Some(key.clinic_id), key.id.any());
    cx.emit(Announcement::new(&events::CREATED, key.id.any(), 1).with("connection_id", key.connection_id));
    Ok(key)
}

/// When a key ends that this caller makes: as asked, and no later than the caller's own key.
pub async fn expiry(cx: &mut Cx<'_>, asked: Option<Timestamp>) -> Result<Option<Timestamp>, Problem> {
    let now = cx.now();
    if asked.is_some_and(|end| end <= now) {
        return Err(Problem::rule("/expires_at", "past", "the key would have expired already"));
    }
    let Caller::Connection { key, .. } = *cx.permit().caller() else { return Ok(asked) };
    let clinic = cx.clinic_id()?;
    let own = rows::get(cx.conn(), clinic, key, now).await.or_problem()?.or_not_found()?;
    let own = [own.expires_at, own.ends_at].into_iter().flatten().min();
    match (asked, own) {
        (Some(end), Some(own)) if end > own => {
            Err(Problem::new(&problem::CANNOT_GRANT, "the key that makes this call expires earlier"))
        }
        (end, own) => Ok(end.or(own)),
    }
}
