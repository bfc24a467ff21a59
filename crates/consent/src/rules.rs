//! The rules of a jurisdiction, as they are written down in data.

use clinicos_contract::{Category, CategorySet, Purpose, words};
use serde::Deserialize;

use crate::OF_CLIENTS;
use crate::recipient::{ClassSet, PurposeSet, RecipientClass, bit_set};

words! {
    /// How a client said so.
    Method {
        /// By a signature.
        Signed = "signed",
        /// By word of mouth.
        Verbal = "verbal",
        /// By a click.
        Click = "click",
        /// By a word in a text message, such as STOP.
        SmsKeyword = "sms_keyword",
        /// On paper, which was scanned.
        PaperScan = "paper_scan",
        /// As another system says.
        Import = "import",
    }
}

impl Method {
    /// Every method, in declared order.
    pub const ALL: [Self; 6] = [Self::Signed, Self::Verbal, Self::Click, Self::SmsKeyword, Self::PaperScan, Self::Import];
}

bit_set! {
    /// A set of methods.
    MethodSet of Method, Method::ALL
}

/// Why rules cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// The text is not what it should be.
    #[error("{0}")]
    Text(String),
    /// A word that nothing knows.
    #[error("rule `{rule}`: `{word}` is not one of {known}")]
    Word {
        /// The rule.
        rule: String,
        /// The word.
        word: String,
        /// What could stand there.
        known: &'static str,
    },
    /// A rule that says nothing, or the same id again.
    #[error("rule `{rule}`: {why}")]
    Rule {
        /// The rule.
        rule: String,
        /// What is wrong with it.
        why: &'static str,
    },
}

/// One rule: for whom, what for, which data; and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name, which decisions are explained by.
    pub id: Box<str>,
    /// Whether it lets data pass.
    pub permits: bool,
    /// What for.
    pub purposes: PurposeSet,
    /// To whom.
    pub recipients: ClassSet,
    /// Which data; never more than what tells of clients.
    pub data: CategorySet,
    /// In plain words.
    pub why: Box<str>,
    /// The law or the usage that it comes from.
    pub source: Box<str>,
    /// Where that can be read.
    pub url: Option<Box<str>>,
}

impl Rule {
    /// Whether it is about this recipient.
    pub fn is_for(&self, purpose: Purpose, class: RecipientClass) -> bool {
        self.purposes.contains(purpose) && self.recipients.contains(class)
    }
}

/// The rules of one jurisdiction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// `generic`, or an ISO 3166-2 code such as `US-CA`.
    pub code: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// What this is drawn from, and how far it goes, in plain words.
    pub about: Box<str>,
    /// What holds whatever a client decided. All of them permit.
    pub exceptions: Vec<Rule>,
    /// What holds where a client decided nothing; the first that fits counts. Where none fits, the client must be
    /// asked.
    pub defaults: Vec<Rule>,
    /// How a client can permit something.
    pub methods: MethodSet,
    /// How a client can permit something where a document shows it.
    pub methods_with_evidence: MethodSet,
}

impl Rules {
    /// Whether a permission that was given so counts. A refusal always does.
    pub const fn permission_counts(&self, method: Method, has_evidence: bool) -> bool {
        self.methods.contains(method) || (has_evidence && self.methods_with_evidence.contains(method))
    }

