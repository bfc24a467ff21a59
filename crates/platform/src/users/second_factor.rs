//! The second factor (RFC 6238): `POST /v1/users/{begin,confirm,end}_second_factor`

use std::borrow::Cow;

use clinicos_contract::schema::Schema;
use clinicos_contract::{Body, Problem, RateClass, Record as _, Reply, Route, Shown, Spec, Verb, source};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _, Seal, conflict, sign_in};
use serde::Deserialize;

use super::model::{User, code};
use super::{RESOURCE, events, rows};
use crate::grantor::own_user;

/// RFC 4226, 4: a secret of 160 bits.
const SECRET_BYTES: usize = 20;
/// RFC 4648, 6.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Makes a secret. It counts once it is confirmed with a code.
pub struct Begin;
/// Confirms the secret with a code: from now on a code is asked for.
pub struct Confirm;
/// Takes the second factor away, with a code.
pub struct End;

static CODE: Schema = Schema { name: "second_factor_code", doc: "A code of the authenticator app.", fields: &[code()] };

/// A code of the authenticator app.
#[derive(Deserialize)]
pub struct Code {
    code: String,
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
const BODY: Option<Body> = Some(Body { schema: &CODE, verb: Verb::Create });
const EXAMPLE: &str = r#"{"code": "123456"}"#;

impl Operation for Begin {
    const SPEC: Spec = Spec {
        id: "users.begin_second_factor",
        route: Route::post("/v1/users/begin_second_factor"),
        summary: "Begin to use a second factor",
        ..OWN
    };
    type Body = ();
    type Output = One<User<'static>>;

    async fn run(cx: &mut Cx<'_>, _input: Input<()>) -> Result<Self::Output, Problem> {
        let user = own(cx).await?;
        if user.second_factor {
            return Err(conflict("a second factor is on already; take it away first"));
        }
        let secret = source::random::<SECRET_BYTES>(cx.entropy());
        let sealed = cx.services().keyring.seal(Seal::Row, &secret, &sign_in::totp_bound(user.id), cx.entropy());
        let user = store(cx, user, Some(&sealed), false).await?;
        Ok(One(User { second_factor_secret: Some(Cow::Owned(base32(&secret))), ..user }))
    }
}

impl Operation for Confirm {
    const SPEC: Spec = Spec {
        id: "users.confirm_second_factor",
        route: Route::post("/v1/users/confirm_second_factor"),
        summary: "Turn the second factor on",
        body: BODY,
        example: EXAMPLE,
        ..OWN
    };
    type Body = Code;
    type Output = One<User<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<Code>) -> Result<Self::Output, Problem> {
        let user = own(cx).await?;
        let sealed = check_code(cx, &user, &input.body.code).await?;
        store(cx, user, Some(&sealed), true).await.map(One)
    }
}

impl Operation for End {
    const SPEC: Spec = Spec {
        id: "users.end_second_factor",
        route: Route::post("/v1/users/end_second_factor"),
        summary: "Turn the second factor off",
        body: BODY,
        example: EXAMPLE,
        ..OWN
    };
    type Body = Code;
    type Output = One<User<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<Code>) -> Result<Self::Output, Problem> {
        let user = own(cx).await?;
        check_code(cx, &user, &input.body.code).await?;
        store(cx, user, None, false).await.map(One)
    }
}

async fn own(cx: &mut Cx<'_>) -> Result<User<'static>, Problem> {
    let (clinic, id) = (cx.clinic_id()?, own_user(cx)?);
    rows::lock(cx.conn(), clinic, id).await.or_problem()?.or_not_found()
}

/// The sealed secret, if the code is one of it.
async fn check_code(cx: &mut Cx<'_>, user: &User<'_>, code: &str) -> Result<Vec<u8>, Problem> {
    let sealed = rows::totp(cx.conn(), user.clinic_id, user.id).await.or_problem()?;
    let sealed = sealed.ok_or_else(|| conflict("no second factor was begun"))?;
    let secret = cx.services().keyring.open(Seal::Row, &sealed, &sign_in::totp_bound(user.id));
    let secret = secret.ok_or_else(|| Problem::unavailable("the secret of a second factor could not be opened"))?;
    match sign_in::totp_step(&secret, code, cx.now().as_micros()) {
        Some(_) => Ok(sealed),
        None => Err(Problem::rule("/code", "wrong", "this is not the code that the app shows now")),
    }
}

async fn store(cx: &mut Cx<'_>, mut user: User<'static>, sealed: Option<&[u8]>, on: bool) -> Result<User<'static>, Problem> {
    user.second_factor = on;
    user.version += 1;
    user.updated_at = cx.now();
    let confirmed = on.then(|| cx.now());
    rows::update(cx.conn(), &user).await.or_problem()?;
    rows::set_totp(cx.conn(), &user, sealed, confirmed).await.or_problem()?;
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
