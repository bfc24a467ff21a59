//! What a column can become, in words, and the names that other systems give it.

use super::targets::{CLIENTS, INVOICES, LINES, PATIENTS, PAYMENTS, PRODUCTS};

/// What the records of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// Pet owners.
    Clients,
    /// Animals.
    Patients,
    /// Goods and services.
    Products,
    /// Invoices, without their lines.
    Invoices,
    /// Lines of invoices.
    Lines,
    /// What was paid.
    Payments,
}

/// Something that a column can become.
#[derive(Debug, PartialEq, Eq)]
pub struct Target {
    /// Its name among those of its kind.
    pub name: &'static str,
    /// The way to it in a row: `address.line1`.
    pub path: &'static str,
    /// What it is, for people.
    pub says: &'static str,
    /// What others call it, in lower case and without anything but letters and figures.
    pub names: &'static [&'static str],
    /// Words that tell of it where they stand among others.
    pub among: &'static [&'static str],
    /// Whether there is no record without it.
    pub needed: bool,
    /// How it is written into a mapping.
    pub form: Form,
}

/// How a target is written into a mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The column, as it is.
    Plain,
    /// The column, or this where it is empty.
    Otherwise(&'static str),
    /// An amount of money.
    Amount {
        /// What an empty cell means.
        default: Option<&'static str>,
    },
    /// A number.
    Quantity {
        /// What an empty cell means.
        default: Option<&'static str>,
    },
    /// A day.
    Day {
        /// Whether an empty cell leaves it to the clinic.
        optional: bool,
    },
    /// What is taken off a line as a share of its price: 0.15, or 15 of a hundred.
    Share {
        /// Whether it is of a hundred.
        of_hundred: bool,
    },
    /// Nothing: what the column says is in other figures already.
    Nothing,
    /// Words that stand for others.
    Words {
        /// Words in lower case, and what they become.
        words: &'static [(&'static str, &'static str)],
        /// What any other word becomes; empty if no other can be taken.
        otherwise: &'static str,
    },
    /// Part of the one line of an invoice that has a record to itself.
    Line,
    /// The name of a person, given and family in one.
    FullName,
    /// A phone of a kind.
    Phone(&'static str),
    /// One of several, such as e-mail addresses.
    Item,
    /// A record of a list that has this member, and others besides.
    Member {
        /// The member.
        member: &'static str,
        /// The others, as they stand in a mapping.
        others: &'static str,
    },
}

impl Form {
    /// Whether several columns can fill it together.
    pub const fn is_list(self) -> bool {
        matches!(self, Self::Phone(_) | Self::Item)
    }
}

impl Target {
    /// Whether a record cannot have both: a name in one, and a part of it by itself.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        let parts = ["given_name", "family_name"];
        let is_beside = |whole: &Self, part: &Self| whole.form == Form::FullName && parts.contains(&part.name);
        let is_same_path = self.path == other.path && ["discount", "active"].contains(&self.path) && self.name != other.name;
        is_same_path || is_beside(self, other) || is_beside(other, self)
    }
}

impl What {
    /// All of them, in the order in which they are imported.
    pub const ALL: [Self; 6] = [Self::Clients, Self::Patients, Self::Products, Self::Invoices, Self::Lines, Self::Payments];

    /// As a mapping names it; lines are parts of invoices.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clients => "clients",
            Self::Patients => "patients",
            Self::Products => "products",
            Self::Invoices => "invoices",
            Self::Lines => "lines",
            Self::Payments => "payments",
        }
    }

    /// The one of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.name() == name)
    }

    /// For people.
    pub const fn says(self) -> &'static str {
        match self {
            Self::Clients => "clients: pet owners",
            Self::Patients => "patients: animals",
            Self::Products => "products: goods and services",
            Self::Invoices => "invoices, one in each row of the file",
            Self::Lines => "lines of the invoices: what was charged",
            Self::Payments => "payments",
        }
    }

    /// What its columns can become.
    pub fn targets(self) -> &'static [Target] {
        match self {
            Self::Clients => CLIENTS,
            Self::Patients => PATIENTS,
            Self::Products => PRODUCTS,
            Self::Invoices => INVOICES,
            Self::Lines => LINES,
            Self::Payments => PAYMENTS,
        }
    }

    /// What one is called elsewhere: columns and files are named for it.
    pub(super) const fn called(self) -> &'static [&'static str] {
        match self {
            Self::Clients => &["client", "owner", "customer", "cust"],
            Self::Patients => &["patient", "pet", "animal"],
            Self::Products => &["product", "service", "item", "inventory", "article"],
            Self::Invoices => &["invoice", "bill", "order"],
            Self::Lines => &["line", "detail", "invoiceitem", "orderitem", "billitem", "charge"],
            Self::Payments => &["payment", "receipt"],
        }
    }
}
