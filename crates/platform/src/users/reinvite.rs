//! `POST /v1/users/{user_id}/reinvite`

use std::borrow::Cow;

use clinicos_contract::{Problem, RateClass, Record as _, Reply, Route, Shown, Spec, problem};
use clinicos_gate::people::UserState;
use clinicos_gate::{Announcement, Caller, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _, conflict};

use super::invite::{Invitation, invitation};
use super::model::User;
use super::update::{decides, keep_an_admin};
use super::{RESOURCE, events, rows};
use crate::sessions::rows as session_rows;

/// Invites a person anew, who lost the password or whose invitation ran out.
pub struct Reinvite;

impl Operation for Reinvite {
    const SPEC: Spec = Spec {
        id: "users.reinvite",
        route: Route::post("/v1/users/{user_id}/reinvite"),
        summary: "Invite a person anew",
        description: "The answer holds the token of a link that works once. The password and earlier links work no more, and \
                      every session of the person ends. A second factor stays on.",
        resource: &RESOURCE,
        rate: RateClass::Govern,
        shown: Shown::Person,
        reply: Reply::one(User::SCHEMA),
        security: true,
        emits: &[&events::INVITED],
        problems: &[&problem::CONFLICT],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = One<User<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Self::Output, Problem> {
        let (clinic, id, now) = (cx.clinic_id()?, input.id("user_id")?, cx.now());
        let mut user = rows::lock(cx.conn(), clinic, id).await.or_problem()?.or_not_found()?;
        match *cx.permit().caller() {
            // The way back in, for an admin who is the only one, too.
            Caller::Operator => {}
            // A session that was borrowed must not come to a password.
            Caller::User { user, .. } if user == id => {
                return Err(conflict("you cannot invite yourself anew; change your password under your account"));
            }
            Caller::User { .. } | Caller::Stranger | Caller::Connection { .. } if decides(&user) => {
                keep_an_admin(cx, &user).await?
            }
            Caller::User { .. } | Caller::Stranger | Caller::Connection { .. } => {}
        }
        let Invitation { token, hash, until } = invitation(cx);
        user.state = UserState::Invited;
        user.state_reason = None;
        user.version += 1;
        user.updated_at = now;
        rows::update(cx.conn(), &user).await.or_problem()?;
        rows::set_invitation(cx.conn(), &user, &hash, until).await.or_problem()?;
        session_rows::end_all(cx.conn(), clinic, id, None, now).await.or_problem()?;
        cx.security_change("user.invited", Some(clinic), user.id.any());
        cx.emit(Announcement::new(&events::INVITED, user.id.any(), user.version).with("role", user.role.name()));
        Ok(One(User { invitation: Some(Cow::Owned(token)), ..user }))
    }
}
