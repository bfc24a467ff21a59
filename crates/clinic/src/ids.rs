//! Identifiers of the records of this crate. Those of organizations and clinics are the gate's.

use clinicos_contract::{AnyId, Id, Kind};

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

        /// Reads an id of any kind.
        pub fn any(text: &str) -> Option<AnyId> {
            let (prefix, bytes) = clinicos_contract::id::parse_any(text)?;
            let prefix = [$($kind::PREFIX,)+].into_iter().find(|known| *known == prefix)?;
            Some(AnyId { prefix, bytes })
        }
    };
}

kinds! {
    /// A pet owner.
    ClientKind ClientId "cli";
    /// A patient.
    PatientKind PatientId "pat";
    /// A product or service.
    ProductKind ProductId "prd";
    /// An invoice.
    InvoiceKind InvoiceId "inv";
    /// A line of an invoice.
    InvoiceLineKind InvoiceLineId "lin";
    /// A payment.
    PaymentKind PaymentId "pay";
    /// A batch of rows that were imported.
    ImportBatchKind ImportBatchId "imb";
    /// What went back of a payment.
    RefundKind RefundId "rfd";
    /// A batch of synthetic records.
    SyntheticBatchKind SyntheticBatchId "syn";
}
