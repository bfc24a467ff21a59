//! From a browser to the door and back. A page calls operations as the person who is signed in,
//! one after another, each decided and journaled like any other call; pages have no private powers.

mod account;
mod ask;
mod connection;
mod connections;
mod controls;
mod emergency;
mod entry;
mod home;
mod keys;
mod log;
mod respond;
mod say;
mod visit;

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request};
use axum::routing::{get, post};
use clinicos_gate::Door;

use self::respond::Page;
use self::visit::Visit;

/// The peer's address, put into a request by whoever accepted the connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// What every page is served with.
#[derive(Clone)]
pub struct Web {
    door: Arc<dyn Door>,
}

/// Every address of the console, and its methods. A test pins the list.
pub const ROUTES: &[(&str, &str)] = &[
    ("/console", "GET"),
    ("/console/account", "GET"),
    ("/console/account/password", "POST"),
    ("/console/account/second-factor", "POST"),
    ("/console/account/second-factor/begin", "POST"),
    ("/console/account/second-factor/off", "POST"),
    ("/console/account/sessions/end", "POST"),
    ("/console/assets/{*path}", "GET"),
    ("/console/connections", "GET"),
    ("/console/connections/{id}", "GET"),
    ("/console/connections/{id}/activity", "GET"),
    ("/console/connections/{id}/revoke", "GET"),
    ("/console/connections/{id}/{control}", "POST"),
    ("/console/emergency", "GET, POST"),
    ("/console/keys", "POST"),
    ("/console/keys/new", "GET"),
    ("/console/log", "GET"),
    ("/console/log.csv", "GET"),
    ("/console/log/{request_id}", "GET"),
    ("/console/sign-in", "GET, POST"),
    ("/console/sign-out", "POST"),
    ("/console/welcome", "GET, POST"),
];

/// The console over a door.
pub fn router(door: Arc<dyn Door>) -> Router {
    let web = Web { door };
    Router::new()
        .route("/console", get(page(&web, home::show)))
        .route("/console/account", get(page(&web, account::show)))
        .route("/console/account/password", post(page(&web, account::password)))
        .route("/console/account/second-factor", post(page(&web, account::confirm)))
        .route("/console/account/second-factor/begin", post(page(&web, account::begin)))
        .route("/console/account/second-factor/off", post(page(&web, account::off)))
        .route("/console/account/sessions/end", post(page(&web, account::end_session)))
        .route("/console/assets/{*path}", get(page(&web, entry::asset)))
        .route("/console/connections", get(page(&web, connections::show)))
        .route("/console/connections/{id}", get(page(&web, connection::show)))
        .route("/console/connections/{id}/activity", get(page(&web, connection::activity)))
        .route("/console/connections/{id}/revoke", get(page(&web, controls::ask_revoke)).post(page(&web, controls::revoke)))
        .route("/console/connections/{id}/{control}", post(page(&web, controls::turn)))
        .route("/console/emergency", get(page(&web, emergency::show)).post(page(&web, emergency::turn)))
        .route("/console/keys", post(page(&web, keys::make)))
        .route("/console/keys/new", get(page(&web, keys::form)))
        .route("/console/log", get(page(&web, log::show)))
        .route("/console/log.csv", get(page(&web, log::csv)))
        .route("/console/log/{request_id}", get(page(&web, log::one)))
        .route("/console/sign-in", get(page(&web, entry::sign_in_form)).post(page(&web, entry::sign_in)))
        .route("/console/sign-out", post(page(&web, entry::sign_out)))
        .route("/console/welcome", get(page(&web, entry::welcome_form)).post(page(&web, entry::welcome)))
}

type Handling = std::pin::Pin<Box<dyn Future<Output = respond::Response> + Send>>;

/// Reads the visit, runs the page, and answers with whatever came of it.
fn page<F, R>(web: &Web, handler: F) -> impl Fn(Path<Vec<(String, String)>>, Request) -> Handling + Clone + Send + Sync + 'static
where
    F: Fn(Web, Visit) -> R + Copy + Send + Sync + 'static,
    R: Future<Output = Page> + Send + 'static,
{
    let web = web.clone();
    move |Path(path), request| {
        let web = web.clone();
        Box::pin(async move {
            let visit = match Visit::read(&web, path, request).await {
                Ok(visit) => visit,
                Err(refused) => return respond::refused(&web, None, *refused),
            };
            let seen = visit.seen();
            match handler(web.clone(), visit).await {
                Ok(response) => response,
                Err(refused) => respond::refused(&web, Some(seen), *refused),
            }
        })
    }
}
