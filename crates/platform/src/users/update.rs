//! `PATCH /v1/users/{user_id}`

use std::borrow::Cow;

use clinicos_contract::{Body, Patch, Problem, RateClass, Record as _, Reply, Route, Shown, Spec, Verb, problem};
use clinicos_gate::people::{Role, UserState};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _, conflict};

use super::model::{User, UserPatch};
use super::{RESOURCE, events, rows};
use crate::sessions::rows as session_rows;

/// Changes a user's name, role or state. Who may not sign in any more is signed out.
pub struct Update;

impl Operation for Update {
    const SPEC: Spec = Spec {
        id: "users.update",
        route: Route::patch("/v1/users/{user_id}"),
        summary: "Change a person",
        description: "`state_reason` says why their access ends or begins again. A body that changes nothing leaves the version \
                      as it is.",
        resource: &RESOURCE,
        rate: RateClass::Govern,
        shown: Shown::Person,
        body: Some(Body { schema: User::SCHEMA, verb: Verb::Update }),
        reply: Reply::one(User::SCHEMA),
        if_match: true,
        security: true,
        emits: &[&events::UPDATED],
        problems: &[&problem::CONFLICT],
        example: r#"{"role": "Admin"}"#,
        ..Spec::DEFAULT
    };
    type Body = UserPatch;
    type Output = One<User<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<UserPatch>) -> Result<Self::Output, Problem> {
        let (clinic, id) = (cx.clinic_id()?, input.id("user_id")?);
        let mut user = rows::lock(cx.conn(), clinic, id).await.or_problem()?.or_not_found()?;
        input.check_version(user.version)?;
        let (decided, before) = (decides(&user), user.clone());
        let UserPatch { name, role, state, state_reason } = input.body;
        name.map(Cow::Owned).apply(&mut user.name);
        role.apply(&mut user.role);
        if let Patch::Set(state) = state {
            check_state(cx, &user, state).await?;
            user.state = state;
        }
        if user.state != before.state {
            user.state_reason = None;
        }
        state_reason.map(Cow::Owned).apply_optional(&mut user.state_reason);
        if is_same(&before, &user) {
            return Ok(One(user));
        }
        if decided && !decides(&user) {
            keep_an_admin(cx, &user).await?;
        }
        user.version += 1;
        user.updated_at = cx.now();
        rows::update(cx.conn(), &user).await.or_problem()?;
        if user.state == UserState::Disabled {
            let now = cx.now();
            rows::end_invitation(cx.conn(), &user).await.or_problem()?;
            session_rows::end_all(cx.conn(), clinic, id, None, now).await.or_problem()?;
        }
        cx.security_change("user.changed", Some(clinic), user.id.any());
        cx.emit(Announcement::new(&events::UPDATED, user.id.any(), user.version));
        Ok(One(user))
    }
}

/// Whether a change left everything as it was.
fn is_same(before: &User<'_>, after: &User<'_>) -> bool {
    before.name == after.name
        && before.role == after.role
        && before.state == after.state
        && before.state_reason == after.state_reason
}

/// Whether somebody is an admin who can sign in.
pub(super) fn decides(user: &User<'_>) -> bool {
    user.role == Role::Admin && user.state == UserState::Active
}

/// Refuses to take the clinic's last admin away.
pub(super) async fn keep_an_admin(cx: &mut Cx<'_>, user: &User<'_>) -> Result<(), Problem> {
    if rows::other_admins(cx.conn(), user.clinic_id, user.id).await.or_problem()? > 0 {
        return Ok(());
    }
    Err(conflict("this is the clinic's last admin; make somebody else an admin first"))
}

async fn check_state(cx: &mut Cx<'_>, user: &User<'_>, to: UserState) -> Result<(), Problem> {
    let wrong = |detail: &str| Err(Problem::rule("/state", "transition", detail));
    match (user.state, to) {
        (_, UserState::Invited) => wrong("nobody becomes invited by a change; invite them anew"),
        (UserState::Invited, UserState::Active) => wrong("they become active when they accept"),
        (_, UserState::Disabled) => Ok(()),
        // Without a password they could not sign in, and would count as an admin all the same.
        (_, UserState::Active) => match rows::password_hash(cx.conn(), user.clinic_id, user.id).await.or_problem()? {
            Some(_) => Ok(()),
            None => wrong("they have no password yet; invite them anew"),
        },
    }
}
