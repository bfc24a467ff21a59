//! Signing in and out, invitations, and the files beside the pages.

use bytes::Bytes;
use clinicos_contract::{Problem, problem};
use clinicos_gate::people::SESSION_HOURS_MAX;
use clinicos_gate::sign_in::device;
use clinicos_gate::{Credential, Origin, RawAnswer, Secret};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use serde_json::{Value, json};

use super::Web;
use super::amend::{self, Field};
use super::ask::{Ask, is, text};
use super::cookies::Kind;
use super::kept::Kept;
use super::once;
use super::respond::{Page, Refused, Response, done, html, redirect, render, tell};
use super::roles;
use super::visit::{Visit, csrf_of, is_page_to_return_to};
use crate::assets;
use crate::faults::Faults;
use crate::frame::{FlashKind, Frame};
use crate::pages::kept::LeftOff;
use crate::pages::sign_in::{LinkGone, SignIn, Welcome};

/// A session's cookie goes when the session does.
const SESSION_SECONDS: i64 = SESSION_HOURS_MAX * 3_600;
const YOUR_NAME: Field = Field::new("/name", "name", "Your name");
const PASSWORD: Field = Field::new("/password", "password", "Password");
const DEVICE_SECONDS: i64 = device::DEVICE_DAYS * 86_400;

/// `GET /console/sign-in`
pub async fn sign_in_form(web: Web, visit: Visit) -> Page {
    let (next, email, kept) = (visit.asked("next"), String::new(), String::new());
    let page = SignIn { frame: web.open_frame(&visit), error: None, notice: None, email, next, kept };
    let response = render(&web, &visit, 200, &page);
    account(&web, visit, "console.sign_in", "GET /console/sign-in").await?;
    Ok(response)
}

/// `POST /console/sign-in`
pub async fn sign_in(web: Web, visit: Visit) -> Page {
    let code = Some(visit.field("code")).filter(|code| !code.is_empty());
    let (email, next) = (visit.field("email"), visit.field("next"));
    let (password, device) = (Secret::new(visit.secret("password")), visit.device.clone());
    let credential = Credential::Password { email: email.clone(), password, code, device };
    match web.ask_as(&visit, credential, begin(&visit)).await {
        Ok(session) => Ok(signed_in(&web, &visit, &session, &email, &next)),
        Err(refused) => {
            let error = Some(refused.sentences().join(" "));
            let (notice, kept) = (None, visit.secret("kept"));
            let page = SignIn { frame: web.open_frame(&visit), error, notice, email, next, kept };
            Ok(refused.on(render(&web, &visit, refused.status, &page)))
        }
    }
}

/// A session of this browser.
fn begin(visit: &Visit) -> Ask<'static> {
    let body = match visit.agent {
        Some((browser, system)) => json!({"browser": browser.name(), "system": system.name()}),
        None => json!({}),
    };
    Ask { operation: "sessions.create", body: Some(body), ..Ask::default() }
}

fn signed_in(web: &Web, visit: &Visit, session: &Value, email: &str, next: &str) -> Response {
    let (to, token) = (if is_page_to_return_to(next) { next } else { "/console" }, text(session, "token"));
    let kept = Kept::unsealed(web.door.services(), &text(session, "user_id"), &visit.secret("kept"));
    let mut response = match kept {
        None => redirect(to),
        Some(kept) => left_off(web, visit, &token, to, kept),
    };
    if let Some(left) = session.get("recovery_codes_left").and_then(Value::as_i64) {
        tell(web, &mut response, FlashKind::Success, &used_recovery_code(left));
    }
    web.cookies.set(&mut response, Kind::Session, &token, Some(SESSION_SECONDS));
    // From now on tries from this browser have a budget of their own.
    let device = device::remember(web.door.services(), email, visit.device.as_deref());
    web.cookies.set(&mut response, Kind::Device, &device, Some(DEVICE_SECONDS));
    response
}

/// Shows the form that could not be sent before. It is sent by who looked at it, not by itself.
fn left_off(web: &Web, visit: &Visit, token: &str, page: &str, kept: Kept) -> Response {
    let kept = kept.with_nonce(|nonce| once::kept(web, nonce));
    let page = LeftOff {
        frame: Frame { csrf: csrf_of(web, &visit.visitor, Some(token)), ..web.open_frame(visit) },
        what: kept.what.to_owned(),
        typed: kept.facts(),
        action: kept.action,
        fields: kept.fields,
        page: page.to_owned(),
    };
    render(web, visit, 200, &page)
}

fn used_recovery_code(left: i64) -> String {
    format!(
        "That recovery code is used up; {left} are left. If you lost your phone, turn the code off under Your account and set it up again."
    )
}

/// `POST /console/sign-out`
pub async fn sign_out(web: Web, visit: Visit) -> Page {
    // A session that is over already is as good as one that was ended now.
    let ended = web.ask(&visit, Ask { operation: "sessions.sign_out", ..Ask::default() }).await;
    if let Err(refused) = ended
        && ![401, 409].contains(&refused.status)
    {
        return Err(refused);
    }
    let mut response = redirect("/console/sign-in");
    web.cookies.end(&mut response, Kind::Session);
    Ok(response)
}

