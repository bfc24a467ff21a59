//! Identifiers of what the gate decides about.

use clinicos_contract::{Id, Kind};

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $id:ident $prefix:literal;)+) => {
        $(
            $(#[$doc])*
            pub enum $kind {}
            impl Kind for $kind {
                const PREFIX: &'static str = $prefix;
            }
            $(#[$doc])*
            pub type $id = Id<$kind>;
        )+
    };
}

kinds! {
    /// A corporate group, or the owner of one clinic.
    OrganizationKind OrganizationId "org";
    /// A place of practice and the tenant of all data.
    ClinicKind ClinicId "cln";
    /// An integration as its developer registers it.
    AppKind AppId "app";
    /// An app at one clinic, with what the clinic granted.
    ConnectionKind ConnectionId "con";
    /// A key of a connection.
    KeyKind KeyId "key";
    /// A person who signs in.
    UserKind UserId "usr";
    /// The time from a sign-in until it ends.
    SessionKind SessionId "ses";
    /// A change of a connection.
    ConnectionChangeKind ConnectionChangeId "chg";
    /// A request, and with another prefix what was decided about it.
    RequestKind RequestId "req";
    /// A decision.
    DecisionKind DecisionId "dec";
    /// An event.
    EventKind EventId "evt";
}
