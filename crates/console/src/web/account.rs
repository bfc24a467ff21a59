//! `/console/account`

use qrcode::{Color, EcLevel, QrCode};
use serde_json::{Value, json};

use super::Web;
use super::amend::{self, Field};
use super::ask::{Ask, Person, count, is, text, texts};
use super::respond::{Page, Refused, render, told};
use super::visit::Visit;
use crate::faults::Faults;
use crate::frame::Section;
use crate::pages::account::{Account, RecoveryCodes, SecondFactor, Session};
use crate::qr::Qr;
use crate::words::{counted, in_path};

const HERE: &str = "/console/account";
const PASSWORDS: [Field; 2] =
    [Field::new("/current_password", "old", "Password now"), Field::new("/new_password", "new", "New password")];

/// The account of the person who is signed in.
pub async fn show(web: Web, visit: Visit) -> Page {
    let page = account(&web, &visit, String::new()).await?;
    Ok(render(&web, &visit, 200, &page))
}

/// The account, with the secret while a factor is set up.
async fn account(web: &Web, visit: &Visit, secret: String) -> Result<Account, Box<Refused>> {
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
    Ok(Account {
        frame: web.frame(visit, &person, Section::Other),
        email: text(&person.user, "email"),
        second_factor: second_factor(&person, secret),
        error: None,
        faults: Faults::default(),
        sessions,
    })
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
    match web.ask(&visit, Ask { operation: "users.begin_second_factor", ..Ask::default() }).await {
        Ok(user) => {
            let page = account(&web, &visit, text(&user, "second_factor_secret")).await?;
            Ok(render(&web, &visit, 200, &page))
        }
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
    let refused = match with_code(&web, &visit, "users.confirm_second_factor").await {
        Ok(user) => return recovery_codes(&web, &visit, &person, &user),
        Err(refused) => refused,
    };
    if ![422, 429].contains(&refused.status) {
        return told(&web, &visit, HERE, Err(refused), "").await;
    }
    // The picture stays the same, so that nobody has to scan it again for a wrong digit.
    let user = web.ask(&visit, Ask { operation: "users.begin_second_factor", ..Ask::default() }).await?;
    let mut page = account(&web, &visit, text(&user, "second_factor_secret")).await?;
    page.error = Some(refused.sentences().join(". "));
    Ok(refused.on(render(&web, &visit, refused.status, &page)))
}

/// `POST /console/account/second-factor/recovery-codes`
pub async fn renew(web: Web, visit: Visit) -> Page {
    let person = web.person(&visit).await?;
    match with_code(&web, &visit, "users.renew_recovery_codes").await {
        Ok(user) => recovery_codes(&web, &visit, &person, &user),
        Err(refused) => told(&web, &visit, HERE, Err(refused), "").await,
    }
}

async fn with_code(web: &Web, visit: &Visit, operation: &str) -> Result<Value, Box<Refused>> {
    let body = Some(json!({"code": visit.field("code")}));
    web.ask(visit, Ask { operation, body, ..Ask::default() }).await
}

/// The only page that ever shows recovery codes. It asks nothing that could fail: they were made.
fn recovery_codes(web: &Web, visit: &Visit, person: &Person, user: &Value) -> Page {
    let page = RecoveryCodes { frame: web.frame(visit, person, Section::Other), codes: texts(user, "recovery_codes") };
    Ok(render(web, visit, 200, &page))
}

/// `POST /console/account/second-factor/off`
pub async fn off(web: Web, visit: Visit) -> Page {
    let turned = with_code(&web, &visit, "users.end_second_factor").await;
    told(&web, &visit, HERE, turned.map(drop), "No code is asked for any more.").await
}

/// `POST /console/account/password`
pub async fn password(web: Web, visit: Visit) -> Page {
    let body = Some(json!({"current_password": visit.secret("password"), "new_password": visit.secret("new_password")}));
    match web.ask(&visit, Ask { operation: "users.change_password", body, ..Ask::default() }).await {
        Err(refused) if refused.is_of_form() => {
            let mut page = account(&web, &visit, String::new()).await?;
            page.faults = amend::faults(&visit, &refused, &PASSWORDS, Vec::new());
            Ok(render(&web, &visit, refused.status, &page))
        }
        changed => {
            let well = "Your password was changed, and your other sessions were ended.";
            told(&web, &visit, HERE, changed.map(drop), well).await
        }
    }
}

/// `POST /console/account/sessions/end`
pub async fn end_session(web: Web, visit: Visit) -> Page {
    let path = vec![("session_id", visit.field("session"))];
    let ended = web.ask(&visit, Ask { operation: "sessions.end", path, ..Ask::default() }).await;
    told(&web, &visit, HERE, ended.map(drop), "That session is over.").await
}
