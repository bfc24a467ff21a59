//! Answers to browsers: pages, redirects, and pages that say what went wrong.

use askama::Template;
use axum::body::Body;
use clinicos_contract::Problem;
use clinicos_gate::{Credential, Origin, RawRefusal};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName, LOCATION, RETRY_AFTER, VARY};
use http::{HeaderValue, StatusCode};
use serde_json::Value;

use super::Web;
use super::ask::{list, text};
use super::cookies::{self, Kind};
use super::visit::{Left, SIGNED_OUT, Seen, Visit, csrf_of};
use crate::frame::{Flash, FlashKind, Frame};
use crate::pages::problem::ProblemPage;
use crate::pages::sign_in::SignIn;
use crate::words::{capital, in_path, quoted};

/// An answer.
pub type Response = http::Response<Body>;
/// What a page comes to.
pub type Page = Result<Response, Box<Refused>>;

/// Nothing but what this origin serves, no script in a page, no frame around it.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
const HTML: &str = "text/html; charset=utf-8";

/// What is wrong with one member of a body, or with one parameter.
pub struct Wrong {
    pub pointer: String,
    pub code: String,
    pub detail: String,
}

/// Why there is no page.
pub struct Refused {
    pub status: u16,
    pub code: String,
    /// A sentence for the person.
    pub detail: String,
    /// What is wrong with which field.
    pub errors: Vec<Wrong>,
    pub request_id: Option<String>,
    /// Headers of the refusal that a browser is told, too.
    headers: Vec<(&'static str, String)>,
    /// Set if the door has not heard of it yet.
    unheard: Option<(Origin, Problem)>,
}

impl Refused {
    /// What the door answered.
    pub fn of_door(status: u16, json: &Value, request_id: String) -> Box<Self> {
        let wrong = |error| Wrong { pointer: text(error, "pointer"), code: text(error, "code"), detail: text(error, "detail") };
        let errors = list(json, "errors").iter().map(wrong).collect();
        let (code, detail) = (text(json, "code"), text(json, "detail"));
        Box::new(Self { status, code, detail, errors, request_id: Some(request_id), headers: Vec::new(), unheard: None })
    }

    /// The same with what its headers say: when to come back, and which methods there are.
    pub fn with(mut self: Box<Self>, headers: Vec<(&'static str, String)>) -> Box<Self> {
        self.headers = headers.into_iter().filter(|(name, _)| [RETRY_AFTER.as_str(), ALLOW.as_str()].contains(name)).collect();
        self
    }

    /// A page that says it, with these headers.
    pub fn on(&self, mut response: Response) -> Response {
        for (name, value) in &self.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        response
    }

    /// A refusal of the adapter itself.
    pub fn by(origin: Origin, problem: Problem) -> Box<Self> {
        Box::new(Self {
            status: problem.code.status,
            code: problem.code.name.to_owned(),
            detail: problem.detail.clone(),
            errors: Vec::new(),
            request_id: None,
            headers: Vec::new(),
            unheard: Some((origin, problem)),
        })
    }

    /// Journals a refusal that the door has not heard of.
    pub async fn journaled(mut self: Box<Self>, web: &Web, credential: Credential) -> Self {
        if let Some((mut origin, problem)) = self.unheard.take() {
            // What is refused here keeps nobody signed in.
            origin.unattended = true;
            let route = "console".to_owned();
            let answer = web.door.refuse(RawRefusal { label: "console.refused", route, credential, problem, origin }).await;
            (self.status, self.request_id) = (answer.status(), Some(answer.request_id().to_string()));
            self = self.with(answer.into_parts().0);
        }
        *self
    }

    /// Whether the page of the form can say it: what was sent cannot be taken.
    pub fn is_of_form(&self) -> bool {
        [400, 403, 409, 412, 413, 422, 428].contains(&self.status)
    }

    /// Whether there is no page to come back to: nobody is signed in, it is not there, or the server
    /// takes no more for now.
    pub fn bars_the_page(&self) -> bool {
        [401, 404, 429, 503].contains(&self.status)
    }

    /// What is wrong, a sentence each.
    pub fn sentences(&self) -> Vec<String> {
        if self.errors.is_empty() {
            return vec![capital(&quoted(&self.detail))];
        }
        let sentence = |wrong: &Wrong| {
            let field = wrong.pointer.trim_start_matches('/').replace(['_', '/'], " ");
            format!("{}: {}", capital(&field), quoted(&wrong.detail))
        };
        self.errors.iter().map(sentence).collect()
    }
}

/// A page, with everything that keeps it from being framed, cached or scripted.
pub fn html(status: u16, body: String) -> Response {
    let mut response = http::Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(HTML));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    guard(&mut response);
    response
}

/// Adds what keeps a page from being framed or scripted.
pub fn guard(response: &mut Response) {
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-frame-options", "DENY"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
    ] {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
}

/// A file to keep. What no header takes of its name becomes `_`.
pub fn download(kind: &'static str, name: &str, body: Body) -> Response {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || ".-_ ()".contains(letter);
    let name: String = name.chars().map(|letter| if plain(letter) { letter } else { '_' }).collect();
    let mut response = html(200, String::new());
    *response.body_mut() = body;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, disposition);
    }
    response
}

