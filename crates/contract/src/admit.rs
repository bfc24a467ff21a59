//! Checks a body against its schema, and names every field that is wrong.
//!
//! What passes here deserializes into the operation's typed input: shapes, required and
//! read-only fields, lengths and formats are settled. Rules that need other records are not.

use serde_json::{Map, Value};

use crate::category::CategorySet;
use crate::json::escape;
use crate::money::{AMOUNT_MAX, Currency};
use crate::nearest::did_you_mean;
use crate::problem::{FieldError, Problem};
use crate::schema::{Body, Field, Presence, Schema, Shape, Verb};
use crate::time::{Timestamp, date_flaw, is_time_zone, parse_date};
use crate::web_origin::{ORIGIN_CHARS_MAX, is_web_origin};

/// Most errors that one answer lists.
const ERRORS_MAX: usize = 50;

/// Errors of which an answer tells the name that was meant.
const SUGGESTIONS_MAX: usize = 10;

/// Checks a body. `visible` are the categories that the caller may see: writing a field of
/// another one is refused, because the answer could tell what was there.
pub fn check_body(body: &Body, value: &Value, visible: CategorySet) -> Result<(), Problem> {
    let Value::Object(members) = value else {
        return Err(Problem::fields(vec![FieldError::new("", "type", "must be an object")]));
    };
    let mut check = Check { errors: Vec::new(), by_external_id: false, standing: false };
    check.object("", body.schema, body.verb, members);
    if !check.errors.is_empty() {
        return Err(Problem::fields(check.errors));
    }
    for name in members.keys() {
        if let Some((_, field)) = body.schema.field(name)
            && !visible.contains(field.category)
        {
            return Err(Problem::hidden_field(name, field.category));
        }
    }
    Ok(())
}

/// The member of a row that is its identifier in the other system.
pub const ROW_KEY: &str = "external_id";
/// Most characters of an identifier of another system.
pub const EXTERNAL_ID_CHARS_MAX: usize = 200;

/// Checks one row of an import against the schema that its create body has: what is wrong with it,
/// as pointers into the row, and the places of the fields that it names, a bit for each.
pub fn check_row(schema: &'static Schema, row: &Value) -> (Vec<FieldError>, u64) {
    let mut check = Check { errors: Vec::new(), by_external_id: true, standing: false };
    let Value::Object(members) = row else {
        check.wrong("", "type", "must be an object");
        return (check.errors, 0);
    };
    match members.get(ROW_KEY) {
        None => check.wrong("/external_id", "required", "must be given"),
        Some(key) => check.external_id("/external_id", key),
    }
    check.object("", schema, Verb::Create, members);
    let places = members.keys().filter_map(|name| schema.field(&own_name(name)));
    (check.errors, places.fold(0, |bits, (place, _)| bits | 1 << (place & 63)))
}

/// Refuses rows that name a field of a category that the caller may not see.
pub fn check_named(schema: &'static Schema, named: u64, visible: CategorySet) -> Result<(), Problem> {
    let fields = schema.fields.iter().enumerate().filter(|(place, _)| named & (1 << (place & 63)) != 0);
    match fields.map(|(_, field)| field).find(|field| !visible.contains(field.category)) {
        Some(hidden) => Err(Problem::hidden_field(hidden.name, hidden.category)),
        None => Ok(()),
    }
}

/// The field that a member of a row speaks of: `client_external_id` stands for `client_id`.
pub fn own_name(member: &str) -> std::borrow::Cow<'_, str> {
    match member.strip_suffix("_external_id") {
        Some(stem) => format!("{stem}_id").into(),
        None => member.into(),
    }
}

struct Check {
    errors: Vec<FieldError>,
    /// Whether an `…_external_id` may stand in place of an `…_id`.
    by_external_id: bool,
    /// Whether it is about a record as it stands: fields that nobody sets are there, too.
    standing: bool,
}

impl Check {
    fn wrong(&mut self, pointer: &str, code: &'static str, detail: impl Into<String>) {
        if self.errors.len() < ERRORS_MAX {
            self.errors.push(FieldError::new(pointer, code, detail));
        }
    }