    /// Reads a jurisdiction's file. Where it names a `base`, those rules come after its own.
    pub fn parse(text: &str, base: Option<&Self>) -> Result<Self, RulesError> {
        let file: File = toml::from_str(text).map_err(|cause| RulesError::Text(cause.to_string()))?;
        let mut exceptions = read(&file.exceptions, true)?;
        let mut defaults = read(&file.defaults, false)?;
        if let Some(base) = base.filter(|_| file.base.is_some()) {
            let dropped = |rule: &&Rule| !file.without.iter().any(|id| **id == *rule.id);
            exceptions.extend(base.exceptions.iter().filter(dropped).cloned());
            defaults.extend(base.defaults.iter().filter(dropped).cloned());
        }
        let mut ids: Vec<&str> = exceptions.iter().chain(&defaults).map(|rule| &*rule.id).collect();
        ids.sort_unstable();
        if let Some(twice) = ids.array_windows().find_map(|[one, next]| (one == next).then_some(*one)) {
            return Err(RulesError::Rule { rule: twice.to_owned(), why: "its id stands twice" });
        }
        Ok(Self {
            code: file.code,
            name: file.name,
            about: file.about,
            methods: methods(&file.permission.methods)?,
            methods_with_evidence: methods(&file.permission.with_evidence)?,
            exceptions,
            defaults,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    code: Box<str>,
    name: Box<str>,
    about: Box<str>,
    /// The jurisdiction whose rules come after these.
    base: Option<Box<str>>,
    /// Rules of the base that do not hold here.
    #[serde(default)]
    without: Vec<Box<str>>,
    permission: Permission,
    #[serde(default, rename = "exception")]
    exceptions: Vec<RuleText>,
    #[serde(default, rename = "default")]
    defaults: Vec<RuleText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Permission {
    methods: Vec<String>,
    #[serde(default)]
    with_evidence: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    id: Box<str>,
    /// `permit` or `ask`; an exception always permits and says nothing here.
    decision: Option<String>,
    purposes: Option<Vec<String>>,
    recipients: Option<Vec<String>>,
    data: Option<Vec<String>>,
    why: Box<str>,
    source: Box<str>,
    url: Option<Box<str>>,
}

fn read(texts: &[RuleText], exceptions: bool) -> Result<Vec<Rule>, RulesError> {
    texts.iter().map(|text| rule(text, exceptions)).collect()
}

fn rule(text: &RuleText, exception: bool) -> Result<Rule, RulesError> {
    let wrong = |why| RulesError::Rule { rule: text.id.to_string(), why };
    let permits = match (text.decision.as_deref(), exception) {
        (None, true) | (Some("permit"), false) => true,
        (Some("ask"), false) => false,
        (_, true) => return Err(wrong("an exception always permits and has no `decision`")),
        (_, false) => return Err(wrong("`decision` is `permit` or `ask`")),
    };
    let purposes = named(text, text.purposes.as_deref(), Purpose::parse, "the purposes")?;
    let recipients = named(text, text.recipients.as_deref(), RecipientClass::parse, "the classes of recipients")?;
    let data = named(text, text.data.as_deref(), Category::parse, "the categories of data")?;
    if data.iter().flatten().any(|category| !OF_CLIENTS.contains(*category)) {
        return Err(wrong("only data that tells of clients has rules"));
    }
    Ok(Rule {
        id: text.id.clone(),
        permits,
        purposes: purposes.map_or_else(PurposeSet::all, |some| some.into_iter().collect()),
        recipients: recipients.map_or_else(ClassSet::all, |some| some.into_iter().collect()),
        data: data.map_or(OF_CLIENTS, |some| some.into_iter().collect()),
        why: text.why.clone(),
        source: text.source.clone(),
        url: text.url.clone(),
    })
}

/// The words of a list, or `None` where there is no list. An empty one would make a rule that never holds.
fn named<T>(
    text: &RuleText,
    words: Option<&[String]>,
    parse: fn(&str) -> Option<T>,
    known: &'static str,
) -> Result<Option<Vec<T>>, RulesError> {
    let Some(words) = words else { return Ok(None) };
    if words.is_empty() {
        return Err(RulesError::Rule { rule: text.id.to_string(), why: "a list that is given names something" });
    }
    let one =
        |word: &String| parse(word).ok_or_else(|| RulesError::Word { rule: text.id.to_string(), word: word.clone(), known });
    words.iter().map(one).collect::<Result<_, _>>().map(Some)
}

fn methods(words: &[String]) -> Result<MethodSet, RulesError> {
    let unknown = |word: &String| RulesError::Word { rule: "permission".to_owned(), word: word.clone(), known: "the methods" };
    words.iter().map(|word| Method::parse(word).ok_or_else(|| unknown(word))).collect()
}
