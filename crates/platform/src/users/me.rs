//! `GET /v1/users/me` and `GET /v1/users/invitation`

use clinicos_contract::{Access, Problem, RateClass, Record as _, Reply, Route, Shown, Spec};
use clinicos_gate::{Caller, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::model::User;
use super::{RESOURCE, rows};
use crate::grantor::own_user;
use crate::sessions::rows as session_rows;

/// Reads the person who is signed in.
pub struct Me;
/// Reads the person whose invitation is shown.
pub struct Invited;

const OWN: Spec =
    Spec { access: Access::Read, resource: &RESOURCE, rate: RateClass::Read, reply: Reply::one(User::SCHEMA), ..Spec::DEFAULT };

impl Operation for Me {
    const SPEC: Spec = Spec {
        id: "users.me",
        route: Route::get("/v1/users/me"),
        summary: "Get the person who is signed in",
        shown: Shown::Own,
        ..OWN
    };
    type Body = ();
    type Output = One<User<'static>>;

    async fn run(cx: &mut Cx<'_>, _input: Input<()>) -> Result<Self::Output, Problem> {
        let user = own(cx).await?;
        let left = session_rows::recovery_codes_left(cx.conn(), user.clinic_id, user.id).await.or_problem()?;
        Ok(One(User { recovery_codes_left: user.second_factor.then_some(left), ..user }))
    }
}

impl Operation for Invited {
    const SPEC: Spec = Spec {
        id: "users.invitation",
        route: Route::get("/v1/users/invitation"),
        summary: "Get the person who is invited",
        shown: Shown::Invitation,
        ..OWN
    };
    type Body = ();
    type Output = One<User<'static>>;

    async fn run(cx: &mut Cx<'_>, _input: Input<()>) -> Result<Self::Output, Problem> {
        own(cx).await.map(One)
    }
}

async fn own(cx: &mut Cx<'_>) -> Result<User<'static>, Problem> {
    let (clinic, id) = (cx.clinic_id()?, own_user(cx)?);
    let session_id = match cx.permit().caller() {
        Caller::User { session, .. } => *session,
        Caller::Operator | Caller::Stranger | Caller::Connection { .. } => None,
    };
    let user = rows::get(cx.conn(), clinic, id).await.or_problem()?.or_not_found()?;
    Ok(User { session_id, ..user })
}
