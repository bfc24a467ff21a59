//! The same grants as policies for Cedar (<https://www.cedarpolicy.com>): everything is permitted, and forbidden
//! unless the clinic opted in and every owner allows it.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request, RestrictedExpression as Value};
use clinicos_consent::{Decided, Method, OF_CLIENTS, OptIn, PurposeSet, RecipientClass, Rule, Rules, Statement, To};
use clinicos_contract::{Category, CategorySet, Purpose};

use crate::case::Case;

/// The policies of one grant.
pub struct Judge {
    policies: PolicySet,
    who: EntityUid,
    does: EntityUid,
    what: EntityUid,
}

impl Judge {
    /// Writes them and has them read.
    pub fn new(case: &Case) -> Result<Self> {
        Ok(Self {
            policies: text(case).parse()?,
            who: r#"Recipient::"this""#.parse()?,
            does: r#"Action::"read""#.parse()?,
            what: r#"Field::"this""#.parse()?,
        })
    }

    /// Whether the field may leave. A policy that fails while it is evaluated is an error, never an answer.
    pub fn may_leave(&self, case: &Case) -> Result<bool> {
        let text = |text: &str| Value::new_string(text.to_owned());
        let recipient = &case.recipient;
        let facts = Context::from_pairs([
            ("connection".to_owned(), text(&recipient.connection)),
            ("name".to_owned(), text(&recipient.name.to_lowercase())),
            ("formerNames".to_owned(), Value::new_set(recipient.former_names.iter().map(|name| text(&name.to_lowercase())))),
            ("partner".to_owned(), text(recipient.partner.as_deref().unwrap_or_default())),
            ("class".to_owned(), text(recipient.class.name())),
            ("purpose".to_owned(), text(recipient.purpose.name())),
            ("category".to_owned(), text(case.category.name())),
            ("figure".to_owned(), Value::new_bool(case.is_figure)),
            ("patient".to_owned(), text(&case.patient.map(|id| id.to_string()).unwrap_or_default())),
            ("now".to_owned(), Value::new_long(case.now.as_micros())),
        ])?;
        let request = Request::new(self.who.clone(), self.does.clone(), self.what.clone(), facts, None)?;
        let answer = Authorizer::new().is_authorized(&request, &self.policies, &Entities::empty());
        if let Some(error) = answer.diagnostics().errors().next() {
            bail!("a policy failed: {error}");
        }
        Ok(answer.decision() == Decision::Allow)
    }
}

fn text(case: &Case) -> String {
    let open = format!(
        "context.figure || !({}) || {}",
        one_of("context.category", OF_CLIENTS.iter().map(Category::name)),
        any(case.rules.exceptions.iter().map(fits)),
    );
    let mut text = String::from("permit(principal, action, resource);\n");
    let opted_in = any(case.opt_ins.iter().map(opt_in));
    forbid_unless(&mut text, &opted_in);
    let unsaid = unsaid(&case.rules);
    if case.owners.is_empty() {
        forbid_unless(&mut text, &format!("{open} || ({unsaid})"));
    }
    for said in &case.owners {
        forbid_unless(&mut text, &format!("{open} || ({})", allows(said, &case.rules, &unsaid)));
    }
    text
}

fn forbid_unless(text: &mut String, condition: &str) {
    // Writing to a text cannot fail.
    let _ = writeln!(text, "forbid(principal, action, resource) unless {{ {condition} }};");
}

fn any(conditions: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = conditions.map(|one| format!("({one})")).collect();
    if all.is_empty() { "false".to_owned() } else { format!("({})", all.join(" || ")) }
}

fn one_of<'w>(what: &str, words: impl Iterator<Item = &'w str>) -> String {
    let words: Vec<String> = words.map(|word| format!("{word:?}")).collect();
    if words.is_empty() { "false".to_owned() } else { format!("[{}].contains({what})", words.join(", ")) }
}

fn opt_in(opt_in: &OptIn) -> String {
    let mut text = format!("context.category == {:?} && context.purpose == {:?}", opt_in.category.name(), opt_in.purpose.name());
    if let Some(end) = opt_in.expires_at {
        let _ = write!(text, " && context.now < {}", end.as_micros());
    }
    text
}

fn of_purposes(set: PurposeSet) -> String {
    one_of("context.purpose", Purpose::ALL.iter().filter(|purpose| set.contains(**purpose)).map(|purpose| purpose.name()))
}

fn of_data(set: CategorySet) -> String {
    one_of("context.category", set.iter().map(Category::name))
}

fn fits(rule: &Rule) -> String {
    let classes = RecipientClass::ALL.iter().filter(|class| rule.recipients.contains(**class)).map(|class| class.name());
    format!("{} && {} && {}", of_purposes(rule.purposes), one_of("context.class", classes), of_data(rule.data))
}

fn unsaid(rules: &Rules) -> String {
    let mut text = String::new();
    for rule in &rules.defaults {
        let _ = write!(text, "if {} then {} else ", fits(rule), rule.permits);
    }
    text + "false"
}

/// The newest that counts decides.
fn allows(said: &[Statement], rules: &Rules, unsaid: &str) -> String {
    let mut said: Vec<&Statement> = said.iter().collect();
    said.sort_by_key(|one| (one.withdrawn_at.unwrap_or(one.decided_at), one.decided() == Decided::Denied, one.id.bytes));
    let mut text = String::new();
    for statement in said.into_iter().rev() {
        let decided = match statement.decided() {
            Decided::Permitted => "true",
            Decided::Denied => "false",
            Decided::Settled => unsaid,
        };
        let _ = write!(text, "if {} then ({decided}) else ", counts(statement, rules));
    }
    text + unsaid
}

fn counts(statement: &Statement, rules: &Rules) -> String {
    let mut all = vec![of_purposes(statement.purposes), of_data(statement.data)];
    if !statement.recipients.is_empty() {
        all.push(any(statement.recipients.iter().map(|to| means(to, statement.decided() == Decided::Permitted))));
    }
    if let Some(patient) = statement.patient {
        all.push(format!("context.patient == {:?}", patient.to_string()));
    }
    if statement.withdrawn_at.is_none() {
        all.extend(statement.from.map(|from| format!("context.now >= {}", from.as_micros())));
        all.extend(statement.until.map(|until| format!("context.now < {}", until.as_micros())));
    }
    if statement.decided() == Decided::Permitted {
        let valid = |method: Method| rules.permission_counts(method, statement.has_evidence);
        all.push(format!("(context.class == \"clinic\" || {})", valid(statement.method)));
    }
    all.join(" && ")
}

fn means(to: &To, is_permission: bool) -> String {
    match to {
        To::App(app) => {
            let name = app.to_lowercase();
            let now = format!("context.connection == {app:?} || context.name == {name:?}");
            if is_permission { now } else { format!("{now} || context.formerNames.contains({name:?})") }
        }
        To::Partner(partner) => format!("context.partner == {partner:?}"),
        To::Class(RecipientClass::Anyone) => "context.class != \"clinic\"".to_owned(),
        To::Class(class) => format!("context.class == {:?}", class.name()),
    }
}
