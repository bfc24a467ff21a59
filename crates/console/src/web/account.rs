//! `/console/account`

use qrcode::{Color, EcLevel, QrCode};
use serde_json::json;

use super::Web;
use super::ask::{Ask, Person, is, text};
use super::respond::{Page, Refused, done, render};
use super::visit::Visit;
use crate::frame::{FlashKind, Section};
use crate::pages::account::{Account, SecondFactor, Session};
use crate::qr::Qr;
use crate::words::in_path;

const HERE: &str = "/console/account";

/// The account of the person who is signed in.
pub async fn show(web: Web, visit: Visit) -> Page {
    account(&web, &visit, String::new()).await
}

async fn account(web: &Web, visit: &Visit, secret: String) -> Page {
    let person = web.person(visit).await?;
    let user_id = text(&person.user, "id");
    let sessions = web.all(visit, "sessions.list", &format!("&user_id={user_id}")).await?;
    let now = person.zone.now().as_micros();
    let lives = |session: &&serde_json::Value| {
        let ends = text(session, "expires_at").parse::<jiff::Timestamp>().map(|at| at.as_microsecond());
        text(session, "ended_at").is_empty() && ends.is_ok_and(|ends| ends > now)
    };
    let own = text(&person.user, "session_id");
    let mut sessions: Vec<Session> = sessions
        .iter()
        .filter(lives)
        .map(|session| Session {
            id: text(session, "id"),
            device: "A browser".to_owned(),
            started: person.zone.when(&text(session, "created_at")),
            last_active: person.zone.when(&text(session, "updated_at")),
            current: text(session, "id") == own,
        })
        .collect();
    sessions.sort_by_key(|session| !session.current);
    let page = Account {
        frame: web.frame(visit, &person, Section::Other),
        email: text(&person.user, "email"),
        second_factor: second_factor(&person, secret),
        sessions,
    };
    Ok(render(web, visit, 200, &page))
}

fn second_factor(person: &Person, secret: String) -> SecondFactor {
    if is(&person.user, "second_factor") {
        return SecondFactor::On { since: person.zone.when(&text(&person.user, "updated_at")) };
    }
    let name = in_path(&text(&person.user, "email"));
    let address = format!("otpauth://totp/ClinicOS:{name}?secret={secret}&issuer=ClinicOS");
    SecondFactor::Off { qr: if secret.is_empty() { Qr::default() } else { qr(&address) }, secret }
}

fn qr(address: &str) -> Qr {
    let Ok(code) = QrCode::with_error_correction_level(address.as_bytes(), EcLevel::M) else { return Qr::default() };
    let modules: Vec<bool> = code.to_colors().into_iter().map(|color| color == Color::Dark).collect();
    Qr { rows: modules.chunks(code.width()).map(<[bool]>::to_vec).collect() }
}

/// `POST /console/account/second-factor/begin`
pub async fn begin(web: Web, visit: Visit) -> Page {
    match web.ask(&visit, Ask { operation: "users.begin_second_factor", ..Ask::default() }).await {
        Ok(user) => account(&web, &visit, text(&user, "second_factor_secret")).await,
        Err(refused) => told(&web, Err(refused), ""),
    }
}

/// `POST /console/account/second-factor`
pub async fn confirm(web: Web, visit: Visit) -> Page {
    let body = Some(json!({"code": visit.field("code")}));
    let turned = web.ask(&visit, Ask { operation: "users.confirm_second_factor", body, ..Ask::default() }).await;
    told(&web, turned.map(drop), "A code from your app is asked for from now on.")
}

/// `POST /console/account/second-factor/off`
pub async fn off(web: Web, visit: Visit) -> Page {
    let body = Some(json!({"code": visit.field("code")}));
    let turned = web.ask(&visit, Ask { operation: "users.end_second_factor", body, ..Ask::default() }).await;
    told(&web, turned.map(drop), "No code is asked for any more.")
}

/// `POST /console/account/password`
pub async fn password(web: Web, visit: Visit) -> Page {
    let body = Some(json!({"current_password": visit.secret("password"), "new_password": visit.secret("new_password")}));
    let changed = web.ask(&visit, Ask { operation: "users.change_password", body, ..Ask::default() }).await;
    told(&web, changed.map(drop), "Your password was changed, and your other sessions were ended.")
}

/// `POST /console/account/sessions/end`
pub async fn end_session(web: Web, visit: Visit) -> Page {
    let path = vec![("session_id", visit.field("session"))];
    let ended = web.ask(&visit, Ask { operation: "sessions.end", path, ..Ask::default() }).await;
    told(&web, ended.map(drop), "That session is over.")
}

fn told(web: &Web, result: Result<(), Box<Refused>>, well: &str) -> Page {
    match result {
        Ok(()) => Ok(done(web, HERE, FlashKind::Success, well)),
        Err(refused) if [401, 503].contains(&refused.status) => Err(refused),
        Err(refused) => Ok(done(web, HERE, FlashKind::Error, &refused.sentences().join(". "))),
    }
}
