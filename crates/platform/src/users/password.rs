//! `POST /v1/users/change_password`

use clinicos_contract::schema::Schema;
use clinicos_contract::{Body, Problem, RateClass, Record as _, Reply, Route, Shown, Spec, Verb};
use clinicos_gate::sign_in::{self, Worked};
use clinicos_gate::{Announcement, Caller, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};
use serde::Deserialize;

use super::model::{User, check_password, password};
use super::{RESOURCE, events, guessable, rows};
use crate::grantor::own_user;
use crate::sessions::rows as session_rows;

/// Changes the caller's own password, and ends their other sessions.
pub struct Change;

static PASSWORDS: Schema = Schema {
    name: "password_change",
    doc: "The password that was, and the one that will be.",
    fields: &[
        password("current_password", "The password that was."),
        password("new_password", "The one that will be; at least 12 characters."),
    ],
};

/// The password that was, and the one that will be.
#[derive(Deserialize)]
pub struct Passwords {
    current_password: String,
    new_password: String,
}

impl Operation for Change {
    const SPEC: Spec = Spec {
        id: "users.change_password",
        route: Route::post("/v1/users/change_password"),
        summary: "Change one's password",
        resource: &RESOURCE,
        rate: RateClass::Heavy,
        shown: Shown::Own,
        body: Some(Body { schema: &PASSWORDS, verb: Verb::Create }),
        reply: Reply::one(User::SCHEMA),
        guessable: true,
        security: true,
        emits: &[&events::UPDATED],
        example: r#"{"current_password": "four words or more", "new_password": "five other words than those"}"#,
        ..Spec::DEFAULT
    };
    type Body = Passwords;
    type Output = One<User<'static>>;

    fn passwords(body: &Passwords) -> sign_in::Passwords<'_> {
        sign_in::Passwords { current: Some(&body.current_password), new: Some(&body.new_password) }
    }

    async fn run(cx: &mut Cx<'_>, input: Input<Passwords>) -> Result<Self::Output, Problem> {
        check_password("new_password", &input.body.new_password)?;
        let (clinic, id) = (cx.clinic_id()?, own_user(cx)?);
        let mut user = rows::lock(cx.conn(), clinic, id).await.or_problem()?.or_not_found()?;
        check_current(cx, &user, &input.passwords).await?;
        let Passwords { current_password, new_password } = &input.body;
        guessable::check_other("new_password", new_password, current_password)?;
        let clinic_name = rows::clinic_name(cx.conn(), clinic).await.or_problem()?;
        guessable::check("new_password", new_password, &[&user.name, &user.email, &clinic_name])?;
        let hash = input.passwords.new_hash()?;
        user.version += 1;
        user.updated_at = cx.now();
        rows::update(cx.conn(), &user).await.or_problem()?;
        rows::set_password(cx.conn(), &user, hash).await.or_problem()?;
        let keep = match cx.permit().caller() {
            Caller::User { session, .. } => *session,
            Caller::Operator | Caller::Stranger | Caller::Connection { .. } => None,
        };
        let now = cx.now();
        session_rows::end_all(cx.conn(), clinic, id, keep, now).await.or_problem()?;
        cx.security_change("user.password_changed", Some(clinic), user.id.any());
        cx.emit(Announcement::new(&events::UPDATED, user.id.any(), user.version));
        Ok(One(user))
    }
}

/// Refuses who does not know the person's password.
pub(super) async fn check_current(cx: &mut Cx<'_>, user: &User<'_>, worked: &Worked) -> Result<(), Problem> {
    let stored = rows::password_hash(cx.conn(), user.clinic_id, user.id).await.or_problem()?;
    if worked.fits(stored.as_deref()) {
        return Ok(());
    }
    Err(Problem::rule("/current_password", "wrong", "this is not your present password"))
}
