//! What `include=` can add to records: the ways from one resource to another, in one place, so
//! that folders need not know each other for it.

use clinicos_contract::{Link, Record as _};
use clinicos_gate::Linked;

use crate::clients::model::Client;
use crate::invoices::model::Invoice;
use crate::invoices::model::lines::InvoiceLine;
use crate::payments::model::Payment;
use crate::refunds::model::Refund;
use crate::{clients, invoices, payments, refunds};

static INVOICE_LINES: Linked = Linked {
    link: Link {
        name: "lines",
        doc: "What is charged, in order.",
        reads: "invoices.get",
        schema: InvoiceLine::SCHEMA,
        many: true,
    },
    sql: &invoices::rows::LINES_OF_INVOICES,
    emit: invoices::rows::emit_line,
};

static INVOICE_CLIENT: Linked = Linked {
    link: Link { name: "client", doc: "The client who pays.", reads: "clients.get", schema: Client::SCHEMA, many: false },
    sql: &clients::rows::OF_INVOICES,
    emit: clients::rows::emit,
};

static INVOICE_PAYMENTS: Linked = Linked {
    link: Link {
        name: "payments",
        doc: "The payments that put something towards it, oldest first.",
        reads: "payments.get",
        schema: Payment::SCHEMA,
        many: true,
    },
    sql: &payments::rows::OF_INVOICES,
    emit: payments::rows::emit,
};

static PAYMENT_CLIENT: Linked = Linked {
    link: Link { name: "client", doc: "The client who paid.", reads: "clients.get", schema: Client::SCHEMA, many: false },
    sql: &clients::rows::OF_PAYMENTS,
    emit: clients::rows::emit,
};

static PAYMENT_INVOICES: Linked = Linked {
    link: Link {
        name: "invoices",
        doc: "The invoices that it puts something towards, oldest first and without their lines.",
        reads: "invoices.get",
        schema: Invoice::SCHEMA,
        many: true,
    },
    sql: &invoices::rows::OF_PAYMENTS,
    emit: invoices::rows::emit,
};

static PAYMENT_REFUNDS: Linked = Linked {
    link: Link {
        name: "refunds",
        doc: "What of it went back, oldest first; failed refunds, too.",
        reads: "refunds.get",
        schema: Refund::SCHEMA,
        many: true,
    },
    sql: &refunds::rows::OF_PAYMENTS,
    emit: refunds::rows::emit,
};

static PATIENT_OWNERS: Linked = Linked {
    link: Link {
        name: "owners",
        doc: "The clients whose ownership goes on, in whatever role, in the order of `ownerships`.",
        reads: "clients.get",
        schema: Client::SCHEMA,
        many: true,
    },
    sql: &clients::rows::OF_PATIENTS,
    emit: clients::rows::emit,
};

/// From an invoice.
pub const OF_INVOICES: &[&Link] = &[&INVOICE_LINES.link, &INVOICE_CLIENT.link, &INVOICE_PAYMENTS.link];
/// From a payment.
pub const OF_PAYMENTS: &[&Link] = &[&PAYMENT_CLIENT.link, &PAYMENT_INVOICES.link, &PAYMENT_REFUNDS.link];
/// From a patient.
pub const OF_PATIENTS: &[&Link] = &[&PATIENT_OWNERS.link];

/// All of them.
pub static ALL: &[&Linked] =
    &[&INVOICE_LINES, &INVOICE_CLIENT, &INVOICE_PAYMENTS, &PAYMENT_CLIENT, &PAYMENT_INVOICES, &PAYMENT_REFUNDS, &PATIENT_OWNERS];