/// Renders a page for a visit; the message that it showed is forgotten.
pub fn render(web: &Web, visit: &Visit, status: u16, page: &impl Template) -> Response {
    let mut response = match page.render() {
        Ok(text) => html(status, text),
        Err(error) => {
            tracing::error!(%error, "a page cannot be written");
            html(500, "<!doctype html><title>ClinicOS</title><h1>This page cannot be shown</h1><p>Whether what you did was done stands in the access log.".to_owned())
        }
    };
    if visit.is_new {
        web.cookies.set(&mut response, Kind::Visitor, &visit.visitor, None);
    }
    if visit.flash.is_some() {
        web.cookies.end(&mut response, Kind::Flash);
    }
    response
}

/// Goes on to another page, after a form.
pub fn redirect(to: &str) -> Response {
    let mut response = html(303, String::new());
    // A path that is no header value cannot be gone to; the first page can.
    response.headers_mut().insert(LOCATION, HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/console")));
    response
}

/// Goes on, and tells there what came of the form.
pub fn done(web: &Web, to: &str, kind: FlashKind, text: &str) -> Response {
    let mut response = redirect(to);
    tell(web, &mut response, kind, text);
    response
}

/// Tells on the next page what came of a form.
pub fn tell(web: &Web, response: &mut Response, kind: FlashKind, text: &str) {
    let mark = if kind == FlashKind::Error { 'e' } else { 's' };
    web.cookies.set(response, Kind::Flash, &format!("{mark}{}", message(text)), Some(60));
}

/// Goes on after a form that says what came of it in a message.
pub async fn told(web: &Web, visit: &Visit, to: &str, result: Result<(), Box<Refused>>, well: &str) -> Page {
    match result {
        Ok(()) => Ok(done(web, to, FlashKind::Success, well)),
        Err(refused) if refused.bars_the_page() => Err(refused),
        Err(refused) => {
            let refused = refused.journaled(web, visit.credential()).await;
            Ok(done(web, to, FlashKind::Error, &refused.sentences().join(". ")))
        }
    }
}

/// A message as it stands in its cookie. One that is too long ends after a sentence, and says so.
fn message(text: &str) -> String {
    const MORE: &str = "… and more.";
    const BYTES_MAX: usize = cookies::BYTES_MAX - 1;
    let encoded = |text: &str| in_path(text).replace('~', "%7E");
    let whole = encoded(text);
    if whole.len() <= BYTES_MAX {
        return whole;
    }
    let room = BYTES_MAX - encoded(MORE).len();
    let (mut used, mut fits, mut sentences) = (0, 0, 0);
    for (at, letter) in text.char_indices() {
        used += encoded(letter.encode_utf8(&mut [0; 4])).len();
        if used > room {
            break;
        }
        fits = at + letter.len_utf8();
        if text.get(..fits).is_some_and(|kept| kept.ends_with(". ")) {
            sentences = fits;
        }
    }
    let end = if sentences > 0 { sentences } else { fits };
    encoded(&format!("{}{MORE}", text.get(..end).unwrap_or_default()))
}

/// The message of the last form.
pub fn flash(visit: &Visit) -> Option<Flash> {
    message_of(visit.flash.as_deref()?)
}

fn message_of(value: &str) -> Option<Flash> {
    let kind = if value.starts_with('e') { FlashKind::Error } else { FlashKind::Success };
    let text = form_urlencoded::parse(format!("t={}", value.get(1..)?).as_bytes()).next()?.1.into_owned();
    Some(Flash { kind, text })
}

/// The page that says what went wrong. Who is not signed in is asked to.
pub async fn refused(web: &Web, seen: Option<Seen>, refused: Refused) -> Response {
    if refused.status == 401
        && let Some(seen) = &seen
    {
        let back = if seen.is_get { format!("?next={}", in_path(&seen.origin.target)) } else { String::new() };
        let mut response = match &seen.left {
            Some(left) => signed_out(web, left),
            None => redirect(&format!("/console/sign-in{back}")),
        };
        if seen.session.is_some() {
            web.cookies.end(&mut response, Kind::Session);
        }
        return response;
    }
    let title = match refused.status {
        403 => "You may not do this",
        404 => "There is no such page",
        409 | 412 | 428 => "It has changed meanwhile",
        429 => "Too many calls at once",
        503 => "The server cannot answer now",
        _ => "This did not work",
    };
    // Whoever is told to wait, or cannot be answered, is not looked up on top of it.
    let known_as = match seen.filter(|_| refused.status < 429) {
        Some(seen) => web.known_as(seen.session, seen.origin).await,
        None => None,
    };
    let page = ProblemPage {
        frame: Frame { sandbox: web.is_sandbox(), known_as, ..Frame::default() },
        status: refused.status,
        title: title.to_owned(),
        what_to_do: refused.sentences().join(". "),
        request_id: refused.request_id.clone(),
    };
    refused.on(for_whoever_is_known(html(refused.status, page.render().unwrap_or_default())))
}

/// Asks who sent a form without a session to sign in again, and keeps what they typed until then.
fn signed_out(web: &Web, left: &Left) -> Response {
    let csrf = csrf_of(web, &left.visitor, None);
    let page = SignIn {
        frame: Frame { sandbox: web.is_sandbox(), csrf, ..Frame::default() },
        error: None,
        notice: Some(match left.kept {
            Some(_) => format!("{}. What you typed is kept.", capital(SIGNED_OUT)),
            None => format!("{}.", capital(SIGNED_OUT)),
        }),
        email: String::new(),
        next: left.page.clone(),
        kept: left.kept.as_ref().map(|(user, kept)| kept.sealed(web.door.services(), *user)).unwrap_or_default(),
    };
    let mut response = html(401, page.render().unwrap_or_default());
    if left.is_new {
        web.cookies.set(&mut response, Kind::Visitor, &left.visitor, None);
    }
    response
}

/// A page that is nobody's own, and names who is signed in: no cache shows it to anybody else.
pub fn for_whoever_is_known(mut response: Response) -> Response {
    response.headers_mut().append(VARY, HeaderValue::from_static("cookie"));
    response
}

#[cfg(test)]
mod tests {
    use http::header::COOKIE;

    use super::*;

    /// What the next page shows of a message.
    fn shown(text: &str) -> Option<String> {
        let line = format!("flash=e{}", message(text));
        let headers = [(COOKIE, line.parse().unwrap())].into_iter().collect();
        message_of(&cookies::value(&headers, "flash")?).map(|flash| flash.text)
    }

    #[test]
    fn a_message_is_read_as_it_was_written() {
        for text in ["", "Done.", "50 % of ~x; \"é\" 🐕 a=b"] {
            assert_eq!(shown(text).as_deref(), Some(text));
        }
    }

    #[test]
    fn a_long_message_ends_after_a_sentence() {
        let sentence = "Browser origins 1: `https://tool.example/` must be an origin such as `https://tool.example`";
        let long = shown(&vec![sentence; 20].join(". ")).unwrap();
        assert!(long.starts_with(sentence) && long.ends_with("example`. … and more."), "{long}");
        for letter in ["é", "a", "~", "🐕"] {
            let long = shown(&letter.repeat(2_000)).unwrap();
            assert!(long.starts_with(letter) && long.ends_with("… and more."), "{long}");
        }
    }
}
