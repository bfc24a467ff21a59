//! Identifiers of the records of this crate. Those of organizations and clinics are the gate's.

use clinicos_contract::{AnyId, Id, Kind};

/// Where records of a kind are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Home {
    /// The table, with `clinic_id`, `id` and `deleted_at`.
    pub table: &'static str,
    /// What one of them is called.
    pub singular: &'static str,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $id:ident $prefix:literal $(: $singular:literal in $table:literal)?;)+) => {
        $(
            $(#[$doc])*
            pub enum $kind {}
            impl Kind for $kind {
                const PREFIX: &'static str = $prefix;
            }
            $(#[$doc])*
            pub type $id = Id<$kind>;
        )+

        /// Where records of a kind are, if other records can name them.
        pub fn home(prefix: &str) -> Option<Home> {
            match prefix {
                $($($prefix => Some(Home { table: $table, singular: $singular }),)?)+
                _ => None,
            }
        }

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
    ClientKind ClientId "cli": "client" in "clients";
    /// A patient.
    PatientKind PatientId "pat": "patient" in "patients";
    /// A product or service.
    ProductKind ProductId "prd": "product" in "products";
    /// An invoice.
    InvoiceKind InvoiceId "inv": "invoice" in "invoices";
    /// A line of an invoice.
    InvoiceLineKind InvoiceLineId "lin";
    /// A payment.
    PaymentKind PaymentId "pay": "payment" in "payments";
    /// A batch of rows that were imported.
    ImportBatchKind ImportBatchId "imb";
    /// An export of a clinic's record.
    ExportKind ExportId "exp";
    /// A record that was exported elsewhere, on its way in.
    RecordImportKind RecordImportId "rim";
    /// Lines of it that were taken in.
    RecordBatchKind RecordBatchId "rib";
    /// What went back of a payment.
    RefundKind RefundId "rfd": "refund" in "refunds";
    /// A batch of synthetic records.
    SyntheticBatchKind SyntheticBatchId "syn";
    /// What appointments are made for.
    AppointmentTypeKind AppointmentTypeId "aty": "appointment type" in "appointment_types";
    /// A booked time.
    AppointmentKind AppointmentId "apt": "appointment" in "appointments";
    /// One animal's stay.
    VisitKind VisitId "vis": "visit" in "visits";
    /// What was measured of a patient at one time.
    VitalsKind VitalsId "vit": "set of vitals" in "vitals";
    /// What a patient has, or may have.
    DiagnosisKind DiagnosisId "dia": "diagnosis" in "diagnoses";
    /// What is done for a patient.
    TreatmentKind TreatmentId "trt": "treatment" in "treatments";
    /// A drug that is prescribed.
    PrescriptionKind PrescriptionId "rxp": "prescription" in "prescriptions";
    /// A vaccine that was given.
    VaccinationKind VaccinationId "vac": "vaccination" in "vaccinations";
    /// What a laboratory is asked for.
    LabOrderKind LabOrderId "lab": "laboratory order" in "lab_orders";
    /// What a laboratory found.
    LabResultKind LabResultId "lrs": "laboratory result" in "lab_results";
    /// Images of one examination.
    ImagingStudyKind ImagingStudyId "img": "imaging study" in "imaging_studies";
    /// What care may cost.
    EstimateKind EstimateId "est": "estimate" in "estimates";
    /// Goods that came or went.
    StockMovementKind StockMovementId "stk": "stock movement" in "stock_movements";
    /// A person who works at the clinic.
    StaffKind StaffId "stf": "member of staff" in "staff";
    /// When somebody works.
    ShiftKind ShiftId "shf": "shift" in "shifts";
    /// When somebody or a room can be booked.
    AvailabilityKind AvailabilityId "avl": "availability" in "availability";
    /// When somebody is away.
    TimeOffKind TimeOffId "tof": "time off" in "time_off";
    /// A message.
    MessageKind MessageId "msg": "message" in "messages";
    /// What an owner should be reminded of.
    ReminderKind ReminderId "rem": "reminder" in "reminders";
    /// A file.
    DocumentKind DocumentId "doc": "document" in "documents";
    /// A practice that refers patients, or is referred to.
    ReferralPartnerKind ReferralPartnerId "rpt": "referral partner" in "referral_partners";
    /// Work that one practice sends to another.
    ReferralKind ReferralId "ref": "referral case" in "referrals";
    /// What a client allows or denies.
    ConsentKind ConsentId "cns": "consent" in "consents";
    /// What a payment provider paid out, or a day's till.
    PayoutKind PayoutId "pyo": "payout" in "payouts";
    /// Balanced debits and credits.
    JournalEntryKind JournalEntryId "jrn": "journal entry" in "journal_entries";
}
