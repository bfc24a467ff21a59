//! Parts of a product: lots, and the words that describe it.

use clinicos_contract::time::Date;
use clinicos_contract::{Category, Field, Shape, words};

use crate::{document_list, object};

words! {
    /// What is sold.
    ProductKind {
        /// An examination or other work.
        Service = "service",
        /// A drug.
        Drug = "drug",
        /// A vaccine.
        Vaccine = "vaccine",
        /// Food.
        Food = "food",
        /// Goods.
        Retail = "retail",
        /// A laboratory test.
        LabTest = "lab_test",
        /// Images.
        Imaging = "imaging",
        /// An operation or other procedure.
        Procedure = "procedure",
        /// Boarding.
        Boarding = "boarding",
        /// Grooming.
        Grooming = "grooming",
        /// A fee.
        Fee = "fee",
        /// A wellness plan.
        Plan = "plan",
        /// Several things at one price.
        Package = "package",
        /// What is taken off.
        Discount = "discount",
    }
}

words! {
    /// Which part of the clinic's income something is.
    RevenueCategory {
        /// Examinations.
        Exams = "exams",
        /// Vaccines.
        Vaccines = "vaccines",
        /// Laboratory, in house.
        LabInHouse = "lab_in_house",
        /// Laboratory, sent out.
        LabReference = "lab_reference",
        /// Images.
        Imaging = "imaging",
        /// Operations.
        Surgery = "surgery",
        /// Anesthesia.
        Anesthesia = "anesthesia",
        /// Teeth.
        Dentistry = "dentistry",
        /// Inpatients.
        Hospitalization = "hospitalization",
        /// Emergencies.
        Emergency = "emergency",
        /// Drugs.
        Pharmacy = "pharmacy",
        /// Against parasites.
        ParasitePrevention = "parasite_prevention",
        /// Prescribed food.
        Diet = "diet",
        /// Goods.
        Retail = "retail",
        /// Boarding.
        Boarding = "boarding",
        /// Grooming.
        Grooming = "grooming",
        /// Rehabilitation.
        Rehab = "rehab",
        /// Farewells.
        EuthanasiaAftercare = "euthanasia_aftercare",
        /// Wellness plans.
        WellnessPlan = "wellness_plan",
        /// Specialists.
        Specialty = "specialty",
        /// At a distance.
        Telehealth = "telehealth",
        /// Anything else.
        Other = "other",
    }
}

words! {
    /// How a drug is controlled (21 U.S.C. 812, schedules II to V).
    Schedule {
        /// Not controlled.
        None = "none",
        /// Schedule II.
        Two = "II",
        /// Schedule III.
        Three = "III",
        /// Schedule IV.
        Four = "IV",
        /// Schedule V.
        Five = "V",
    }
}

const INVENTORY: Field = Field::of(Category::Inventory);

object! {
    /// What came in one delivery from one batch of the maker.
    pub struct Lot as "lot" {
        /// The maker's number.
        number: String, Shape::Text, false = INVENTORY.required().max(60);
        /// Its last day of use.
        expires_on: Option<Date>, Shape::Date, true = INVENTORY.creatable();
        /// How much of it is left, in the product's unit.
        quantity: Option<String>, Shape::Decimal, true = INVENTORY.creatable();
    }
}
document_list! {
    /// Lots of a product.
    Lots of Lot, Shape::Object(Lot::SCHEMA)
}
