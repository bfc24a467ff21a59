//! Parts of an imaging study.

use crate::column_words;

column_words! {
    /// How images are made.
    Modality {
        /// X-rays.
        Xr = "xr",
        /// Ultrasound.
        Us = "us",
        /// Computed tomography.
        Ct = "ct",
        /// Magnetic resonance.
        Mri = "mri",
        /// A camera inside the body.
        Endo = "endo",
        /// Moving X-rays.
        Fluoro = "fluoro",
        /// Scintigraphy and other nuclear medicine.
        Nm = "nm",
        /// X-rays of teeth.
        Dental = "dental",
    }
}
