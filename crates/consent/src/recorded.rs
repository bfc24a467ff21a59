//! Reads what was recorded of a client's decision, and fills in what its words imply.

use clinicos_contract::id::parse_any;
use clinicos_contract::{AnyId, Category, CategorySet, Purpose, Timestamp};
use serde::Deserialize;

use crate::OF_CLIENTS;
use crate::decisions::{Statement, To};
use crate::recipient::{PurposeSet, RecipientClass};
use crate::rules::Method;

/// A consent as it is recorded: words, and lists as JSON.
#[derive(Debug, Clone, Copy)]
pub struct Recorded<'r> {
    /// Its id.
    pub id: &'r str,
    /// The patient that it is about, if it is about one.
    pub patient_id: Option<&'r str>,
    /// What it is about: `data_sharing`, `marketing_sms` and so on.
    pub category: &'r str,
    /// `permit` or `deny`.
    pub decision: &'r str,
    /// Purposes.
    pub purposes: &'r str,
    /// Categories of data.
    pub data_categories: &'r str,
    /// Objects with one of `app`, `partner_id` and `class`.
    pub recipients: &'r str,
    /// From when it holds.
    pub valid_from: Option<Timestamp>,
    /// Until when.
    pub valid_until: Option<Timestamp>,
    /// How the client said so.
    pub method: &'r str,
    /// Whether a document shows it.
    pub has_evidence: bool,
    /// When the client decided.
    pub decided_at: Timestamp,
    /// When the client took it back.
    pub withdrawn_at: Option<Timestamp>,
}

/// Words that a record of consent should not have.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the `{field}` of a consent cannot be read")]
pub struct Unreadable {
    /// Where they stand.
    pub field: &'static str,
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    app: Option<String>,
    #[serde(default)]
    partner_id: Option<String>,
    #[serde(default)]
    class: Option<String>,
}

/// What the words of a consent imply: the purposes, and the data where the client permits.
struct Implied {
    purposes: &'static [Purpose],
    data: CategorySet,
    class: Option<RecipientClass>,
}

const MESSAGES: CategorySet = CategorySet::NONE
    .with(Category::OwnerContact)
    .with(Category::PatientIdentity)
    .with(Category::Appointments)
    .with(Category::Communications);
const PICTURES: CategorySet = CategorySet::NONE.with(Category::PatientIdentity);

/// What each word is about. Care itself — treatment, anesthesia, care by phone — is no use of data: whoever
/// refuses it refuses a thing that is done to an animal.
fn implied(category: &str) -> Option<Implied> {
    let (purposes, data, class): (&'static [Purpose], _, _) = match category {
        "data_sharing" => (&[], OF_CLIENTS, None),
        "marketing_sms" | "marketing_email" => (&[Purpose::Marketing], MESSAGES, None),
        "transactional_sms" => (&[Purpose::Reminders, Purpose::ServiceMessaging], MESSAGES, None),
        "photo_use" => (&[Purpose::Marketing, Purpose::Research], PICTURES, None),
        "research" => (&[Purpose::Research], OF_CLIENTS, None),
        "referral_share" => (&[Purpose::Referral], OF_CLIENTS, None),
        "insurance_share" => (&[Purpose::Insurance], OF_CLIENTS, None),
        "ai_processing" => (Purpose::ALL, OF_CLIENTS, Some(RecipientClass::AiService)),
        _ => return None,
    };
    Some(Implied { purposes, data, class })
}

impl Statement {
    /// What a recorded consent says of data; `None` if nothing.
    ///
    /// # Errors
    /// Words that no consent has.
    pub fn read(recorded: &Recorded<'_>) -> Result<Option<Self>, Unreadable> {
        let Some(implied) = implied(recorded.category) else { return Ok(None) };
        let permits = match recorded.decision {
            "permit" => true,
            "deny" => false,
            _ => return Err(Unreadable { field: "decision" }),
        };
        let purposes: PurposeSet = words(recorded.purposes, "purposes", Purpose::parse)?.into_iter().collect();
        let data: CategorySet = words(recorded.data_categories, "data_categories", Category::parse)?.into_iter().collect();
        Ok(Some(Self {
            id: id(recorded.id).ok_or(Unreadable { field: "id" })?,
            patient: match recorded.patient_id {
                Some(text) => Some(id(text).ok_or(Unreadable { field: "patient_id" })?),
                None => None,
            },
            permits,
            purposes: match (purposes.is_empty(), permits || !implied.purposes.is_empty()) {
                (false, _) => purposes,
                (true, true) => implied.purposes.iter().copied().collect(),
                (true, false) => PurposeSet::all(),
            },
            // Whoever refuses and names no data refuses all of it: what was not said is not taken for a yes.
            data: match (data.is_empty(), permits) {
                (false, _) => data,
                (true, true) => implied.data,
                (true, false) => OF_CLIENTS,
            },
            recipients: recipients(recorded.recipients, implied.class)?,
            from: recorded.valid_from,
            until: recorded.valid_until,
            decided_at: recorded.decided_at,
            withdrawn_at: recorded.withdrawn_at,
            method: Method::parse(recorded.method).ok_or(Unreadable { field: "method" })?,
            has_evidence: recorded.has_evidence,
        }))
    }
}

