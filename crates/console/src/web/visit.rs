//! What a browser sent: where to, with which cookies, and what was typed.
//!
//! A form is taken only with the token that its page carried, which is bound to the browser's
//! session cookie, and only from a page of this origin.

use axum::extract::Request;
use clinicos_contract::{Problem, problem, source};
use clinicos_gate::credential::masked;
use clinicos_gate::{Credential, Origin, keyring};
use http::header::{CONTENT_TYPE, COOKIE, HeaderMap, HeaderName};
use http_body_util::{BodyExt as _, Limited};

use super::multipart::{self, Form, SentFile};
use super::respond::Refused;
use super::site::is_ours;
use super::{Peer, Web};

/// The session's token.
pub const SESSION_COOKIE: &str = "clinicos_session";
/// That somebody signed in with this browser before: it opens nothing.
pub const DEVICE_COOKIE: &str = "clinicos_device";
/// Before sign-in: what forms are bound to.
pub const VISITOR_COOKIE: &str = "clinicos_visitor";
/// What came of the last form, for the next page.
pub const FLASH_COOKIE: &str = "clinicos_flash";
/// A longer cookie is not read.
pub const COOKIE_BYTES_MAX: usize = 1_024;
/// Most bytes of a form.
pub const FORM_BYTES_MAX: usize = 64 << 10;
/// Most bytes of a form with files.
pub const FILES_BYTES_MAX: usize = 15 << 20;

/// A request, read.
pub struct Visit {
    /// Values of the route's parameters.
    path: Vec<(String, String)>,
    /// What stands behind the `?`.
    query: Vec<(String, String)>,
    /// What was typed or ticked.
    form: Vec<(String, String)>,
    /// Files that were sent with it.
    pub files: Vec<SentFile>,
    /// Path and query, to come back to.
    pub target: String,
    pub session: Option<String>,
    pub device: Option<String>,
    pub visitor: String,
    /// Whether the visitor cookie must be set.
    pub is_new: bool,
    pub flash: Option<String>,
    pub origin: Origin,
}

/// What an error page needs of a visit.
pub struct Seen {
    pub target: String,
    pub signed_in: bool,
    pub is_get: bool,
}

impl Visit {
    /// Reads a request; a form that does not belong to a page of ours is refused.
    pub async fn read(web: &Web, path: Vec<(String, String)>, request: Request) -> Result<Self, Box<Refused>> {
        let services = web.door.services();
        let origin = origin(web, &request);
        let target = origin.target.clone();
        let headers = request.headers();
        let known = cookie(headers, VISITOR_COOKIE).filter(|value| value.len() == 32);
        let is_new = known.is_none();
        let visitor = known.unwrap_or_else(|| keyring::to_hex(&source::random::<16>(&*services.entropy)));
        let query = pairs(request.uri().query().unwrap_or_default().as_bytes());
        let mut visit = Self {
            path,
            query,
            form: Vec::new(),
            files: Vec::new(),
            target,
            session: cookie(headers, SESSION_COOKIE),
            device: cookie(headers, DEVICE_COOKIE),
            visitor,
            is_new,
            flash: cookie(headers, FLASH_COOKIE),
            origin,
        };
        if request.method() == http::Method::POST {
            let is_known = web.door.knows(&visit.credential());
            (visit.form, visit.files) = form(request, &visit.origin, &services.base_url, is_known).await?;
            let token = visit.field("csrf");
            if token != visit.csrf(web) {
                return Err(Refused::by(visit.origin.clone(), Problem::new(&problem::FORM_EXPIRED, STALE_FORM)));
            }
        }
        Ok(visit)
    }

    /// The token that this browser's forms carry.
    pub fn csrf(&self, web: &Web) -> String {
        let bound = format!("csrf\n{}\n{}", self.visitor, self.session.as_deref().unwrap_or_default());
        keyring::to_hex(&web.door.services().keyring.credential_hash(&bound))
    }

    /// Who calls the door.
    pub fn credential(&self) -> Credential {
        session(self.session.clone())
    }

