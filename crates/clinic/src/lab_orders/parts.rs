//! Parts of a laboratory order: by whom it is done, of what, and how soon.

use crate::column_words;

column_words! {
    /// Which laboratory does it.
    LabPlace {
        /// That of the clinic.
        InHouse = "in_house",
        /// Another one.
        Reference = "reference",
    }

    /// What is examined.
    Specimen {
        /// Blood.
        Blood = "blood",
        /// Serum.
        Serum = "serum",
        /// Plasma.
        Plasma = "plasma",
        /// Urine.
        Urine = "urine",
        /// Feces.
        Feces = "feces",
        /// Cells taken with a fine needle.
        Fna = "fna",
        /// Tissue.
        Biopsy = "biopsy",
        /// A swab.
        Swab = "swab",
        /// Fluid of brain and spine.
        Csf = "csf",
        /// Any other.
        Other = "other",
    }

    /// How soon it is needed.
    LabPriority {
        /// In the usual time.
        Routine = "routine",
        /// Sooner.
        Urgent = "urgent",
        /// At once.
        Stat = "stat",
    }
}
