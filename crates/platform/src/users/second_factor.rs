//! The second factor (RFC 6238): `POST /v1/users/{begin,cancel,confirm,end}_second_factor`,
//! `/v1/users/renew_recovery_codes`, and for the operator `/v1/users/{user_id}/end_second_factor`
//!
//! A secret that waits is sealed for the session that began it. Whoever came into another session of
//! the same person learns nothing of it, so that the owner never confirms what a thief has seen.

use std::borrow::Cow;

use clinicos_contract::schema::Schema;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Body, Problem, RateClass, Record as _, Reply, Route, Shown, Spec, Timestamp, Verb, problem, source};
use clinicos_gate::sign_in::{self, BASE32, RECOVERY_CODES};
use clinicos_gate::{
    Announcement, Caller, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _, Seal, SessionId, conflict,
};
use serde::Deserialize;

use super::model::{RecoveryCodes, User, code, password};
use super::password::check_current;
use super::rows::Totp;
use super::{RESOURCE, events, rows};
use crate::grantor::own_user;
use crate::sessions::rows as session_rows;

/// RFC 4226, 4: a secret of 160 bits.
const SECRET_BYTES: usize = 20;
/// How long a secret waits to be confirmed.
const PENDING_MINUTES: i64 = 15;

/// Makes a secret, or shows again the one that the same session began. It counts once it is confirmed
/// with a code.
pub struct Begin;
/// Forgets a secret that waits.
pub struct Cancel;
/// Confirms the secret with a code: from now on a code is asked for, and the person's other sessions,
/// which began without one, are over.
pub struct Confirm;
/// Makes new recovery codes.
pub struct Renew;
/// Takes the second factor away.
pub struct End;
/// Takes the second factor of somebody who lost it away.
pub struct Reset;

static SHOWN: Schema = Schema {
    name: "second_factor_change",
    doc: "What shows that it is the account's owner who changes the second factor.",
    fields: &[password("current_password", "The password of the account."), code()],
};

/// What shows that it is the owner: a session alone, which may be stolen, must lock nobody out.
#[derive(Deserialize)]
pub struct Change {
    current_password: String,
    code: String,
}

impl Change {
    fn passwords(&self) -> sign_in::Passwords<'_> {
        sign_in::Passwords { current: Some(&self.current_password), new: None }
    }
}

const OWN: Spec = Spec {
    resource: &RESOURCE,
    rate: RateClass::Govern,
    shown: Shown::Own,
    reply: Reply::one(User::SCHEMA),
    security: true,
    emits: &[&events::UPDATED],
    ..Spec::DEFAULT
};
const BY_OWNER: Spec = Spec {
    body: Some(Body { schema: &SHOWN, verb: Verb::Create }),
    example: r#"{"current_password": "four words or more", "code": "123456"}"#,
    // A password is worked on, as when it is changed.
    rate: RateClass::Heavy,
    guessable: true,
    ..OWN
};

impl Operation for Begin {
    const SPEC: Spec = Spec {
        id: "users.begin_second_factor",
        route: Route::post("/v1/users/begin_second_factor"),
        summary: "Begin to use a second factor",
        description: "The answer holds the secret. To begin again in the same session gives the same one; in another session a \
                      new one, which takes its place.",
        ..OWN
    };
    type Body = ();
    type Output = One<User<'static>>;

    async fn run(cx: &mut Cx<'_>, _input: Input<()>) -> Result<Self::Output, Problem> {
        let user = own(cx).await?;
        if user.second_factor {
            return Err(conflict("a second factor is on already; take it away first"));
        }
        // A wrong digit, or a page that was loaded again, is no reason to scan another picture.
        let session = session(cx);
        if let Some((secret, _)) = waiting(cx, &user, session).await? {
            return Ok(One(User { second_factor_secret: Some(Cow::Owned(base32(&secret))), ..user }));
        }
        let secret = source::random::<SECRET_BYTES>(cx.entropy());
        let sealed = cx.services().keyring.seal(Seal::Row, &secret, &waiting_bound(&user, session), cx.entropy());
        let user = store(cx, user, Some(Totp { sealed, begun_at: Some(cx.now()) }), false).await?;
        Ok(One(User { second_factor_secret: Some(Cow::Owned(base32(&secret))), ..user }))
    }
}