    /// What was typed in a field; empty if nothing was. What it is sent on as is one line, so lines
    /// of a longer text are joined by spaces.
    pub fn field(&self, name: &str) -> String {
        let lines = first(&self.form, name).split(['\r', '\n']).map(str::trim);
        lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// What was typed in a field, or nothing at all: the door asks for what it must be told, and takes
    /// an empty text for a text here and there.
    pub fn filled(&self, name: &str) -> Option<String> {
        Some(self.field(name)).filter(|text| !text.is_empty())
    }

    /// What was typed in a field, as it is shown again: a key that was put where none belongs is not.
    pub fn again(&self, name: &str) -> String {
        masked(&self.field(name))
    }

    /// The same of a field of several lines.
    pub fn lines(&self, name: &str) -> String {
        masked(self.text(name).trim())
    }

    /// What was typed in a field of several lines.
    pub fn text(&self, name: &str) -> String {
        first(&self.form, name).replace("\r\n", "\n")
    }

    /// What was typed in a field, word by word: one on each line, say.
    pub fn words(&self, name: &str) -> Vec<String> {
        first(&self.form, name).split_whitespace().map(str::to_owned).collect()
    }

    /// What was typed, not trimmed: passwords are taken as they are.
    pub fn secret(&self, name: &str) -> String {
        first(&self.form, name).to_owned()
    }

    /// Everything that was ticked.
    pub fn ticked(&self, name: &str) -> Vec<String> {
        self.form.iter().filter(|(field, _)| field == name).map(|(_, value)| value.clone()).collect()
    }

    /// A parameter behind the `?`; empty if it is not there.
    pub fn asked(&self, name: &str) -> String {
        first(&self.query, name).trim().to_owned()
    }

    /// A part of the path.
    pub fn part(&self, name: &str) -> String {
        first(&self.path, name).to_owned()
    }

    /// What an error page needs.
    pub fn seen(&self) -> Seen {
        Seen { target: self.target.clone(), signed_in: self.session.is_some(), is_get: self.form.is_empty() }
    }
}

/// Who a browser says it is, before anything else of a request is read.
pub fn shown(headers: &HeaderMap) -> Credential {
    session(cookie(headers, SESSION_COOKIE))
}

fn session(token: Option<String>) -> Credential {
    token.map_or(Credential::None, Credential::Session)
}

/// Where a request came from.
pub fn origin(web: &Web, request: &Request) -> Origin {
    Origin {
        address: request.extensions().get::<Peer>().map(|peer| peer.0),
        target: request.uri().path_and_query().map(|target| target.as_str().to_owned()).unwrap_or_default(),
        // Pages look for themselves where a form comes from; see `is_from_here`.
        page: None,
        arrived_ns: web.door.services().clock.monotonic_ns(),
        unattended: request.uri().path().ends_with(WATCHED),
    }
}

/// How the address of a list ends that a page asks for by itself, again and again.
const WATCHED: &str = "/activity";

const STALE_FORM: &str =
    "the page was open for too long, or you signed in or out since; go back, load it again, and try once more";

fn first<'v>(values: &'v [(String, String)], name: &str) -> &'v str {
    values.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
}

fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(bytes).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// A cookie's value, if it comes once and holds nothing odd.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let values = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut values = values.filter(|(key, _)| *key == name).map(|(_, value)| value);
    let value = values.next()?;
    let plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.%".contains(&byte));
    (values.next().is_none() && plain && value.len() <= COOKIE_BYTES_MAX).then(|| value.to_owned())
}

async fn form(request: Request, origin: &Origin, base_url: &str, is_known: bool) -> Result<Form, Box<Refused>> {
    let refuse = |detail: &str| Refused::by(origin.clone(), Problem::new(&problem::FORM_EXPIRED, detail));
    if !is_from_here(request.headers(), base_url) {
        return Err(refuse("the form was sent from another site"));
    }
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let boundary = multipart::boundary(&kind);
    if boundary.is_none() && !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(refuse("this address takes forms of its own pages"));
    }
    // Files are held in memory only for who is signed in.
    let most = if boundary.is_some() && is_known { FILES_BYTES_MAX } else { FORM_BYTES_MAX };
    let Ok(body) = Limited::new(request.into_body(), most).collect().await else {
        return Err(refuse("the form was too large, or cut short"));
    };
    match boundary {
        None => Ok((pairs(&body.to_bytes()), Vec::new())),
        Some(boundary) => multipart::read(&body.to_bytes(), &boundary).ok_or_else(|| refuse("the form was cut short")),
    }
}

/// Whether a page of this very site sent the request, or its person did without a page, as when a
/// browser comes back to where it was. Old browsers that say nothing are left to the token.
fn is_from_here(headers: &HeaderMap, base_url: &str) -> bool {
    let site = headers.get(HeaderName::from_static("sec-fetch-site"));
    site.is_some_and(|site| site == "none") || is_ours(headers, base_url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_other_sites_are_told() {
        let headers = |pairs: &[(&'static str, &'static str)]| {
            pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect::<HeaderMap>()
        };
        for (sent, ours) in [
            (headers(&[]), true),
            (headers(&[("sec-fetch-site", "same-origin")]), true),
            (headers(&[("sec-fetch-site", "same-site")]), false),
            (headers(&[("sec-fetch-site", "cross-site")]), false),
            (headers(&[("host", "a.example"), ("origin", "https://a.example")]), true),
            (headers(&[("host", "a.example"), ("origin", "https://b.example")]), false),
            (headers(&[("host", "a.example"), ("origin", "http://a.example")]), false),
            (headers(&[("host", "10.0.0.5:8080"), ("origin", "https://api.example")]), true),
            (headers(&[("sec-fetch-site", "none")]), true),
            (headers(&[("host", "a.example"), ("origin", "null")]), false),
        ] {
            assert_eq!(is_from_here(&sent, "https://api.example"), ours, "{sent:?}");
        }
    }

    #[test]
    fn cookies_are_read_once() {
        let headers = |line: &'static str| [(COOKIE, line.parse().unwrap())].into_iter().collect::<HeaderMap>();
        assert_eq!(cookie(&headers("a=1; clinicos_session=ab12"), SESSION_COOKIE).as_deref(), Some("ab12"));
        assert_eq!(cookie(&headers("clinicos_session=1; clinicos_session=2"), SESSION_COOKIE), None);
        assert_eq!(cookie(&headers("clinicos_session=\"x y\""), SESSION_COOKIE), None);
    }
}
