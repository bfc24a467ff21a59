//! The door, as everything that comes in sees it.

use std::collections::HashSet;

use futures_util::future::BoxFuture;

use crate::catalogue::Catalogue;
use crate::ids::{SessionId, UserId};
use crate::request::{Answer, Credential, Origin, RawAnswer, RawRefusal, Request};
use crate::services::Services;

/// The one way in. HTTP, consoles, agents and automations hold it as `Arc<dyn Door>`.
pub trait Door: Send + Sync {
    /// Runs a call, or refuses it. Either way the answer has its audit entry on disk.
    fn call(&self, request: Request) -> BoxFuture<'_, Answer>;
    /// Refuses for an adapter: a route that does not exist, a body that is too large.
    fn refuse(&self, refusal: RawRefusal) -> BoxFuture<'_, Answer>;
    /// Journals an answer that no operation gives: documents and pages.
    fn account(&self, answer: RawAnswer) -> BoxFuture<'_, Answer>;
    /// Tells a browser whether pages of an origin may call at all. It carries no credential, so the
    /// call itself is decided when it comes.
    fn preflight(&self, origin: Origin) -> BoxFuture<'_, Answer>;
    /// Whether a credential is known, so that reading a body for it is worth the memory. It
    /// decides nothing: the call itself does.
    fn knows(&self, credential: &Credential) -> bool;
    /// Whose session a credential is, or was as long as that is known. It decides nothing.
    fn user_of(&self, credential: &Credential) -> Option<UserId>;
    /// The sessions of a person that are not over: by their end, by lying idle, or by somebody. For a page
    /// that lists them; what lies idle is known here alone.
    fn living_sessions(&self, user: UserId) -> HashSet<SessionId>;
    /// Charges an address before anybody is known; the refusal, if its budget is spent.
    fn charge_address(&self, address: std::net::IpAddr) -> Result<(), clinicos_contract::Problem>;
    /// The refusal, if the budget is spent of those who show nothing and come from this address: no
    /// body is read for it. It charges nothing: the call itself does.
    fn has_room_for_stranger(&self, address: Option<std::net::IpAddr>) -> Result<(), clinicos_contract::Problem>;
    /// Whether calls can be answered: the journal can be written.
    fn is_ready(&self) -> bool;
    /// Every operation.
    fn catalogue(&self) -> &Catalogue;
    /// What does not change while the server runs.
    fn services(&self) -> &Services;
}