    /// Names are compared while there are few errors: who sends thousands of wrong names is not helped.
    fn unknown<'n>(&mut self, pointer: &str, name: &str, known: impl IntoIterator<Item = &'n str>) {
        let helps = self.errors.len() < SUGGESTIONS_MAX;
        let meant = if helps { did_you_mean(name, known) } else { String::new() };
        self.wrong(pointer, "unknown", format!("there is no such field{meant}"));
    }

    fn object(&mut self, at: &str, schema: &'static Schema, verb: Verb, members: &Map<String, Value>) {
        for (name, value) in members {
            let pointer = format!("{at}/{}", escape(name));
            match schema.field(name) {
                None if self.by_external_id && at.is_empty() && name == ROW_KEY => {}
                None if self.by_external_id && is_reference(schema, verb, name) => {
                    self.external_id(&pointer, value);
                    if members.contains_key(&*own_name(name)) {
                        self.wrong(&pointer, "repeated", format!("stands in place of `{}`; give one of the two", own_name(name)));
                    }
                }
                None => {
                    let known = schema.fields.iter().filter(|field| self.presence(at, field, verb) != Presence::Never);
                    let known: Vec<&Field> = known.collect();
                    self.unknown(&pointer, name, known.into_iter().map(|field| field.name));
                }
                Some((_, field)) => match self.presence(at, field, verb) {
                    Presence::Never => self.wrong(&pointer, "read_only", read_only(field, verb)),
                    presence => self.member(&pointer, field, presence, value),
                },
            }
        }
        for field in schema.fields {
            if self.presence(at, field, verb) == Presence::Required
                && !members.contains_key(field.name)
                && !self.is_referred(field, members)
            {
                self.wrong(&format!("{at}/{}", field.name), "required", "must be given");
            }
        }
    }

    fn is_referred(&self, field: &Field, members: &Map<String, Value>) -> bool {
        let stem = field.name.strip_suffix("_id").filter(|_| self.by_external_id && matches!(field.shape, Shape::Id(_)));
        stem.is_some_and(|stem| members.contains_key(&format!("{stem}_external_id")))
    }

    fn external_id(&mut self, at: &str, value: &Value) {
        match value.as_str() {
            None => self.wrong(at, "type", "must be a text"),
            Some("") => self.wrong(at, "empty", "must not be empty"),
            Some(text) if text.chars().count() > EXTERNAL_ID_CHARS_MAX => {
                self.wrong(at, "too_long", format!("must have at most {EXTERNAL_ID_CHARS_MAX} characters"));
            }
            Some(text) => {
                if let Err((code, expected)) = check_plain(text) {
                    self.wrong(at, code, expected);
                }
            }
        }
    }

    fn member(&mut self, at: &str, field: &Field, presence: Presence, value: &Value) {
        if value.is_null() {
            let removable = field.nullable && (self.standing || presence == Presence::Optional);
            if !removable {
                self.wrong(at, "type", format!("must be {}, not null", words(&field.shape)));
            }
            return;
        }
        self.value(at, &field.shape, field, value);
    }

    fn value(&mut self, at: &str, shape: &Shape, field: &Field, value: &Value) {
        match (shape, value) {
            (Shape::List(inner), Value::Array(items)) => self.list(at, inner, field, items),
            (Shape::Rows(_), Value::Array(rows)) if rows.len() <= field.max as usize => {}
            (Shape::Rows(_), Value::Array(_)) => self.wrong(at, "too_long", format!("must have at most {} rows", field.max)),
            (Shape::Object(schema) | Shape::Record(schema), Value::Object(members)) => {
                // What stands inside a member is given whole, also in a patch.
                self.object(at, schema, Verb::Create, members);
            }
            (Shape::Money, Value::Object(members)) => self.money(at, field, members),
            (Shape::IntMap(names), Value::Object(members)) => self.int_map(at, names, field, members),
            (Shape::Int, Value::Number(number)) => match number.as_i64() {
                Some(int) => self.int(at, field, int),
                None => self.wrong(at, "type", "must be an integer"),
            },
            (Shape::Bool, Value::Bool(_)) => {}
            (shape, Value::String(text)) if is_textual(shape) => self.text(at, shape, field, text),
            _ => self.wrong(at, "type", format!("must be {}", words(shape))),
        }
    }

    fn list(&mut self, at: &str, inner: &Shape, field: &Field, items: &[Value]) {
        if items.len() > field.max as usize && !self.standing {
            self.wrong(at, "too_long", format!("must have at most {} items", field.max));
            return;
        }
        for (index, item) in items.iter().enumerate() {
            if field.distinct && !self.standing && items.iter().take(index).any(|earlier| earlier == item) {
                self.wrong(&format!("{at}/{index}"), "repeated", "stands in the list already");
            }
            self.value(&format!("{at}/{index}"), inner, field, item);
        }
    }

    fn int(&mut self, at: &str, field: &Field, int: i64) {
        let least = self.least(field);
        if int < least || int > AMOUNT_MAX {
            self.wrong(at, "range", format!("must be between {least} and {AMOUNT_MAX}"));
        }
    }

    fn money(&mut self, at: &str, field: &Field, members: &Map<String, Value>) {
        for name in members.keys().filter(|name| !["amount", "currency"].contains(&name.as_str())) {
            self.unknown(&format!("{at}/{}", escape(name)), name, ["amount", "currency"]);
        }
        match members.get("amount").map(Value::as_i64) {
            Some(Some(amount)) => self.amount(&format!("{at}/amount"), field, amount, members.get("currency")),
            Some(None) => self.wrong(&format!("{at}/amount"), "type", "must be an integer of minor units, such as cents"),
            None => self.wrong(&format!("{at}/amount"), "required", "must be given"),
        }
        match members.get("currency").map(Value::as_str) {
            Some(Some(code)) if Currency::parse(code).is_some() => {}
            Some(_) => self.wrong(&format!("{at}/currency"), "format", words(&Shape::Currency)),
            None => self.wrong(&format!("{at}/currency"), "required", "must be given"),
        }
    }

    fn int_map(&mut self, at: &str, names: &[&str], field: &Field, members: &Map<String, Value>) {
        for (name, value) in members {
            let pointer = format!("{at}/{}", escape(name));
            match value.as_i64() {
                _ if !names.contains(&name.as_str()) => {
                    self.wrong(&pointer, "unknown", format!("must be one of {}", names.join(", ")))
                }
                Some(int) => self.int(&pointer, field, int),
                // Within a merge patch, null takes a member away.
                None if value.is_null() => {}
                None => self.wrong(&pointer, "type", "must be an integer"),
            }
        }
    }

    fn text(&mut self, at: &str, shape: &Shape, field: &Field, text: &str) {
        let chars_max = match shape {
            Shape::WebOrigin => ORIGIN_CHARS_MAX,
            Shape::Text | Shape::Email => field.max as usize,
            // The others have a form, which says how long they are; `max` counts the items of a list of them.
            _ => usize::MAX,
        };
        let chars_max = if self.standing { usize::MAX } else { chars_max };
        if text.chars().count() > chars_max {
            self.wrong(at, "too_long", format!("must have at most {chars_max} characters"));
        } else if field.filled && !self.standing && text.trim().is_empty() {
            self.wrong(at, "empty", "must say something");
        } else if let Err((code, expected)) = check_text(shape, text) {
            self.wrong(at, code, expected);
        }
    }
}

