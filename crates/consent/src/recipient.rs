//! Who gets data, and what for.

use clinicos_contract::{Purpose, words};

words! {
    /// A sort of recipients.
    RecipientClass {
        /// The clinic itself, with a program of its own.
        Clinic = "clinic",
        /// Who works for the clinic and on its word alone, such as bookkeeping or hosting.
        ServiceProvider = "service_provider",
        /// Veterinarians who treat the patient.
        TreatingVeterinarian = "treating_veterinarian",
        /// Laboratories.
        Laboratory = "laboratory",
        /// Pharmacies.
        Pharmacy = "pharmacy",
        /// Insurers.
        Insurer = "insurer",
        /// Who carries payments.
        PaymentProvider = "payment_provider",
        /// Who collects debts.
        DebtCollector = "debt_collector",
        /// Who carries messages.
        MessagingProvider = "messaging_provider",
        /// Who computes figures.
        Analytics = "analytics",
        /// Who does research.
        Researcher = "researcher",
        /// Programs that use an AI.
        AiService = "ai_service",
        /// Courts, police and offices that a law lets ask.
        Authority = "authority",
        /// Anybody else outside the clinic; said by a client, everybody outside the clinic.
        Anyone = "anyone",
    }
}

impl RecipientClass {
    /// Every class, in declared order.
    pub const ALL: [Self; 14] = [
        Self::Clinic,
        Self::ServiceProvider,
        Self::TreatingVeterinarian,
        Self::Laboratory,
        Self::Pharmacy,
        Self::Insurer,
        Self::PaymentProvider,
        Self::DebtCollector,
        Self::MessagingProvider,
        Self::Analytics,
        Self::Researcher,
        Self::AiService,
        Self::Authority,
        Self::Anyone,
    ];

    /// Whether it is outside the clinic.
    pub const fn is_outside(self) -> bool {
        !matches!(self, Self::Clinic)
    }
}

macro_rules! bit_set {
    ($(#[$meta:meta])* $name:ident of $item:ty, $all:expr) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
        pub struct $name(u16);

        impl $name {
            /// None.
            pub const NONE: Self = Self(0);

            /// All of them.
            pub fn all() -> Self {
                $all.iter().copied().collect()
            }

            /// The set with one more.
            #[must_use]
            pub const fn with(self, item: $item) -> Self {
                Self(self.0 | 1 << item as u16)
            }

            /// Whether it is in the set.
            pub const fn contains(self, item: $item) -> bool {
                self.0 & (1 << item as u16) != 0
            }

            /// Whether all of another set is in this one.
            pub const fn covers(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// Whether there is nothing in it.
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }
        }

        impl FromIterator<$item> for $name {
            fn from_iter<I: IntoIterator<Item = $item>>(items: I) -> Self {
                items.into_iter().fold(Self::NONE, Self::with)
            }
        }
    };
}
pub(crate) use bit_set;

bit_set! {
    /// A set of purposes.
    PurposeSet of Purpose, Purpose::ALL
}

bit_set! {
    /// A set of classes of recipients.
    ClassSet of RecipientClass, RecipientClass::ALL
}

/// Who gets data, and what for: a connection, as consent sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The id of the connection.
    pub connection: Box<str>,
    /// Its name, as the clinic sees it.
    pub name: Box<str>,
    /// The names that it had before: a refusal that named it so still means it.
    pub former_names: Vec<Box<str>>,
    /// The referral partner that it belongs to, if any: an id.
    pub partner: Option<Box<str>>,
    /// What sort of recipient it is.
    pub class: RecipientClass,
    /// What the data is used for.
    pub purpose: Purpose,
}
