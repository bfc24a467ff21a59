//! Parts of a member of staff: roles, employment, licenses.

use clinicos_contract::category::Sensitivity;
use clinicos_contract::time::Date;
use clinicos_contract::{Category, Field, Shape};

use crate::{column_words, document_list, object};

const STAFF: Field = Field::of(Category::Staff);

column_words! {
    /// What somebody does at the clinic.
    StaffRole {
        /// A veterinarian.
        Dvm = "dvm",
        /// A veterinarian with a board certification.
        Specialist = "specialist",
        /// A veterinarian in training.
        Intern = "intern",
        /// A veterinarian who stands in.
        ReliefDvm = "relief_dvm",
        /// A technician with a license.
        CredentialedTech = "credentialed_tech",
        /// An assistant.
        Assistant = "assistant",
        /// At the front desk.
        Csr = "csr",
        /// Runs the clinic.
        PracticeManager = "practice_manager",
        /// Looks after the stock.
        InventoryManager = "inventory_manager",
        /// Grooms.
        Groomer = "groomer",
        /// Looks after animals that stay.
        Kennel = "kennel",
        /// Any other office work.
        Admin = "admin",
    }

    /// What somebody may do in the clinic's own system.
    AccessRole {
        /// As a veterinarian.
        Dvm = "dvm",
        /// As the front desk.
        Csr = "csr",
        /// As a veterinary assistant.
        Va = "va",
        /// As a manager.
        Manager = "manager",
        /// As whoever looks after the stock.
        InventoryManager = "inventory_manager",
        /// Everything.
        Admin = "admin",
    }

    /// From where somebody may use the clinic's own system.
    AccessLevel {
        /// From the clinic alone.
        LocalOnly = "local_only",
        /// From anywhere.
        CloudLinked = "cloud_linked",
    }

    /// How somebody is employed.
    Employment {
        /// Full time.
        FullTime = "full_time",
        /// Part time.
        PartTime = "part_time",
        /// Stands in, self-employed (IRS form 1099).
        Relief1099 = "relief_1099",
        /// Stands in, sent by an agency.
        Locum = "locum",
        /// A student.
        Extern = "extern",
    }

    /// Whether somebody works.
    StaffStatus {
        /// Works.
        Active = "active",
        /// Is away for a longer time, and comes back.
        Leave = "leave",
        /// May not work for now.
        Suspended = "suspended",
        /// No longer works here.
        Terminated = "terminated",
    }
}

impl StaffStatus {
    /// What can follow. Who left may be hired again.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Active => &[Self::Leave, Self::Suspended, Self::Terminated],
            Self::Leave | Self::Suspended => &[Self::Active, Self::Leave, Self::Suspended, Self::Terminated],
            Self::Terminated => &[Self::Active],
        }
    }
}

object! {
    /// A license to practice.
    pub struct License as "license" {
        /// Its number.
        number: String, Shape::Text, false = STAFF.required().filled().max(60);
        /// The state, province or country that gave it.
        #[serde(default)]
        state: Option<String>, Shape::Text, true = STAFF.creatable().max(40);
        /// Its last day.
        #[serde(default)]
        expires_on: Option<Date>, Shape::Date, true = STAFF.creatable();
        /// The registration for controlled substances, in the United States with the DEA.
        #[serde(default)]
        dea: Option<String>, Shape::Text, true = STAFF.sensitivity(Sensitivity::Controlled).creatable().max(40);
    }
}

document_list! {
    /// Licenses to practice.
    Licenses of License, Shape::Object(License::SCHEMA)
}