/// Checks the text of a textual shape: in a body, and in a query parameter.
pub fn check_text(shape: &Shape, text: &str) -> Result<(), (&'static str, String)> {
    let fits = match shape {
        Shape::Text => return check_plain(text),
        Shape::Email => is_email(text),
        Shape::WebOrigin => is_web_origin(text),
        Shape::Id(prefix) => crate::id::parse_any(text).is_some_and(|(found, _)| found == *prefix),
        Shape::Currency => Currency::parse(text).is_some(),
        Shape::Country => text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
        Shape::TimeZone => is_time_zone(text),
        Shape::Date => parse_date(text).is_some(),
        Shape::Time => Timestamp::parse(text).is_some(),
        Shape::Decimal => is_decimal(text),
        Shape::Enum(words) => words.iter().any(|word| word.name == text),
        Shape::Int => integer(text).is_some(),
        Shape::Bool => ["true", "false"].contains(&text),
        Shape::AnyId => crate::id::parse_any(text).is_some(),
        Shape::Money
        | Shape::List(_)
        | Shape::Object(_)
        | Shape::Record(_)
        | Shape::AnyRecord
        | Shape::IntMap(_)
        | Shape::Rows(_) => false,
    };
    // The 30th of February is written as it should be.
    let flaw = match shape {
        Shape::Date => date_flaw(text),
        Shape::Time => Timestamp::flaw(text),
        _ => None,
    };
    let flaw = flaw.map(|flaw| format!(": this one {flaw}")).unwrap_or_default();
    if fits { Ok(()) } else { Err(("format", format!("must be {}{flaw}", words(shape)))) }
}