/// `GET /console/welcome?token=`
pub async fn welcome_form(web: Web, visit: Visit) -> Page {
    let token = visit.asked("token");
    match welcome_page(&web, &visit, token.clone(), Faults::default()).await {
        Ok(page) => Ok(render(&web, &visit, 200, &page)),
        Err(refused) => gone(&web, &visit, &token, refused),
    }
}

/// `POST /console/welcome`
pub async fn welcome(web: Web, visit: Visit) -> Page {
    let (token, name, password) = (visit.field("token"), visit.filled("name"), visit.secret("password"));
    let invited = web.ask_as(&visit, Credential::Invitation(token.clone()), INVITED).await;
    let body = Some(json!({"name": name, "password": password}));
    let ask = Ask { operation: "users.accept_invitation", body, ..Ask::default() };
    if let Err(refused) = web.ask_as(&visit, Credential::Invitation(token.clone()), ask).await {
        if refused.status == 401 {
            return gone(&web, &visit, &token, refused);
        }
        let own = amend::empty(&visit, &[("name", YOUR_NAME)]);
        let faults = amend::faults(&visit, &refused, &[YOUR_NAME, PASSWORD], own);
        let mut page = match welcome_page(&web, &visit, token.clone(), faults).await {
            Ok(page) => page,
            Err(refused) => return gone(&web, &visit, &token, refused),
        };
        page.name = visit.again("name");
        return Ok(refused.on(render(&web, &visit, refused.status, &page)));
    }
    let invited = invited?;
    // Who was invited anew has kept the second factor.
    if is(&invited, "second_factor") {
        return Ok(done(
            &web,
            "/console/sign-in",
            FlashKind::Success,
            "Your password is set. Sign in with it and a code from your app.",
        ));
    }
    let (email, password) = (text(&invited, "email"), Secret::new(password));
    let credential = Credential::Password { email: email.clone(), password, code: None, device: visit.device.clone() };
    let session = web.ask_as(&visit, credential, begin(&visit)).await?;
    Ok(signed_in(&web, &visit, &session, &email, "/console"))
}

const INVITED: Ask<'static> =
    Ask { operation: "users.invitation", path: Vec::new(), query: String::new(), body: None, version: None, once: None };

async fn welcome_page(web: &Web, visit: &Visit, token: String, faults: Faults) -> Result<Welcome, Box<Refused>> {
    let invited = web.ask_as(visit, Credential::Invitation(token.clone()), INVITED).await?;
    let role = text(&invited, "role");
    let article = if role.starts_with(['A', 'I']) { "an" } else { "a" };
    Ok(Welcome {
        frame: Frame { clinic: "your clinic".to_owned(), ..web.open_frame(visit) },
        faults,
        token,
        invited_by: "An administrator".to_owned(),
        role_means: roles::explained(&role),
        role: format!("{article} {role}"),
        email: text(&invited, "email"),
        name: text(&invited, "name"),
    })
}

/// What became of a link that no longer works, and what to do. It is no reason to ask for a sign-in.
fn gone(web: &Web, visit: &Visit, token: &str, refused: Box<Refused>) -> Page {
    if refused.status != 401 {
        return Err(refused);
    }
    let what = if token.is_empty() {
        "It is not complete: what stands behind “token=” is missing. Copy the whole link, or open it from the message that it came with."
    } else {
        "It was used already, has run out, or a newer one was made since. Or a part of it was lost when it was copied."
    };
    let frame = web.open_frame(visit);
    let page = LinkGone { frame, what: what.to_owned(), request_id: refused.request_id.clone() };
    Ok(render(web, visit, 404, &page))
}

/// `GET /console/assets/{path}`
pub async fn asset(web: Web, visit: Visit) -> Page {
    let path = visit.part("path");
    file(&web, visit, &path, "GET /console/assets/{path}").await
}

/// `GET /favicon.ico`, where browsers look that were told of no other.
pub async fn favicon(web: Web, visit: Visit) -> Page {
    let mut response = file(&web, visit, "favicon.ico", "GET /favicon.ico").await?;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    Ok(response)
}

async fn file(web: &Web, visit: Visit, path: &str, route: &str) -> Page {
    let Some(asset) = assets::asset(path) else {
        return Err(Refused::by(visit.origin, Problem::new(&problem::NOT_FOUND, "there is no such file")));
    };
    account(web, visit, "console.asset", route).await?;
    let mut response = html(200, String::new());
    *response.body_mut() = axum::body::Body::from(asset.bytes);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    let kept = if asset.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", asset.etag_hash)) {
        headers.insert(ETAG, tag);
    }
    Ok(response)
}

/// Journals an answer that holds no data and that no operation gives.
pub async fn account(web: &Web, visit: Visit, label: &'static str, route: &str) -> Result<(), Box<Refused>> {
    account_as(web, visit.origin, label, route, 200).await
}

/// The same with another status.
pub async fn account_as(web: &Web, origin: Origin, label: &'static str, route: &str, status: u16) -> Result<(), Box<Refused>> {
    let content_type = "text/plain";
    let answer = RawAnswer { label, route: route.to_owned(), status, content_type, body: Bytes::new(), origin: origin.clone() };
    if web.door.account(answer).await.status() < 400 {
        return Ok(());
    }
    Err(Refused::by(origin, Problem::unavailable("the journal cannot be written")))
}
