//! `/console/account`

use clinicos_gate::{SessionId, UserId};
use qrcode::{Color, EcLevel, QrCode};
use serde_json::{Value, json};

use super::Web;
use super::amend::{self, Field};
use super::ask::{Ask, Person, count, is, text, texts};
use super::respond::{Page, Refused, render, told};
use super::roles;
use super::visit::Visit;
use crate::faults::Faults;
use crate::frame::Section;
use crate::pages::account::{Account, RecoveryCodes, SecondFactor, Session};
use crate::qr::Qr;
use crate::words::{counted, in_path};

const HERE: &str = "/console/account";

/// A form of the page that asks for the password, by its fields.
type Form = [Field; 2];

const PASSWORD: &str = "/current_password";
const ON: Form =
    [Field::new("/code", "on-code", "The 6 digits that the app shows"), Field::new(PASSWORD, "on-password", "Your password")];
const RENEW: Form =
    [Field::new("/code", "renew-code", "Code from your app"), Field::new(PASSWORD, "renew-password", "Your password")];
const OFF: Form = [Field::new("/code", "off-code", "Code from your app"), Field::new(PASSWORD, "off-password", "Your password")];
const CHANGE: Form =
    [Field::new(PASSWORD, "change-password", "Password now"), Field::new("/new_password", "change-new", "New password")];

/// The account of the person who is signed in.
pub async fn show(web: Web, visit: Visit) -> Page {
    page(&web, &visit, 200, String::new(), Faults::default()).await
}

/// The secret that waits to be confirmed; a new one, if none does.
async fn begun(web: &Web, visit: &Visit) -> Result<String, Box<Refused>> {
    let user = web.ask(visit, Ask { operation: "users.begin_second_factor", ..Ask::default() }).await?;
    Ok(text(&user, "second_factor_secret"))
}

async fn page(web: &Web, visit: &Visit, status: u16, secret: String, faults: Faults) -> Page {
    let person = web.person(visit).await?;
    let user_id = text(&person.user, "id");
    let sessions = web.all(visit, "sessions.list", &format!("&user_id={user_id}")).await?;
    let living = UserId::parse(&user_id).map(|user| web.door.living_sessions(user)).unwrap_or_default();
    let lives = |session: &&Value| SessionId::parse(&text(session, "id")).is_some_and(|id| living.contains(&id));
    let own = text(&person.user, "session_id");
    let mut sessions: Vec<Session> = sessions
        .iter()
        .filter(lives)
        .map(|session| Session {
            id: text(session, "id"),
            device: Some(text(session, "device")).filter(|device| !device.is_empty()).unwrap_or_else(|| "A browser".to_owned()),
            started: person.zone.when(&text(session, "created_at")),
            last_active: person
                .zone
                .maybe(session, "last_used_at")
                .unwrap_or_else(|| person.zone.when(&text(session, "created_at"))),
            current: text(session, "id") == own,
        })
        .collect();
    sessions.sort_by_key(|session| !session.current);
    let page = Account {
        frame: web.frame(visit, &person, Section::Other),
        email: text(&person.user, "email"),
        role_means: roles::explained(&text(&person.user, "role")),
        second_factor: second_factor(&person, secret),
        faults,
        sessions,
    };
    Ok(render(web, visit, status, &page))
}

fn second_factor(person: &Person, secret: String) -> SecondFactor {
    if is(&person.user, "second_factor") {
        let since = person.zone.when(&text(&person.user, "updated_at"));
        let codes_left = match count(&person.user, "recovery_codes_left") {
            0 => "You have no recovery codes left. Make new ones.".to_owned(),
            left => format!("You have {}, for when you lose your phone.", counted(left, "recovery code", "recovery codes")),
        };
        return SecondFactor::On { since, codes_left };
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
    match begun(&web, &visit).await {
        Ok(secret) => page(&web, &visit, 200, secret, Faults::default()).await,
        Err(refused) => told(&web, &visit, HERE, Err(refused), "").await,
    }
}

/// `POST /console/account/second-factor/cancel`
pub async fn cancel(web: Web, visit: Visit) -> Page {
    let cancelled = web.ask(&visit, Ask { operation: "users.cancel_second_factor", ..Ask::default() }).await;
    told(&web, &visit, HERE, cancelled.map(drop), "Nothing was turned on.").await
}

/// `POST /console/account/second-factor`
pub async fn confirm(web: Web, visit: Visit) -> Page {
    let person = web.person(&visit).await?;
    match by_owner(&web, &visit, "users.confirm_second_factor").await {
        Ok(user) => recovery_codes(&web, &visit, &person, &user),
        Err(refused) => corrected(&web, &visit, &ON, refused).await,
    }
}

/// `POST /console/account/second-factor/recovery-codes`
pub async fn renew(web: Web, visit: Visit) -> Page {
    let person = web.person(&visit).await?;
    match by_owner(&web, &visit, "users.renew_recovery_codes").await {
        Ok(user) => recovery_codes(&web, &visit, &person, &user),
        Err(refused) => corrected(&web, &visit, &RENEW, refused).await,
    }
}

async fn by_owner(web: &Web, visit: &Visit, operation: &str) -> Result<Value, Box<Refused>> {
    let body = Some(json!({"current_password": visit.secret("password"), "code": visit.field("code")}));
    web.ask(visit, Ask { operation, body, ..Ask::default() }).await
}

/// The page again, with what was wrong beside the field that it was typed into.
async fn corrected(web: &Web, visit: &Visit, form: &Form, refused: Box<Refused>) -> Page {
    if ![400, 422, 429].contains(&refused.status) {
        return told(web, visit, HERE, Err(refused), "").await;
    }
    let faults = amend::faults(visit, &refused, form, Vec::new());
    // The picture stays the same, so that nobody has to scan it again for a wrong digit.
    let is_on = form.iter().any(|field| field.id.starts_with("on-"));
    let secret = if is_on { begun(web, visit).await? } else { String::new() };
    Ok(refused.on(page(web, visit, refused.status, secret, faults).await?))
}

/// The only page that ever shows recovery codes. It asks nothing that could fail: they were made.
fn recovery_codes(web: &Web, visit: &Visit, person: &Person, user: &Value) -> Page {
    let page = RecoveryCodes { frame: web.frame(visit, person, Section::Other), codes: texts(user, "recovery_codes") };
    Ok(render(web, visit, 200, &page))
}

/// `POST /console/account/second-factor/off`
pub async fn off(web: Web, visit: Visit) -> Page {
    match by_owner(&web, &visit, "users.end_second_factor").await {
        Ok(_) => told(&web, &visit, HERE, Ok(()), "No code is asked for any more.").await,
        Err(refused) => corrected(&web, &visit, &OFF, refused).await,
    }
}

/// `POST /console/account/password`
pub async fn password(web: Web, visit: Visit) -> Page {
    let body = Some(json!({"current_password": visit.secret("password"), "new_password": visit.secret("new_password")}));
    match web.ask(&visit, Ask { operation: "users.change_password", body, ..Ask::default() }).await {
        Ok(_) => told(&web, &visit, HERE, Ok(()), "Your password was changed, and your other sessions were ended.").await,
        Err(refused) => corrected(&web, &visit, &CHANGE, refused).await,
    }
}

/// `POST /console/account/sessions/end`
pub async fn end_session(web: Web, visit: Visit) -> Page {
    let path = vec![("session_id", visit.field("session"))];
    let ended = web.ask(&visit, Ask { operation: "sessions.end", path, ..Ask::default() }).await;
    told(&web, &visit, HERE, ended.map(drop), "That session is over.").await
}
