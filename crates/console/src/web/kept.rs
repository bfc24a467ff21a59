//! What somebody typed into a form that could not be taken as it came, because their session was
//! over or because what it is about had changed. The next page keeps it for one more click; the
//! server stores nothing of it. Before sign-in it is sealed for whoever typed it.
//!
//! Only forms of this list are kept: nobody types a password, a code or a key into one of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use clinicos_gate::Services;
use clinicos_gate::credential::masked;
use clinicos_gate::ids::UserId;
use clinicos_gate::keyring::Seal;

use super::visit::Visit;
use crate::words::{Fact, capital};

/// The forms, by their addresses, and what they are about.
const FORMS: &[(&str, &str)] = &[
    ("/console/connections/*/addresses", "From where it may call"),
    ("/console/connections/*/keys", "Another key"),
    ("/console/connections/*/limits", "How fast it may call"),
    ("/console/connections/*/operations", "Calls that it may not make"),
    ("/console/connections/*/origins", "Web pages that may call with its key"),
    ("/console/connections/*/pause", "A pause"),
    ("/console/connections/*/resume", "That it may call again"),
    ("/console/connections/*/scopes", "What it may see and change"),
    ("/console/connections/*/writes", "Whether it may change anything"),
    ("/console/emergency", "The emergency switch"),
    ("/console/keys", "A new connection"),
    ("/console/keys/*/change", "A key's name, addresses and end"),
    ("/console/keys/*/rotate", "A new key in the place of this one"),
    ("/console/people", "An invitation"),
    ("/console/people/*/role", "What somebody is at the clinic"),
];
/// Forms with boxes to tick, the boxes, and what none is called: a browser sends none that is not ticked.
const BOXES: [(&str, &str, &str); 3] = [
    ("/console/connections/*/operations", "excluded", "none"),
    ("/console/connections/*/scopes", "scope", "nothing"),
    ("/console/keys", "scope", "nothing"),
];
/// Where a form stands whose address is no page; of others it is the nearest page above.
const STANDS: [(&str, &str); 1] = [("/console/keys", "/console/keys/new")];
/// What a form holds that nobody typed.
const UNTYPED: [&str; 2] = ["nonce", "version"];
/// What is never kept, in whatever form it comes: `csrf` is made anew, the others are secrets.
const NEVER: [&str; 6] = ["csrf", "password", "new_password", "code", "token", "kept"];
/// Most bytes that are kept. A browser sends them coded and sealed, which must fit into a form.
const BYTES_MAX: usize = 12 << 10;

/// A form, and what was typed into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Where it is sent to.
    pub action: String,
    /// What it is about.
    pub what: &'static str,
    /// Its fields, but for its token.
    pub fields: Vec<(String, String)>,
}

impl Kept {
    /// What a form holds, if it is one of those that are kept. Nothing, if a key was put into a field.
    pub fn of(path: &str, form: &[(String, String)]) -> Option<Self> {
        let (_, what) = FORMS.iter().find(|(form, _)| fits(form, path))?;
        let fields = form.iter().filter(|(name, _)| !NEVER.contains(&name.as_str()));
        // Lines end as in a page: a browser makes of them what it sends.
        let fields: Vec<_> = fields.map(|(name, value)| (name.clone(), value.replace("\r\n", "\n"))).collect();
        // Without one of its fields a form says something else, such as calls from anywhere.
        if fields.iter().any(|(_, value)| masked(value) != *value) {
            return None;
        }
        let bytes: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
        (bytes <= BYTES_MAX).then(|| Self { action: path.to_owned(), what, fields })
    }

    /// Whether anything was typed, or boxes were left unticked.
    pub fn is_typed(&self) -> bool {
        self.unticked().is_some()
            || self.fields.iter().any(|(name, value)| !UNTYPED.contains(&name.as_str()) && !value.is_empty())
    }

    /// The same for a field of the sign-in form: nobody reads it before its user is signed in again,
    /// and nobody else is shown it then.
    pub fn sealed(&self, services: &Services, user: UserId) -> String {
        let bound = bound(&user.to_string());
        BASE64.encode(services.keyring.seal(Seal::Cursor, self.packed().as_bytes(), &bound, &*services.entropy))
    }

    /// Opens that for whoever signed in. `None` if it is not theirs, or is not ours.
    pub fn unsealed(services: &Services, user: &str, sealed: &str) -> Option<Self> {
        let packed = services.keyring.open(Seal::Cursor, &BASE64.decode(sealed).ok()?, &bound(user))?;
        Self::unpacked(&String::from_utf8(packed).ok()?)
    }

