//! What kind of data a field holds, how sensitive it is, and what data may be used for.

use serde::{Deserialize, Serialize};

macro_rules! named_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal, $words:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every value, in declared order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];
            /// Every name with what it covers, in declared order.
            pub const WORDS: &'static [crate::schema::Word] =
                &[$(crate::schema::Word { name: $text, doc: $words },)+];
            /// Every name, in declared order.
            pub const NAMES: &'static [&'static str] = &[$($text,)+];

            /// The name in the API.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// What it covers, in plain words for a clinic's admin.
            pub const fn words(self) -> &'static str {
                match self { $(Self::$variant => $words,)+ }
            }

            /// Reads the name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == name)
            }
        }
    };
}

named_enum! {
    /// The category of data that a field belongs to. A clinic opts in by category.
    Category {
        /// Identifiers, versions and times.
        RecordSystem = "record_system", "identifiers, versions and times of records";
        /// The clinic's own details.
        Practice = "practice", "the clinic's own details, such as name, address and opening hours";
        /// How to reach an owner.
        OwnerContact = "owner_contact", "names, addresses, phone numbers and e-mail addresses of pet owners";
        /// What an owner owes and paid.
        OwnerFinancial = "owner_financial", "invoices, payments and balances of pet owners";
        /// Which animal it is.
        PatientIdentity = "patient_identity", "names, species, breeds and microchips of patients";
        /// Medical records.
        Clinical = "clinical", "medical notes, diagnoses and treatments";
        /// Laboratory and imaging.
        Diagnostics = "diagnostics", "laboratory results and images";
        /// Drugs.
        Prescriptions = "prescriptions", "prescriptions and dispensed drugs";
        /// The calendar.
        Appointments = "appointments", "appointments and the calendar";
        /// Messages.
        Communications = "communications", "messages with pet owners and partners";
        /// People who work at the clinic.
        Staff = "staff", "people who work at the clinic, and their shifts";
        /// Products and stock.
        Inventory = "inventory", "products, prices and stock";
        /// Figures without persons.
        Aggregates = "aggregates", "figures about the whole clinic, without persons";
    }
}

named_enum! {
    /// What data is used for. A connection has one; opt-ins and consents are given for it.
    Purpose {
        /// Care of the animal.
        Treatment = "treatment", "to treat patients";
        /// Work sent between practices.
        Referral = "referral", "to refer patients between practices";
        /// Billing and bookkeeping.
        Payment = "payment", "to bill, collect and keep the books";
        /// Recalls.
        Reminders = "reminders", "to remind owners of what is due";
        /// Messages about a service the owner asked for.
        ServiceMessaging = "service_messaging", "to message owners about their visits";
        /// Advertising.
        Marketing = "marketing", "to advertise to owners";
        /// Figures without persons.
        AnalyticsAggregate = "analytics_aggregate", "to compute figures without persons";
        /// Figures that can name persons.
        AnalyticsIdentified = "analytics_identified", "to compute figures that can name persons";
        /// Studies.
        Research = "research", "for research";
        /// Claims.
        Insurance = "insurance", "to settle insurance claims";
        /// Duties by law.
        Legal = "legal", "to fulfil a duty by law";
        /// Running the clinic: the purpose of an admin's own tools.
        Operations = "operations", "to run the clinic";
    }
}

named_enum! {
    /// How much harm a field could do in the wrong hands.
    Sensitivity {
        /// Anyone may know.
        Public = "public", "public";
        /// Needed to operate.
        Operational = "operational", "operational";
        /// About a person.
        Personal = "personal", "personal";
        /// About an animal's health.
        Clinical = "clinical", "clinical";
        /// About money.
        Financial = "financial", "financial";
        /// Controlled substances.
        Controlled = "controlled", "controlled substances";
        /// For the clinic's own eyes.
        Internal = "internal", "internal to the clinic";
    }
}

/// A set of categories.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct CategorySet(u16);

impl CategorySet {
    /// No category.
    pub const NONE: Self = Self(0);

    /// All categories.
    pub const ALL: Self = Self((1 << Category::ALL.len()) - 1);

    /// The set with one more category.
    #[must_use]
    pub const fn with(self, category: Category) -> Self {
        Self(self.0 | 1 << category as u16)
    }

    /// Adds a category.
    pub const fn insert(&mut self, category: Category) {
        *self = self.with(category);
    }

    /// Adds all of another set.
    pub const fn extend(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether the category is in the set.
    pub const fn contains(self, category: Category) -> bool {
        self.0 & (1 << category as u16) != 0
    }

    /// What is in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in either set.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether there is nothing in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of another set is in this one.
    pub const fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// As a number, one bit for each category in declared order.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// From that number.
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits & Self::ALL.0)
    }

    /// The categories in declared order.
    pub fn iter(self) -> impl Iterator<Item = Category> {
        Category::ALL.iter().copied().filter(move |category| self.contains(*category))
    }
}

impl FromIterator<Category> for CategorySet {
    fn from_iter<I: IntoIterator<Item = Category>>(categories: I) -> Self {
        categories.into_iter().fold(Self::NONE, Self::with)
    }
}
