//! From a browser to the door and back. A page calls operations as the person who is signed in,
//! one after another, each decided and journaled like any other call; pages have no private powers.

mod account;
mod ask;
mod astray;
mod connection;
mod connections;
mod controls;
mod docs;
mod emergency;
mod entry;
mod history;
mod home;
mod imports;
mod key;
mod key_needs;
mod keys;
mod log;
mod multipart;
mod names;
mod once;
mod people;
mod respond;
mod say;
pub mod site;
mod visit;
mod why;

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request};
use axum::routing::{MethodRouter, get, post};
use clinicos_gate::{Credential, Door};

pub use self::astray::{is_browsing, page_address, problem_page, to_page};
pub use self::docs::beside;
use self::respond::Page;
pub use self::respond::guard;
use self::visit::Visit;
pub use self::visit::{FILES_BYTES_MAX, FORM_BYTES_MAX};

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
    ("/console/account/second-factor/cancel", "POST"),
    ("/console/account/second-factor/off", "POST"),
    ("/console/account/second-factor/recovery-codes", "POST"),
    ("/console/account/sessions/end", "POST"),
    ("/console/assets/{*path}", "GET"),
    ("/console/connections", "GET"),
    ("/console/connections/{id}", "GET"),
    ("/console/connections/{id}/activity", "GET"),
    ("/console/connections/{id}/keys", "GET, POST"),
    ("/console/connections/{id}/revoke", "GET"),
    ("/console/connections/{id}/{control}", "POST"),
    ("/console/emergency", "GET, POST"),
    ("/console/import", "GET, POST"),
    ("/console/import/{id}", "GET"),
    ("/console/import/{id}/cancel", "POST"),
    ("/console/import/{id}/rejects.csv", "GET"),
    ("/console/import/{id}/start", "POST"),
    ("/console/keys", "POST"),
    ("/console/keys/new", "GET"),
    ("/console/keys/{id}", "GET"),
    ("/console/keys/{id}/rotate", "GET, POST"),
    ("/console/keys/{id}/{control}", "POST"),
    ("/console/log", "GET"),
    ("/console/log.csv", "GET"),
    ("/console/log/{request_id}", "GET"),
    ("/console/people", "GET, POST"),
    ("/console/people/{id}/{control}", "POST"),
    ("/console/sign-in", "GET, POST"),
    ("/console/sign-out", "POST"),
    ("/console/welcome", "GET, POST"),
    ("/docs", "GET"),
    ("/docs.md", "GET"),
    ("/docs/reference/{resource}", "GET"),
    ("/docs/{page}", "GET"),
    ("/favicon.ico", "GET"),
    ("/llms.txt", "GET"),
];

/// The console over a door.
pub fn router(door: Arc<dyn Door>) -> Router {
    let web = Web { door };
    let show = |routes: MethodRouter| routes.fallback(page(&web, entry::wrong_method));
    Router::new()
        .route("/console", show(get(page(&web, home::show))))
        .route("/console/account", show(get(page(&web, account::show))))
        .route("/console/account/password", show(post(page(&web, account::password))))
        .route("/console/account/second-factor", show(post(page(&web, account::confirm))))
        .route("/console/account/second-factor/begin", show(post(page(&web, account::begin))))
        .route("/console/account/second-factor/cancel", show(post(page(&web, account::cancel))))
        .route("/console/account/second-factor/off", show(post(page(&web, account::off))))
        .route("/console/account/second-factor/recovery-codes", show(post(page(&web, account::renew))))
        .route("/console/account/sessions/end", show(post(page(&web, account::end_session))))
        .route("/console/assets/{*path}", show(get(page(&web, entry::asset))))
        .route("/console/connections", show(get(page(&web, connections::show))))
        .route("/console/connections/{id}", show(get(page(&web, connection::show))))
        .route("/console/connections/{id}/activity", show(get(page(&web, connection::activity))))
        .route("/console/connections/{id}/keys", show(get(page(&web, key::add_form)).post(page(&web, key::add))))
        .route("/console/connections/{id}/revoke", show(get(page(&web, controls::ask_revoke)).post(page(&web, controls::revoke))))
        .route("/console/connections/{id}/{control}", show(post(page(&web, controls::turn))))
        .route("/console/emergency", show(get(page(&web, emergency::show)).post(page(&web, emergency::turn))))
        .route("/console/import", show(get(page(&web, imports::show)).post(page(&web, imports::send))))
        .route("/console/import/{id}", show(get(page(&web, imports::one))))
        .route("/console/import/{id}/cancel", show(post(page(&web, imports::cancel))))
        .route("/console/import/{id}/rejects.csv", show(get(page(&web, imports::rejects))))
        .route("/console/import/{id}/start", show(post(page(&web, imports::start))))
        .route("/console/keys", show(post(page(&web, keys::make))))
        .route("/console/keys/new", show(get(page(&web, keys::form))))
        .route("/console/keys/{id}", show(get(page(&web, key::show))))
        .route("/console/keys/{id}/rotate", show(get(page(&web, key::rotate_form)).post(page(&web, key::rotate))))
        .route("/console/keys/{id}/{control}", show(post(page(&web, key::turn))))
        .route("/console/log", show(get(page(&web, log::show))))
        .route("/console/log.csv", show(get(page(&web, log::csv))))
        .route("/console/log/{request_id}", show(get(page(&web, log::one))))
        .route("/console/people", show(get(page(&web, people::show)).post(page(&web, people::invite))))
        .route("/console/people/{id}/{control}", show(post(page(&web, people::turn))))
        .route("/console/sign-in", show(get(page(&web, entry::sign_in_form)).post(page(&web, entry::sign_in))))
        .route("/console/sign-out", show(post(page(&web, entry::sign_out))))
        .route("/console/welcome", show(get(page(&web, entry::welcome_form)).post(page(&web, entry::welcome))))
        .route("/docs", show(get(page(&web, docs::index))))
        .route("/docs.md", show(get(page(&web, docs::index_markdown))))
        .route("/docs/reference/{resource}", show(get(page(&web, docs::reference))))
        .route("/docs/{page}", show(get(page(&web, docs::page))))
        .route("/favicon.ico", show(get(page(&web, entry::favicon))))
        .route("/llms.txt", show(get(page(&web, docs::llms))))
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
                Err(refused) => return respond::refused(&web, None, refused.journaled(&web, Credential::None).await),
            };
            let (seen, credential) = (visit.seen(), visit.credential());
            match handler(web.clone(), visit).await {
                Ok(response) => response,
                Err(refused) => respond::refused(&web, Some(seen), refused.journaled(&web, credential).await),
            }
        })
    }
}
