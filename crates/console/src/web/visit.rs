//! What a browser sent: where to, with which cookies, and what was typed.
//!
//! A form is taken only with the token that its page carried, which is bound to the browser's
//! session cookie, and only from a page of this origin.

use axum::extract::Request;
use clinicos_contract::{Problem, problem, source};
use clinicos_gate::credential::masked;
use clinicos_gate::ids::UserId;
use clinicos_gate::sign_in::agent::{self, Browser, System};
use clinicos_gate::{Credential, Origin, keyring};
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, ORIGIN, REFERER, USER_AGENT};
use http_body_util::{BodyExt as _, Limited};

use super::cookies::Kind;
use super::form_token;
use super::kept::{Kept, page_of};
use super::multipart::{self, Form, SentFile};
use super::respond::Refused;
use super::site::is_ours;
use super::{Peer, Web};

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
    /// The page of ours that a form stood on, if the browser says so.
    came_from: Option<String>,
    pub session: Option<String>,
    pub device: Option<String>,
    pub visitor: String,
    /// Whether the visitor cookie must be set.
    pub is_new: bool,
    pub flash: Option<String>,
    /// What the browser says that it is.
    pub agent: Option<(Browser, System)>,
    pub origin: Origin,
}

/// What an error page needs of a visit.
pub struct Seen {
    pub origin: Origin,
    pub session: Option<String>,
    pub is_get: bool,
    /// Set if it was a form.
    pub left: Option<Left>,
}

/// What somebody was about to do, to go on with after they signed in again.
pub struct Left {
    /// The page that the form stood on.
    pub page: String,
    /// What was typed and by whom, where that is kept. Nothing is if nobody knows any more who it was.
    pub kept: Option<(UserId, Kept)>,
    /// What the browser's next form is bound to, and whether it knows that yet.
    pub visitor: String,
    pub is_new: bool,
}

impl Seen {
    /// The same, of a request that is no visit.
    pub fn of(web: &Web, request: &Request) -> Self {
        let session = web.cookies.read(request.headers(), Kind::Session);
        Self { origin: origin(web, request), session, is_get: request.method() == http::Method::GET, left: None }
    }
}

impl Visit {
    /// What is known of a request before its form is read.
    pub fn of(web: &Web, path: Vec<(String, String)>, request: &Request) -> Self {
        let services = web.door.services();
        let origin = origin(web, request);
        let target = origin.target.clone();
        let headers = request.headers();
        let known = web.cookies.read(headers, Kind::Visitor).filter(|value| value.len() == 32);
        let is_new = known.is_none();
        let visitor = known.unwrap_or_else(|| keyring::to_hex(&source::random::<16>(&*services.entropy)));
        let query = pairs(request.uri().query().unwrap_or_default().as_bytes());
        Self {
            path,
            query,
            form: Vec::new(),
            files: Vec::new(),
            target,
            came_from: came_from(headers, &services.base_url, request.uri().path()),
            session: web.cookies.read(headers, Kind::Session),
            device: web.cookies.read(headers, Kind::Device),
            visitor,
            is_new,
            flash: web.cookies.read(headers, Kind::Flash),
            agent: headers.get(USER_AGENT).and_then(|agent| agent::read(agent.to_str().ok()?)),
            origin,
        }
    }

    /// Reads a request; a form that does not belong to a page of ours is refused.
    pub async fn read(web: &Web, path: Vec<(String, String)>, request: Request) -> Result<Self, (Seen, Box<Refused>)> {
        let mut visit = Self::of(web, path, &request);
        if request.method() == http::Method::POST {
            let is_known = web.door.knows(&visit.credential());
            let read = form(request, &visit.origin, &web.door.services().base_url, is_known).await;
            (visit.form, visit.files) = read.map_err(|refused| (visit.seen(web), refused))?;
            if !form_token::fits(&visit.field("csrf"), visit.bond(web)) {
                return Err((visit.seen(web), visit.not_taken(is_known)));
            }
        }
        Ok(visit)
    }