    /// The same in one text.
    fn packed(&self) -> String {
        let mut packed = form_urlencoded::Serializer::new(String::new());
        packed.append_pair("kept", &self.action);
        packed.extend_pairs(&self.fields).finish()
    }

    /// Reads that. Whatever else it holds is dropped.
    fn unpacked(packed: &str) -> Option<Self> {
        let fields: Vec<_> = form_urlencoded::parse(packed.as_bytes()).into_owned().collect();
        let (_, action) = fields.first().filter(|(name, _)| name == "kept")?;
        Self::of(action, &fields).filter(Self::is_typed)
    }

    /// The same, based on another version of what it is about.
    pub fn with_version(mut self, version: i64) -> Self {
        self.fields.retain(|(name, _)| name != "version");
        self.fields.push(("version".to_owned(), version.to_string()));
        self
    }

    /// The same with another nonce, if it has one.
    pub fn with_nonce(mut self, other: impl Fn(String) -> String) -> Self {
        for (_, nonce) in self.fields.iter_mut().filter(|(name, _)| name == "nonce") {
            *nonce = other(std::mem::take(nonce));
        }
        self
    }

    /// The boxes of the form, and what it means that none is ticked, if none is.
    fn unticked(&self) -> Option<(&'static str, &'static str)> {
        let (_, name, none) = BOXES.iter().find(|(form, ..)| fits(form, &self.action))?;
        (!self.fields.iter().any(|(field, _)| field == name)).then_some((*name, *none))
    }

    /// What was typed, for a person to look at.
    pub fn facts(&self) -> Vec<Fact> {
        self.facts_in(|_, _| None)
    }

    /// The same, with other words for what nobody typed as it is sent.
    pub fn facts_in(&self, words: impl Fn(&str, &str) -> Option<String>) -> Vec<Fact> {
        // Who gives no reason said nothing, which is no fact.
        let is_told = |name: &str, value: &str| !UNTYPED.contains(&name) && (name != "reason" || !value.is_empty());
        let typed = self.fields.iter().filter(|(name, value)| is_told(name, value));
        let mut facts: Vec<Fact> = Vec::new();
        for (name, value) in typed {
            let told = words(name, value);
            // Sentences may hold commas.
            let between = if told.is_some() { "; " } else { ", " };
            let (name, value) = (label(name), told.unwrap_or_else(|| listed(name, value)));
            match facts.iter_mut().find(|fact| fact.name == name) {
                Some(fact) => fact.value = format!("{}{between}{value}", fact.value),
                None => facts.push(Fact { name, value }),
            }
        }
        if let Some((name, none)) = self.unticked() {
            facts.push(Fact { name: label(name), value: none.to_owned() });
        }
        facts
    }
}

/// What a sealed form is bound to.
fn bound(user: &str) -> Vec<u8> {
    format!("kept\n{user}").into_bytes()
}

/// What was typed in a field, in one line.
fn listed(name: &str, value: &str) -> String {
    match (name, value) {
        ("read" | "write", "") => "the usual limit".to_owned(),
        ("addresses", "") => "from anywhere".to_owned(),
        ("origins", "") => "none".to_owned(),
        (_, "") => "nothing".to_owned(),
        (_, value) => value.trim().replace('\n', ", "),
    }
}

/// What a form's field is called where people read it.
fn label(name: &str) -> String {
    let known = match name {
        "reason" => "Why",
        "duration" => "For how long",
        "read" => "Reading calls a minute",
        "write" => "Changing calls a minute",
        "writes" => "Changes",
        "excluded" => "Forbidden calls",
        "scope" => "Allowed",
        "email" => "E-mail address",
        "expires" | "ends_on" => "Ends",
        "overlap" => "Hours beside the old one",
        other => return capital(&other.replace('_', " ")),
    };
    known.to_owned()
}

/// The page on which a form stands.
pub fn page_of(path: &str) -> String {
    if let Some((_, page)) = STANDS.iter().find(|(form, _)| *form == path) {
        return (*page).to_owned();
    }
    let is_page = |path: &str| super::ROUTES.iter().any(|(route, methods)| methods.contains("GET") && fits(route, path));
    let mut page = path;
    while !is_page(page) {
        match page.rsplit_once('/') {
            Some((above, _)) if !above.is_empty() => page = above,
            _ => return "/console".to_owned(),
        }
    }
    page.to_owned()
}

