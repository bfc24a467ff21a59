//! `POST /v1/users/accept_invitation`

use std::borrow::Cow;

use clinicos_contract::schema::Schema;
use clinicos_contract::{
    Body, Category, Field, Problem, RateClass, Record as _, Reply, Route, Shape, Shown, Spec, Verb, problem,
};
use clinicos_gate::people::UserState;
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _, sign_in};
use serde::Deserialize;

use super::model::{User, check_password, password};
use super::{RESOURCE, events, guessable, rows};
use crate::grantor::own_user;

/// Sets the password of an invited person, who may sign in from then on. The invitation has served.
pub struct Accept;

static ACCEPTANCE: Schema = Schema {
    name: "acceptance",
    doc: "What an invited person says.",
    fields: &[
        Field::of(Category::Staff).creatable().max(120).named("name", "What they want to be called.", Shape::Text, true),
        password("password", "At least 12 characters."),
    ],
};

/// What an invited person says.
#[derive(Deserialize)]
pub struct Acceptance {
    #[serde(default)]
    name: Option<String>,
    password: String,
}

impl Operation for Accept {
    const SPEC: Spec = Spec {
        id: "users.accept_invitation",
        route: Route::post("/v1/users/accept_invitation"),
        summary: "Accept an invitation",
        resource: &RESOURCE,
        rate: RateClass::Govern,
        shown: Shown::Invitation,
        body: Some(Body { schema: &ACCEPTANCE, verb: Verb::Create }),
        reply: Reply::one(User::SCHEMA),
        security: true,
        emits: &[&events::ACCEPTED],
        example: r#"{"name": "Sam", "password": "four words or more"}"#,
        ..Spec::DEFAULT
    };
    type Body = Acceptance;
    type Output = One<User<'static>>;

    fn passwords(body: &Acceptance) -> sign_in::Passwords<'_> {
        sign_in::Passwords { current: None, new: Some(&body.password) }
    }

    async fn run(cx: &mut Cx<'_>, input: Input<Acceptance>) -> Result<Self::Output, Problem> {
        check_password("password", &input.body.password)?;
        let (clinic, id) = (cx.clinic_id()?, own_user(cx)?);
        let mut user = rows::lock(cx.conn(), clinic, id).await.or_problem()?.or_not_found()?;
        if user.state != UserState::Invited {
            return Err(Problem::new(&problem::UNAUTHENTICATED, "this link does not work any more; ask an admin for a new one"));
        }
        let name = input.body.name.as_deref().unwrap_or_default();
        let clinic_name = rows::clinic_name(cx.conn(), clinic).await.or_problem()?;
        guessable::check("password", &input.body.password, &[name, &user.name, &user.email, &clinic_name])?;
        let hash = input.passwords.new_hash()?;
        if let Some(name) = input.body.name {
            user.name = Cow::Owned(name);
        }
        user.state = UserState::Active;
        user.version += 1;
        user.updated_at = cx.now();
        rows::update(cx.conn(), &user).await.or_problem()?;
        rows::set_password(cx.conn(), &user, hash).await.or_problem()?;
        cx.security_change("user.accepted", Some(clinic), user.id.any());
        cx.emit(Announcement::new(&events::ACCEPTED, user.id.any(), user.version));
        Ok(One(user))
    }
}
