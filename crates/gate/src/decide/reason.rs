//! Why a call was decided as it was.

/// Why it was decided so. The numbers are stored in audit entries and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Reason {
    /// The key exists, is not revoked and has not expired.
    CredentialValid = 1,
    /// The caller runs the server.
    Operator = 2,
    /// The connection is active.
    ConnectionActive = 3,
    /// The clinic takes calls.
    ClinicActive = 4,
    /// The operation is not excluded, and writes are on if it writes.
    OperationAllowed = 5,
    /// The scope is granted.
    ScopeGranted = 6,
    /// The clinic opted in to the primary category for this purpose.
    OptedIn = 7,
    /// Fields of other categories are left out.
    FieldsLeftOut = 8,
    /// The call is within its limits.
    WithinLimits = 9,
    /// A person who is signed in, or just showed to be who they say.
    PersonKnown = 10,
    /// The person's role allows it.
    RoleAllows = 11,
    /// The connection lists the origin of the web page that calls.
    OriginListed = 12,
    /// Anybody may ask for this, and need not say who they are.
    OpenToAnybody = 13,
    /// The call came from where the key and its connection may be used.
    AddressAllowed = 14,
    /// The caller asked what would happen: nothing was changed.
    DryRun = 15,
    /// Fields that clients keep from the caller are left out.
    ClientsKeepFields = 16,
    /// No or no valid credential.
    NoValidCredential = 20,
    /// The budget is spent.
    LimitReached = 21,
    /// The connection is paused, suspended or revoked.
    ConnectionNotActive = 22,
    /// The clinic does not take calls.
    ClinicNotActive = 23,
    /// The operation is excluded.
    OperationExcluded = 24,
    /// Writes are off.
    WritesOff = 25,
    /// The scope is not granted.
    ScopeMissing = 26,
    /// The clinic has not opted in.
    OptInMissing = 27,
    /// Only the operator may.
    OperatorOnly = 28,
    /// The clinic is not within the grant.
    ClinicNotInGrant = 29,
    /// The request itself was wrong.
    RequestRefused = 30,
    /// The operation refused.
    OperationRefused = 31,
    /// The grant changed while the call was under way.
    GrantChanged = 32,
    /// The path leads nowhere, or the transport refused.
    NotRouted = 33,
    /// The person's role does not allow it.
    RoleMissing = 34,
    /// An admin stopped all writes of the clinic.
    WritesStopped = 35,
    /// The connection does not list the origin of the web page that calls.
    OriginNotListed = 36,
    /// The call came from elsewhere than the key or its connection may be used.
    AddressNotAllowed = 37,
    /// The key was revoked, or its connection was.
    KeyRevoked = 38,
    /// The key's time is over.
    KeyExpired = 39,
    /// The key was replaced by another one.
    KeyReplaced = 40,
    /// The clinic's record is being taken in.
    RecordComesIn = 41,
}

impl Reason {
    const ALL: [Self; 38] = [
        Self::CredentialValid,
        Self::Operator,
        Self::ConnectionActive,
        Self::ClinicActive,
        Self::OperationAllowed,
        Self::ScopeGranted,
        Self::OptedIn,
        Self::FieldsLeftOut,
        Self::ClientsKeepFields,
        Self::WithinLimits,
        Self::PersonKnown,
        Self::RoleAllows,
        Self::OriginListed,
        Self::DryRun,
        Self::NoValidCredential,
        Self::LimitReached,
        Self::ConnectionNotActive,
        Self::ClinicNotActive,
        Self::OperationExcluded,
        Self::WritesOff,
        Self::ScopeMissing,
        Self::OptInMissing,
        Self::OperatorOnly,
        Self::ClinicNotInGrant,
        Self::RequestRefused,
        Self::OperationRefused,
        Self::GrantChanged,
        Self::NotRouted,
        Self::RoleMissing,
        Self::WritesStopped,
        Self::OriginNotListed,
        Self::OpenToAnybody,
        Self::AddressAllowed,
        Self::AddressNotAllowed,
        Self::KeyRevoked,
        Self::KeyExpired,
        Self::KeyReplaced,
        Self::RecordComesIn,
    ];

    /// The reason with this stored number.
    pub fn from_stored(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| *reason as u8 == number)
    }

    /// The reason that is told in these words.
    pub fn from_words(words: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.words() == words)
    }

    /// Whether it spoke for the call. Numbers up to 19 are for such reasons.
    pub const fn lets_pass(self) -> bool {
        (self as u8) < Self::NoValidCredential as u8
    }

    /// In plain words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::CredentialValid => "the key is valid",
            Self::Operator => "the caller runs this server",
            Self::ConnectionActive => "the connection is active",
            Self::ClinicActive => "the clinic takes calls",
            Self::OperationAllowed => "the operation is not excluded",
            Self::ScopeGranted => "the scope is granted",
            Self::OptedIn => "the clinic opted in to this category for this purpose",
            Self::FieldsLeftOut => "fields of categories that the clinic did not opt in to are left out",
            Self::ClientsKeepFields => "fields that clients decide about, and do not let this caller see, are left out",
            Self::WithinLimits => "the call is within its limits",
            Self::DryRun => "it was a dry run: nothing was changed",
            Self::NoValidCredential => "no valid credential was shown",
            Self::LimitReached => "the budget for such calls is spent",
            Self::ConnectionNotActive => "the connection is not active",
            Self::ClinicNotActive => "the clinic does not take calls",
            Self::OperationExcluded => "an admin excluded this operation",
            Self::WritesOff => "an admin turned its changes off",
            Self::ScopeMissing => "the scope is not granted",
            Self::OptInMissing => "the clinic has not opted in to this category for this purpose",
            Self::OperatorOnly => "only whoever runs this server may do this",
            Self::ClinicNotInGrant => "the clinic is not within the grant",
            Self::RequestRefused => "the request itself could not be accepted",
            Self::OperationRefused => "a rule of the record refused it",
            Self::GrantChanged => "the grant changed while the call was under way",
            Self::NotRouted => "the request reached no operation",
            Self::PersonKnown => "the person is known",
            Self::RoleAllows => "the person's role allows it",
            Self::RoleMissing => "the person's role does not allow it",
            Self::WritesStopped => "an admin stopped all changes with the emergency switch",
            Self::OriginListed => "web pages of this origin may call with this connection",
            Self::OriginNotListed => "web pages of this origin may not call",
            Self::OpenToAnybody => "anybody may ask for this",
            Self::AddressAllowed => "the call came from an address that is allowed",
            Self::AddressNotAllowed => "the call came from an address that is not allowed",
            Self::KeyRevoked => "the key was revoked",
            Self::KeyExpired => "the key has expired",
            Self::KeyReplaced => "the key was replaced by another one",
            Self::RecordComesIn => "the clinic's record is being taken in",
        }
    }
}
