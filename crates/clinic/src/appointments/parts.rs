//! Parts of an appointment: how it was booked, its deposit, and why it was cancelled.

use clinicos_contract::wire::Document;
use clinicos_contract::{Category, Field, Money, Shape, Wire as _};

use crate::ids::PatientId;
use crate::{column_words, document_list, object};

const CALENDAR: Field = Field::of(Category::Appointments);
const FINANCIAL: Field = Field::of(Category::OwnerFinancial);

column_words! {
    /// How an appointment was booked.
    BookingChannel {
        /// By phone.
        Phone = "phone",
        /// On a web page.
        Online = "online",
        /// In an app.
        App = "app",
        /// By coming in.
        WalkIn = "walk_in",
        /// By a referring veterinarian.
        RdvmPortal = "rdvm_portal",
        /// By a program.
        Api = "api",
        /// As an answer to a reminder.
        Recall = "recall",
    }

    /// Where a deposit stands.
    DepositState {
        /// None is asked for.
        None = "none",
        /// It is to be paid.
        Required = "required",
        /// It is paid.
        Paid = "paid",
        /// It was put towards the invoice.
        Applied = "applied",
        /// It went back.
        Refunded = "refunded",
        /// The clinic kept it.
        Forfeited = "forfeited",
    }

    /// Who cancelled.
    CancelledBy {
        /// The client.
        Client = "client",
        /// The clinic.
        Clinic = "clinic",
        /// A program, such as one that clears requests nobody answered.
        System = "system",
    }

    /// Why it was cancelled.
    CancellationReason {
        /// Somebody is ill.
        Sick = "sick",
        /// It costs too much.
        Cost = "cost",
        /// Something else is at that time.
        Conflict = "conflict",
        /// The weather.
        Weather = "weather",
        /// Whom it was booked with is away.
        ProviderAbsent = "provider_absent",
        /// It was booked twice.
        Duplicate = "duplicate",
        /// Any other.
        Other = "other",
    }
}

object! {
    /// What is paid before an appointment.
    pub struct Deposit as "deposit" {
        /// How much.
        amount: Money, Shape::Money, false = FINANCIAL.required().at_least(0);
        /// Where it stands.
        state: DepositState, DepositState::SHAPE, false = FINANCIAL.required();
    }
}

impl Document for Deposit {
    const SHAPE: Shape = Shape::Object(Self::SCHEMA);
    const EMPTY: &'static str = "null";
}

object! {
    /// Why an appointment does not take place.
    pub struct Cancellation as "cancellation" {
        /// Who cancelled.
        by: CancelledBy, CancelledBy::SHAPE, false = CALENDAR.required();
        /// Why.
        #[serde(default)]
        reason: Option<CancellationReason>, CancellationReason::SHAPE, true = CALENDAR.creatable();
        /// Whether it was too late by the clinic's rules.
        #[serde(default)]
        late: bool, Shape::Bool, false = CALENDAR.creatable();
    }
}

impl Document for Cancellation {
    const SHAPE: Shape = Shape::Object(Self::SCHEMA);
    const EMPTY: &'static str = "null";
}

document_list! {
    /// Patients.
    PatientIds of PatientId, PatientId::SHAPE
}
