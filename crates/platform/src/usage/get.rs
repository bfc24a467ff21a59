//! `GET /v1/connections/{connection_id}/usage`

use clinicos_contract::wire::Doc;
use clinicos_contract::{Access, Agents, Problem, RateClass, Record as _, Reply, Route, Spec};
use clinicos_gate::{ConnectionId, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};
use clinicos_store::journal::audit::usage::of_connection;
use clinicos_store::journal::outbox;

use super::RESOURCE;
use super::model::{self as used, BEHIND_MAX, ConnectionUsage, DAYS};
use crate::connections::rows;

/// Tells how one connection was used.
pub struct Get;

impl Operation for Get {
    const SPEC: Spec = Spec {
        id: "usage.get",
        route: Route::get("/v1/connections/{connection_id}/usage"),
        summary: "Get the usage of a connection",
        description: "Granted and used are two things: this is what the connection called and read, by category of data.",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        agents: Agents::Allowed,
        reply: Reply::one(ConnectionUsage::SCHEMA),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = One<ConnectionUsage<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Self::Output, Problem> {
        let (clinic, id): (_, ConnectionId) = (cx.clinic_id()?, input.id("connection_id")?);
        let now = cx.now();
        rows::get(cx.conn(), clinic, id, now).await.or_problem()?.or_not_found()?;
        let (services, since) = (cx.services(), (used::since(now, 24), used::since(now, DAYS * 24)));
        let found = of_connection(cx.conn(), &services.tail, clinic.to_bytes(), id.to_bytes(), since).await.or_problem()?;
        let (used, categories) = found;
        let categories = Some(Doc::of(&used::by_category(categories)));
        let followed = cx.services().followers.of(id);
        let behind = match followed {
            None => None,
            Some(followed) => {
                let clinic = clinic.to_string();
                Some(outbox::count_of_clinic(cx.conn(), &clinic, followed.position, BEHIND_MAX).await.or_problem()?)
            }
        };
        let followed_at = followed.map(|followed| followed.at);
        Ok(One(ConnectionUsage { categories, followed_at, behind, ..ConnectionUsage::of(id, used) }))
    }
}
