//! The specification: what may leave, said slowly and plainly, one field at a time. Nothing is worked out ahead,
//! nothing is kept in order, no set has bits. It shares with the program the words of the data alone.

use clinicos_consent::{Rule, Statement, To};
use clinicos_contract::{Category, Timestamp};

use crate::case::Case;

/// Data that tells of a client or of a client's animal.
const TELLS_OF_CLIENTS: [Category; 8] = [
    Category::OwnerContact,
    Category::OwnerFinancial,
    Category::PatientIdentity,
    Category::Clinical,
    Category::Diagnostics,
    Category::Prescriptions,
    Category::Appointments,
    Category::Communications,
];

/// Whether the field may leave.
pub fn may_leave(case: &Case) -> bool {
    if !the_clinic_opted_in(case) {
        return false;
    }
    if case.is_figure || !TELLS_OF_CLIENTS.contains(&case.category) {
        return true;
    }
    if case.rules.exceptions.iter().any(|rule| rule_fits(rule, case)) {
        return true;
    }
    if case.owners.is_empty() {
        return nothing_decided(case);
    }
    case.owners.iter().all(|said| this_owner_allows(said, case))
}

fn the_clinic_opted_in(case: &Case) -> bool {
    for opt_in in &case.opt_ins {
        let has_ended = match opt_in.expires_at {
            Some(end) => case.now >= end,
            None => false,
        };
        if opt_in.category == case.category && opt_in.purpose == case.recipient.purpose && !has_ended {
            return true;
        }
    }
    false
}

fn rule_fits(rule: &Rule, case: &Case) -> bool {
    rule.purposes.contains(case.recipient.purpose)
        && rule.recipients.contains(case.recipient.class)
        && rule.data.contains(case.category)
}

fn nothing_decided(case: &Case) -> bool {
    for rule in &case.rules.defaults {
        if rule_fits(rule, case) {
            return rule.permits;
        }
    }
    false
}

/// The last word counts. Of two words at one moment a no counts; then that of the later record.
fn this_owner_allows(said: &[Statement], case: &Case) -> bool {
    let mut last: Option<&Statement> = None;
    for statement in said {
        if !it_counts(statement, case) {
            continue;
        }
        if last.is_none_or(|last| is_later(statement, last)) {
            last = Some(statement);
        }
    }
    match last {
        None => nothing_decided(case),
        Some(statement) if statement.permits => statement.withdrawn_at.is_none(),
        Some(statement) if statement.withdrawn_at.is_some() => nothing_decided(case),
        Some(_) => false,
    }
}

fn is_later(one: &Statement, other: &Statement) -> bool {
    if moment_of(one) != moment_of(other) {
        return moment_of(one) > moment_of(other);
    }
    if says_no(one) != says_no(other) {
        return says_no(one);
    }
    one.id.bytes > other.id.bytes
}

/// When it was said, or taken back.
fn moment_of(statement: &Statement) -> Timestamp {
    match statement.withdrawn_at {
        Some(moment) => moment,
        None => statement.decided_at,
    }
}

fn says_no(statement: &Statement) -> bool {
    // A refusal that stands, or a permission that does not.
    statement.permits == statement.withdrawn_at.is_some()
}

fn it_counts(statement: &Statement, case: &Case) -> bool {
    it_is_about_this(statement, case) && its_time_has_come(statement, case) && it_was_given_as_it_must(statement, case)
}

fn it_is_about_this(statement: &Statement, case: &Case) -> bool {
    if let Some(patient) = statement.patient
        && case.patient != Some(patient)
    {
        return false;
    }
    let is_a_permission = statement.permits && statement.withdrawn_at.is_none();
    statement.data.contains(case.category)
        && statement.purposes.contains(case.recipient.purpose)
        && (statement.recipients.is_empty() || statement.recipients.iter().any(|to| it_means(to, is_a_permission, case)))
}

fn it_means(to: &To, is_a_permission: bool, case: &Case) -> bool {
    match to {
        To::App(app) => {
            let is_named = |name: &str| app.to_lowercase() == name.to_lowercase();
            let was_named = case.recipient.former_names.iter().any(|name| is_named(name));
            **app == *case.recipient.connection || is_named(&case.recipient.name) || (was_named && !is_a_permission)
        }
        To::Partner(partner) => case.recipient.partner.as_deref() == Some(&**partner),
        To::Class(class) if class.name() == "anyone" => case.recipient.class.name() != "clinic",
        To::Class(class) => class.name() == case.recipient.class.name(),
    }
}

fn its_time_has_come(statement: &Statement, case: &Case) -> bool {
    if statement.withdrawn_at.is_some() {
        return true;
    }
    let has_begun = match statement.from {
        Some(from) => case.now >= from,
        None => true,
    };
    let has_ended = match statement.until {
        Some(until) => case.now >= until,
        None => false,
    };
    has_begun && !has_ended
}

/// A no counts however it was said; so does a word to the clinic itself.
fn it_was_given_as_it_must(statement: &Statement, case: &Case) -> bool {
    if says_no(statement) || !statement.permits || case.recipient.class.name() == "clinic" {
        return true;
    }
    case.rules.methods.contains(statement.method)
        || (statement.has_evidence && case.rules.methods_with_evidence.contains(statement.method))
}