impl Operation for Cancel {
    const SPEC: Spec = Spec {
        id: "users.cancel_second_factor",
        route: Route::post("/v1/users/cancel_second_factor"),
        summary: "Stop to set a second factor up",
        ..OWN
    };
    type Body = ();
    type Output = One<User<'static>>;

    async fn run(cx: &mut Cx<'_>, _input: Input<()>) -> Result<Self::Output, Problem> {
        let user = own(cx).await?;
        if user.second_factor {
            return Err(conflict("a second factor is on; it is turned off with a code"));
        }
        store(cx, user, None, false).await.map(One)
    }
}

impl Operation for Confirm {
    const SPEC: Spec = Spec {
        id: "users.confirm_second_factor",
        route: Route::post("/v1/users/confirm_second_factor"),
        summary: "Turn the second factor on",
        description: "The answer holds recovery codes, which are shown this once. The other sessions of the person end.",
        ..BY_OWNER
    };
    type Body = Change;
    type Output = One<User<'static>>;

    fn passwords(body: &Change) -> sign_in::Passwords<'_> {
        body.passwords()
    }

    async fn run(cx: &mut Cx<'_>, input: Input<Change>) -> Result<Self::Output, Problem> {
        let user = own(cx).await?;
        if user.second_factor {
            return Err(conflict("a second factor is on already"));
        }
        let session = session(cx);
        let none = || conflict("no second factor was begun in this session, or it took too long; begin again");
        let (secret, begun_at) = waiting(cx, &user, session).await?.ok_or_else(none)?;
        check_both(cx, &user, &secret, &input).await?;
        let sealed = cx.services().keyring.seal(Seal::Row, &secret, &sign_in::totp_bound(user.id), cx.entropy());
        let user = store(cx, user, Some(Totp { sealed, begun_at: Some(begun_at) }), true).await?;
        let now = cx.now();
        session_rows::end_all(cx.conn(), user.clinic_id, user.id, session, now).await.or_problem()?;
        with_new_codes(cx, user).await.map(One)
    }
}

impl Operation for Renew {
    const SPEC: Spec = Spec {
        id: "users.renew_recovery_codes",
        route: Route::post("/v1/users/renew_recovery_codes"),
        summary: "Make new recovery codes",
        description: "They take the place of those that were. The answer holds them, this once.",
        ..BY_OWNER
    };
    type Body = Change;
    type Output = One<User<'static>>;

    fn passwords(body: &Change) -> sign_in::Passwords<'_> {
        body.passwords()
    }

    async fn run(cx: &mut Cx<'_>, input: Input<Change>) -> Result<Self::Output, Problem> {
        let user = own(cx).await?;
        let totp = confirmed(cx, &user).await?;
        check_owner(cx, &user, &totp, &input).await?;
        let user = changed(cx, user).await?;
        with_new_codes(cx, user).await.map(One)
    }
}

impl Operation for End {
    const SPEC: Spec = Spec {
        id: "users.end_second_factor",
        route: Route::post("/v1/users/end_second_factor"),
        summary: "Turn the second factor off",
        ..BY_OWNER
    };
    type Body = Change;
    type Output = One<User<'static>>;

    fn passwords(body: &Change) -> sign_in::Passwords<'_> {
        body.passwords()
    }

    async fn run(cx: &mut Cx<'_>, input: Input<Change>) -> Result<Self::Output, Problem> {
        let user = own(cx).await?;
        let totp = confirmed(cx, &user).await?;
        check_owner(cx, &user, &totp, &input).await?;
        store(cx, user, None, false).await.map(One)
    }
}