    /// The token that this browser's forms carry.
    fn bond(&self, web: &Web) -> [u8; form_token::BYTES] {
        bond(web, &self.visitor, self.session.as_deref())
    }

    /// The same, as a page shows it: another text each time.
    pub fn csrf(&self, web: &Web) -> String {
        csrf_of(web, &self.visitor, self.session.as_deref())
    }

    /// Why a form is not taken whose token is not that of this browser and session. If a page of
    /// ours sent it and nobody is signed in, that is why.
    fn not_taken(&self, is_known: bool) -> Box<Refused> {
        let needs_nobody = BEFORE_SIGN_IN.contains(&self.path_sent());
        let problem = match self.came_from {
            Some(_) if !is_known && !needs_nobody => Problem::new(&problem::UNAUTHENTICATED, SIGNED_OUT),
            _ => Problem::new(&problem::FORM_EXPIRED, STALE_FORM),
        };
        Refused::by(self.origin.clone(), problem)
    }

    /// The path that was asked for.
    pub fn path_sent(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// Everything that the form holds.
    pub fn typed(&self) -> &[(String, String)] {
        &self.form
    }

    /// Who calls the door.
    pub fn credential(&self) -> Credential {
        self.session.clone().map_or(Credential::None, Credential::Session)
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
    pub fn seen(&self, web: &Web) -> Seen {
        let of_user = |kept: Kept| Some((web.door.user_of(&self.credential())?, kept));
        let left = (!self.form.is_empty()).then(|| Left {
            page: self.came_from.clone().unwrap_or_else(|| page_of(self.path_sent())),
            kept: self.kept().filter(Kept::is_typed).and_then(of_user),
            visitor: self.visitor.clone(),
            is_new: self.is_new,
        });
        Seen { origin: self.origin.clone(), session: self.session.clone(), is_get: self.form.is_empty(), left }
    }
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

/// Forms of people who are not signed in.
const BEFORE_SIGN_IN: [&str; 2] = ["/console/sign-in", "/console/welcome"];

/// What is said of a form whose session is over.
pub const SIGNED_OUT: &str = "you are signed out, so nothing was done; sign in again";
const STALE_FORM: &str =
    "the page was open for too long, or you signed in or out since; go back, load it again, and try once more";

/// The token that forms carry in a browser and a session.
fn bond(web: &Web, visitor: &str, session: Option<&str>) -> [u8; form_token::BYTES] {
    let bound = format!("csrf\n{visitor}\n{}", session.unwrap_or_default());
    web.door.services().keyring.credential_hash(&bound)
}

/// The same, as a page shows it.
pub fn csrf_of(web: &Web, visitor: &str, session: Option<&str>) -> String {
    form_token::mask(bond(web, visitor, session), &*web.door.services().entropy)
}

/// The page of ours that a form stood on, if a browser shows that it was one. A form's token shows
/// the same; without one, a browser must say so by itself.
fn came_from(headers: &HeaderMap, base_url: &str, path: &str) -> Option<String> {
    let says = headers.contains_key("sec-fetch-site") || headers.contains_key(ORIGIN);
    if !says || !is_ours(headers, base_url) {
        return None;
    }
    let sent = headers.get(REFERER).and_then(|value| value.to_str().ok()).and_then(|value| value.split_once("://"));
    let page = sent.and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..))).filter(|page| is_page_to_return_to(page));
    Some(page.map_or_else(|| page_of(path), str::to_owned))
}

/// Whether an address is a page of the console that can be gone to: anything else could lead away.
pub fn is_page_to_return_to(to: &str) -> bool {
    let plain = !to.contains(['\\', '\n', '\r', '#']) && !to.contains("..") && !to.contains("//");
    let path = to.split('?').next().unwrap_or_default();
    plain && (path == "/console" || path.starts_with("/console/")) && page_of(path) == path
}

fn first<'v>(values: &'v [(String, String)], name: &str) -> &'v str {
    values.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
}

fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(bytes).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
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
}