/// Whether a path has the form of a route; `*` and names in braces stand for one part each.
fn fits(route: &str, path: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let (mut routed, mut sent) = (route.split('/').skip(1), path.split('/').skip(1));
    loop {
        match (routed.next(), sent.next()) {
            (None, None) => return path.starts_with('/'),
            (Some(part), Some(one)) if part == one || ((part == "*" || part.starts_with('{')) && plain(one)) => {}
            _ => return false,
        }
    }
}

impl Visit {
    /// What its form holds, if it is one of those that are kept.
    pub fn kept(&self) -> Option<Kept> {
        Kept::of(self.path_sent(), self.typed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_was_typed_comes_back_without_secrets() {
        let typed = form(&[
            ("csrf", "1"),
            ("version", "3"),
            ("reason", "Looking & \"into\" it"),
            ("password", "four words"),
            ("code", "123456"),
            ("addresses", "10.0.0.0/8\r\n192.0.2.7"),
            ("scope", "a:read"),
            ("scope", "b:read"),
        ]);
        let empty =
            Kept::of("/console/connections/con_1/limits", &form(&[("read", ""), ("write", "5"), ("reason", "")])).unwrap();
        let facts: Vec<_> = empty.facts().into_iter().map(|fact| fact.value).collect();
        assert_eq!(facts, ["the usual limit", "5"]);
        let kept = Kept::of("/console/connections/con_1/scopes", &typed).unwrap();
        let left = [
            ("version", "3"),
            ("reason", "Looking & \"into\" it"),
            ("addresses", "10.0.0.0/8\n192.0.2.7"),
            ("scope", "a:read"),
            ("scope", "b:read"),
        ];
        assert_eq!(kept.fields, form(&left));
        assert_eq!(Kept::unpacked(&kept.packed()), Some(kept.clone()));
        let facts: Vec<_> = kept.facts().into_iter().map(|fact| (fact.name, fact.value)).collect();
        assert_eq!(
            facts,
            form(&[("Why", "Looking & \"into\" it"), ("Addresses", "10.0.0.0/8, 192.0.2.7"), ("Allowed", "a:read, b:read")])
        );
        assert!(kept.with_version(5).fields.contains(&("version".to_owned(), "5".to_owned())));
    }

    #[test]
    fn boxes_that_are_not_ticked_are_told() {
        for (path, told) in [
            ("/console/connections/con_1/operations", Some(("Forbidden calls", "none"))),
            ("/console/connections/con_1/scopes", Some(("Allowed", "nothing"))),
            ("/console/keys", Some(("Allowed", "nothing"))),
            ("/console/connections/con_1/resume", None),
        ] {
            let kept = Kept::of(path, &form(&[("version", "3")])).unwrap();
            let facts: Vec<_> = kept.facts().into_iter().map(|fact| (fact.name, fact.value)).collect();
            assert_eq!(facts, form(told.as_slice()), "{path}");
            assert_eq!(kept.is_typed(), told.is_some(), "{path}");
        }
    }

    #[test]
    fn only_forms_of_the_list_are_kept() {
        let typed = form(&[("reason", "x")]);
        for path in [
            "/console/account/password",
            "/console/sign-in",
            "/console/welcome",
            "/console/connections/con_1/revoke",
            "/console/connections/../pause",
            "/console/connections/a/b/pause",
            "//evil.example/console/keys",
            "/console/connections//pause",
            "console/keys",
            "",
        ] {
            assert_eq!(Kept::of(path, &typed), None, "{path}");
        }
        assert_eq!(Kept::of("/console/keys", &form(&[("reason", &"x".repeat(BYTES_MAX))])), None);
        for packed in [
            "",
            "kept",
            "kept=%2Fconsole%2Faccount%2Fpassword&reason=x",
            "reason=x&kept=%2Fconsole%2Fkeys",
            "kept=%2Fconsole%2Fpeople&version=3",
        ] {
            assert_eq!(Kept::unpacked(packed), None, "{packed}");
        }
    }

    #[test]
    fn a_form_stands_on_a_page() {
        for (path, page) in [
            ("/console/keys", "/console/keys/new"),
            ("/console/connections/con_1/limits", "/console/connections/con_1"),
            ("/console/connections/con_1/keys", "/console/connections/con_1/keys"),
            ("/console/account/second-factor/off", "/console/account"),
            ("/console/people/usr_1/role", "/console/people"),
            ("/console/sign-out", "/console"),
            ("/nothing", "/console"),
        ] {
            assert_eq!(page_of(path), page, "{path}");
        }
    }
}