impl Operation for Reset {
    const SPEC: Spec = Spec {
        id: "users.reset_second_factor",
        route: Route::post("/v1/users/{user_id}/end_second_factor"),
        summary: "Turn somebody's second factor off",
        description: "For who lost both the phone and the recovery codes. Whoever runs the server makes sure that it is them.",
        operator_only: true,
        shown: Shown::Person,
        problems: &[&problem::CONFLICT],
        ..OWN
    };
    type Body = ();
    type Output = One<User<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Self::Output, Problem> {
        let (clinic, id) = (cx.clinic_id()?, input.id("user_id")?);
        let user = rows::lock(cx.conn(), clinic, id).await.or_problem()?.or_not_found()?;
        confirmed(cx, &user).await?;
        store(cx, user, None, false).await.map(One)
    }
}

async fn own(cx: &mut Cx<'_>) -> Result<User<'static>, Problem> {
    let (clinic, id) = (cx.clinic_id()?, own_user(cx)?);
    rows::lock(cx.conn(), clinic, id).await.or_problem()?.or_not_found()
}

/// The caller's session.
fn session(cx: &Cx<'_>) -> Option<SessionId> {
    match cx.permit().caller() {
        Caller::User { session, .. } => *session,
        Caller::Operator | Caller::Stranger | Caller::Connection { .. } => None,
    }
}

/// What a secret that waits is sealed to.
fn waiting_bound(user: &User<'_>, session: Option<SessionId>) -> Vec<u8> {
    let session = session.map(|session| session.to_string()).unwrap_or_default();
    [sign_in::totp_bound(user.id).as_slice(), b"\n", session.as_bytes()].concat()
}

/// The secret that this session began and that waits to be confirmed, and since when, if it has not
/// waited too long. One of another session does not open.
async fn waiting(cx: &mut Cx<'_>, user: &User<'_>, session: Option<SessionId>) -> Result<Option<(Vec<u8>, Timestamp)>, Problem> {
    let since = cx.now().plus_seconds(-PENDING_MINUTES * 60);
    let totp = rows::totp(cx.conn(), user.clinic_id, user.id).await.or_problem()?.filter(|_| !user.second_factor);
    let Some(Totp { sealed, begun_at: Some(begun_at) }) = totp.filter(|totp| totp.begun_at > Some(since)) else {
        return Ok(None);
    };
    let secret = cx.services().keyring.open(Seal::Row, &sealed, &waiting_bound(user, session));
    Ok(secret.map(|secret| (secret, begun_at)))
}

/// The secret that counts.
async fn confirmed(cx: &mut Cx<'_>, user: &User<'_>) -> Result<Totp, Problem> {
    let totp = rows::totp(cx.conn(), user.clinic_id, user.id).await.or_problem()?;
    totp.filter(|_| user.second_factor).ok_or_else(|| conflict("no second factor is on"))
}

fn open(cx: &Cx<'_>, user: &User<'_>, totp: &Totp) -> Result<Vec<u8>, Problem> {
    let secret = cx.services().keyring.open(Seal::Row, &totp.sealed, &sign_in::totp_bound(user.id));
    secret.ok_or_else(|| Problem::unavailable("the secret of a second factor could not be opened"))
}

/// Refuses who is not the owner. A wrong password uses no code up. Of the code nothing is said beside it:
/// who has the session and not the password is not told whether a code is right.
async fn check_owner(cx: &mut Cx<'_>, user: &User<'_>, totp: &Totp, input: &Input<Change>) -> Result<(), Problem> {
    check_current(cx, user, &input.passwords).await?;
    let secret = open(cx, user, totp)?;
    check_code(cx, user, &secret, &input.body.code).await
}

/// Refuses a wrong password, a wrong code, or both at once, where a factor is set up and its secret stands
/// on the page, so that a code gives nothing away. A wrong password uses no code up, so that
/// beside one it is only said what a code of the app cannot be: nothing is looked up.
async fn check_both(cx: &mut Cx<'_>, user: &User<'_>, secret: &[u8], input: &Input<Change>) -> Result<(), Problem> {
    let code = &input.body.code;
    let Err(mut problem) = check_current(cx, user, &input.passwords).await else {
        return check_code(cx, user, secret, code).await;
    };
    let of_app = sign_in::totp_step(secret, code, cx.now().as_micros()).is_some();
    if !of_app && sign_in::recovery_hash(&cx.services().keyring, user.id, code).is_none() {
        problem.errors.extend(wrong_code().errors);
    }
    Err(problem)
}

/// Uses a code up: one of the app, or a recovery code of a factor that is on.
async fn check_code(cx: &mut Cx<'_>, user: &User<'_>, secret: &[u8], code: &str) -> Result<(), Problem> {
    let (clinic, id, now) = (user.clinic_id, user.id, cx.now());
    let fits = match sign_in::totp_step(secret, code, now.as_micros()) {
        Some(step) => session_rows::accept_step(cx.conn(), clinic, id, step).await.or_problem()?,
        None => match sign_in::recovery_hash(&cx.services().keyring, id, code) {
            Some(hash) => session_rows::use_recovery_code(cx.conn(), clinic, id, &hash).await.or_problem()?,
            None => false,
        },
    };
    if fits { Ok(()) } else { Err(wrong_code()) }
}

fn wrong_code() -> Problem {
    let detail = "this is not the code that the app shows now, or it was used already; wait for the next one, which comes \
                  within 30 seconds";
    Problem::rule("/code", "wrong", detail)
}

/// Makes recovery codes, to be shown in this answer alone.
async fn with_new_codes(cx: &mut Cx<'_>, user: User<'static>) -> Result<User<'static>, Problem> {
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| sign_in::new_recovery_code(cx.entropy())).collect();
    let keyring = &cx.services().keyring;
    let hashes: Vec<_> = codes.iter().filter_map(|code| sign_in::recovery_hash(keyring, user.id, code)).collect();
    rows::set_recovery_codes(cx.conn(), &user, &hashes).await.or_problem()?;
    Ok(User { recovery_codes: Some(Doc::of(&RecoveryCodes(codes))), ..user })
}

