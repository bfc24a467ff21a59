//! Who is connected to the demo's clinic: enough that an admin finds each kind of connection that
//! a real clinic has, one to be proud of and one to be rid of.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// An integration that somebody runs.
pub struct Partner {
    /// What the clinic calls it.
    pub name: &'static str,
    /// Who runs it.
    pub run_by: &'static str,
    /// What its data is used for.
    pub purpose: &'static str,
    /// Why the clinic grants it.
    pub reason: &'static str,
    /// What it may do.
    pub scopes: &'static [&'static str],
    /// When it calls.
    pub habit: Habit,
}

/// When an integration calls, and what for.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Habit {
    /// Each night, what changed in the books; and what is owed, each hour.
    Books,
    /// Each morning, owners and how to reach them.
    Reminders,
    /// While the clinic is open: what is owed, and payments as they come in.
    Till,
    /// Figures each night, and clients, which it was never granted.
    Figures,
    /// In its first days, then never again.
    Forgotten,
    /// Each week, until somebody paused it.
    Paused,
    /// Each night, until somebody revoked it.
    Ended,
}

/// The one whose key is printed.
pub const BOOKS: Partner = Partner {
    name: "Acme Books",
    run_by: "Acme Bookkeeping Ltd.",
    purpose: "payment",
    reason: "Reconciles invoices and payments every night",
    scopes: &["invoices:read", "payments:read"],
    habit: Habit::Books,
};

/// The rest.
pub const OTHERS: &[Partner] = &[
    Partner {
        name: "PetPost Reminders",
        run_by: "PetPost Inc.",
        purpose: "reminders",
        reason: "Reminds owners of vaccinations that are due",
        scopes: &["clients:read"],
        habit: Habit::Reminders,
    },
    Partner {
        name: "Front desk till",
        run_by: "Our own front desk",
        purpose: "payment",
        reason: "Records payments that are taken at the desk",
        scopes: &["clients:read", "invoices:read", "payments:write"],
        habit: Habit::Till,
    },
    Partner {
        name: "Clinic Insights",
        run_by: "Insights Analytics BV",
        purpose: "analytics_aggregate",
        reason: "Monthly figures for the owners' meeting",
        scopes: &["invoices:read"],
        habit: Habit::Figures,
    },
    Partner {
        name: "Old website form",
        run_by: "Bright Web Studio",
        purpose: "service_messaging",
        reason: "Put new clients from the website's form into the system",
        scopes: &["clients:write"],
        habit: Habit::Forgotten,
    },
    Partner {
        name: "MarketMail",
        run_by: "MarketMail Corp.",
        purpose: "marketing",
        reason: "The spring newsletter",
        scopes: &["clients:read"],
        habit: Habit::Paused,
    },
    Partner {
        name: "Ledger & Sons",
        run_by: "Ledger & Sons LLP",
        purpose: "payment",
        reason: "Kept our books until this autumn",
        scopes: &["invoices:read", "payments:read", "clients:read"],
        habit: Habit::Ended,
    },
];

impl Partner {
    /// The body that makes its key.
    pub fn new_key(&self) -> Value {
        json!({
            "name": self.name, "run_by": self.run_by, "purpose": self.purpose, "reason": self.reason, "scopes": self.scopes,
        })
    }
}
