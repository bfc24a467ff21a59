//! Identifiers of the records of this crate. Those of organizations and clinics are the gate's.

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
    /// What went back of a payment.
    RefundKind RefundId "rfd";
    /// A batch of synthetic records.
    SyntheticBatchKind SyntheticBatchId "syn";
}