async fn store(cx: &mut Cx<'_>, mut user: User<'static>, totp: Option<Totp>, on: bool) -> Result<User<'static>, Problem> {
    user.second_factor = on;
    let user = changed(cx, user).await?;
    let confirmed = on.then(|| cx.now());
    rows::set_totp(cx.conn(), &user, totp.as_ref(), confirmed).await.or_problem()?;
    if !on {
        rows::set_recovery_codes(cx.conn(), &user, &[]).await.or_problem()?;
    }
    Ok(user)
}

async fn changed(cx: &mut Cx<'_>, mut user: User<'static>) -> Result<User<'static>, Problem> {
    user.version += 1;
    user.updated_at = cx.now();
    rows::update(cx.conn(), &user).await.or_problem()?;
    cx.security_change("user.second_factor", Some(user.clinic_id), user.id.any());
    cx.emit(Announcement::new(&events::UPDATED, user.id.any(), user.version));
    Ok(user)
}

/// Five bits a letter; 20 bytes need no padding.
fn base32(bytes: &[u8]) -> String {
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1);
    let letters = (0..bytes.len() * 8).step_by(5);
    letters
        .map(|at| (at..at + 5).fold(0_usize, |value, at| value << 1 | usize::from(bit(at))))
        .map(|value| char::from(BASE32.get(value).copied().unwrap_or(b'A')))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::base32;

    /// RFC 4648, 10, without the padding.
    #[test]
    fn base32_is_that_of_the_rfc() {
        for (plain, letters) in [("fooba", "MZXW6YTB"), ("12345678901234567890", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")] {
            assert_eq!(base32(plain.as_bytes()), letters);
        }
    }
}
