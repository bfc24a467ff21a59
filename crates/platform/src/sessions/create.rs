//! `POST /v1/sessions`

use std::borrow::Cow;

use clinicos_contract::{Body, Problem, RateClass, Record as _, Reply, Route, Shown, Spec, Verb, problem, source};
use clinicos_gate::people::SESSION_HOURS_MAX;
use clinicos_gate::sign_in::{Factor, WRONG};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrProblem as _, keyring};

use super::model::{SIGN_IN, Session, SignIn};
use super::{RESOURCE, events, rows};
use crate::grantor::own_user;

const SECONDS_PER_HOUR: i64 = 3_600;
/// How long sessions that are over can still be read.
const KEPT_HOURS: i64 = 30 * 24;

/// Signs a person in, who has shown e-mail address and password, and a code where that is on.
pub struct Create;

impl Operation for Create {
    const SPEC: Spec = Spec {
        id: "sessions.create",
        route: Route::post("/v1/sessions"),
        summary: "Sign in",
        resource: &RESOURCE,
        rate: RateClass::Govern,
        shown: Shown::Password,
        body: Some(Body { schema: &SIGN_IN, verb: Verb::Create }),
        reply: Reply::created(Session::SCHEMA),
        security: true,
        emits: &[&events::CREATED],
        example: r#"{"browser": "Firefox", "system": "Windows"}"#,
        ..Spec::DEFAULT
    };
    type Body = SignIn;
    type Output = One<Session<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<SignIn>) -> Result<Self::Output, Problem> {
        let (clinic, user, now) = (cx.clinic_id()?, own_user(cx)?, cx.now());
        let recovery_codes_left = use_up(cx).await?;
        let token = keyring::to_hex(&source::random::<32>(cx.entropy()));
        let session = Session {
            id: cx.mint(),
            clinic_id: clinic,
            user_id: user,
            token: None,
            device: input.body.device().map(Cow::Owned),
            last_used_at: None,
            recovery_codes_left,
            expires_at: now.plus_seconds(SESSION_HOURS_MAX * SECONDS_PER_HOUR),
            ended_at: None,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let hash = keyring::to_hex(&cx.services().keyring.credential_hash(&token));
        rows::purge(cx.conn(), clinic, user, now.plus_seconds(-KEPT_HOURS * SECONDS_PER_HOUR)).await.or_problem()?;
        rows::insert(cx.conn(), &session, &hash).await.or_problem()?;
        cx.security_change("session.created", Some(clinic), session.id.any());
        cx.emit(Announcement::new(&events::CREATED, session.id.any(), 1).with("user_id", user));
        Ok(One(Session { token: Some(Cow::Owned(token)), ..session }))
    }
}

/// Writes down what was shown beside the password, so that it does not count again. Of two who show
/// the same at once, one is refused here.
async fn use_up(cx: &mut Cx<'_>) -> Result<Option<i64>, Problem> {
    let (clinic, user) = (cx.clinic_id()?, own_user(cx)?);
    let Some(factor) = cx.permit().factor() else { return Ok(None) };
    let counts = match factor {
        Factor::Code(step) => rows::accept_step(cx.conn(), clinic, user, step).await,
        Factor::Recovery(hash) => rows::use_recovery_code(cx.conn(), clinic, user, &hash).await,
    };
    if !counts.or_problem()? {
        return Err(Problem::new(&problem::UNAUTHENTICATED, WRONG));
    }
    match factor {
        Factor::Code(_) => Ok(None),
        Factor::Recovery(_) => rows::recovery_codes_left(cx.conn(), clinic, user).await.or_problem().map(Some),
    }
}