impl Statement {
    /// What stands for a consent that cannot be read: whatever it says, nothing leaves by it.
    pub fn unreadable(id: AnyId, decided_at: Timestamp) -> Self {
        Self {
            id,
            patient: None,
            permits: false,
            purposes: PurposeSet::all(),
            data: OF_CLIENTS,
            recipients: Vec::new(),
            from: None,
            until: None,
            decided_at,
            withdrawn_at: None,
            method: Method::Import,
            has_evidence: false,
        }
    }
}

fn recipients(text: &str, implied: Option<RecipientClass>) -> Result<Vec<To>, Unreadable> {
    const FIELD: Unreadable = Unreadable { field: "recipients" };
    let named: Vec<Named> = serde_json::from_str(text).map_err(|_| FIELD)?;
    let mut all = Vec::with_capacity(named.len());
    for one in named {
        all.push(match one {
            Named { app: Some(app), .. } => To::App(app.into()),
            Named { partner_id: Some(partner), .. } => To::Partner(partner.into()),
            Named { class: Some(class), .. } => To::Class(RecipientClass::parse(&class).ok_or(FIELD)?),
            Named { .. } => return Err(FIELD),
        });
    }
    if all.is_empty() {
        all.extend(implied.map(To::Class));
    }
    Ok(all)
}

fn words<T>(text: &str, field: &'static str, parse: fn(&str) -> Option<T>) -> Result<Vec<T>, Unreadable> {
    let names: Vec<String> = serde_json::from_str(text).map_err(|_| Unreadable { field })?;
    names.iter().map(|name| parse(name).ok_or(Unreadable { field })).collect()
}

fn id(text: &str) -> Option<AnyId> {
    const KINDS: [&str; 2] = ["cns", "pat"];
    let (prefix, bytes) = parse_any(text)?;
    KINDS.into_iter().find(|kind| *kind == prefix).map(|prefix| AnyId { prefix, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Recorded<'static> = Recorded {
        id: "cns_01jd3vq9z4e8rb6k0w2m5x7t1c",
        patient_id: None,
        category: "data_sharing",
        decision: "permit",
        purposes: r#"["treatment"]"#,
        data_categories: "[]",
        recipients: "[]",
        valid_from: None,
        valid_until: None,
        method: "signed",
        has_evidence: false,
        decided_at: Timestamp::from_micros(1),
        withdrawn_at: None,
    };

    #[test]
    fn care_says_nothing_of_data() {
        for category in ["treatment", "anesthesia", "telehealth"] {
            assert_eq!(Statement::read(&Recorded { category, ..NOTHING }), Ok(None));
        }
    }

    #[test]
    fn whoever_refuses_and_names_no_data_refuses_all_of_it() {
        let read = |decision| Statement::read(&Recorded { category: "transactional_sms", decision, ..NOTHING }).unwrap().unwrap();
        assert_eq!(read("deny").data, OF_CLIENTS);
        assert_eq!(read("permit").data, MESSAGES);
    }

    #[test]
    fn purposes_and_recipients_are_implied_where_none_are_named() {
        let research = Recorded { category: "research", purposes: "[]", ..NOTHING };
        let read = Statement::read(&research).unwrap().unwrap();
        assert_eq!(read.purposes, PurposeSet::NONE.with(Purpose::Research));
        let ai = Recorded { category: "ai_processing", purposes: "[]", ..NOTHING };
        let read = Statement::read(&ai).unwrap().unwrap();
        assert_eq!((read.purposes, read.recipients), (PurposeSet::all(), vec![To::Class(RecipientClass::AiService)]));
        let named = Recorded { recipients: r#"[{"app":"Acme"},{"class":"laboratory"}]"#, ..ai };
        let read = Statement::read(&named).unwrap().unwrap();
        assert_eq!(read.recipients, [To::App("Acme".into()), To::Class(RecipientClass::Laboratory)]);
    }

    #[test]
    fn words_that_nobody_knows_are_told() {
        let field = |recorded: Recorded<'_>| Statement::read(&recorded).unwrap_err().field;
        assert_eq!(field(Recorded { purposes: r#"["fun"]"#, ..NOTHING }), "purposes");
        assert_eq!(field(Recorded { decision: "maybe", ..NOTHING }), "decision");
        assert_eq!(field(Recorded { recipients: r#"[{}]"#, ..NOTHING }), "recipients");
        assert_eq!(field(Recorded { method: "sung", ..NOTHING }), "method");
        assert_eq!(field(Recorded { id: "cns_1", ..NOTHING }), "id");
    }
}