fn check_plain(text: &str) -> Result<(), (&'static str, String)> {
    // Control characters have no place in names and notes; U+0000 cannot be stored everywhere.
    if text.chars().any(|c| c.is_control() && !['\n', '\r', '\t'].contains(&c)) {
        return Err(("format", "must not hold control characters".to_owned()));
    }
    if !text.is_empty() && text.trim().is_empty() {
        return Err(("format", "must not be only white space".to_owned()));
    }
    Ok(())
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let plain = |part: &str| !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control());
    text.len() <= 254 && plain(local) && plain(domain) && !domain.starts_with('.') && !domain.ends_with('.')
}

/// A whole number in its one spelling: no plus, no leading zero, no `-0`.
pub(crate) fn integer(text: &str) -> Option<i64> {
    text.parse::<i64>().ok().filter(|int| int.to_string() == text)
}

/// At most 9 digits before and 4 after the point, with an optional minus.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    digits(whole, 9) && digits(fraction, 4)
}

fn is_textual(shape: &Shape) -> bool {
    !matches!(
        shape,
        Shape::Int
            | Shape::Bool
            | Shape::Money
            | Shape::List(_)
            | Shape::Object(_)
            | Shape::Record(_)
            | Shape::AnyRecord
            | Shape::IntMap(_)
            | Shape::Rows(_)
    )
}

/// Whether a member names a record by its identifier in another system.
fn is_reference(schema: &Schema, verb: Verb, member: &str) -> bool {
    member.ends_with("_external_id")
        && schema
            .field(&own_name(member))
            .is_some_and(|(_, field)| matches!(field.shape, Shape::Id(_)) && field.presence(verb) != Presence::Never)
}

/// What a shape is, for a message.
pub fn words(shape: &Shape) -> String {
    match shape {
        Shape::Id(prefix) => format!("an identifier that starts with `{prefix}_`"),
        Shape::Text => "a text".to_owned(),
        Shape::Email => "an e-mail address".to_owned(),
        Shape::WebOrigin => {
            "an origin as browsers write it: `https://` and a host in lower case, a port unless it is 443, and nothing \
                             behind it; `http://` only for localhost and loopback addresses"
                .to_owned()
        }
        Shape::Int => "an integer".to_owned(),
        Shape::Bool => "true or false".to_owned(),
        Shape::Money => "an object with `amount` and `currency`".to_owned(),
        Shape::Currency => "a currency code of ISO 4217, such as `USD`".to_owned(),
        Shape::Country => "a country code of ISO 3166-1, such as `US`".to_owned(),
        Shape::TimeZone => "an IANA time zone, such as `America/Chicago`".to_owned(),
        Shape::Date => "a date as `YYYY-MM-DD` between 1900 and 2200".to_owned(),
        Shape::Time => "a time of RFC 3339 such as `2026-11-22T07:16:23Z`".to_owned(),
        Shape::Decimal => {
            "a decimal number in a string, such as `\"1.5\"`, with at most 9 digits before and 4 after the point".to_owned()
        }
        Shape::Enum(words) => {
            let names: Vec<String> = words.iter().map(|word| format!("`{}`", word.name)).collect();
            format!("one of {}", names.join(", "))
        }
        Shape::List(_) | Shape::Rows(_) => "a list".to_owned(),
        Shape::AnyId => "an identifier".to_owned(),
        Shape::Object(_) | Shape::Record(_) | Shape::AnyRecord | Shape::IntMap(_) => "an object".to_owned(),
    }
}

fn read_only(field: &Field, verb: Verb) -> &'static str {
    match (verb, field.create) {
        (Verb::Update, Presence::Optional | Presence::Required) => "can only be set when the record is created",
        _ => "is set by the server and cannot be written",
    }
}

mod amounts;
mod standing;
#[cfg(test)]
mod tests;

pub use standing::check_standing;
