//! From a browser to the door and back. A page calls operations as the person who is signed in,
//! one after another, each decided and journaled like any other call; pages have no private powers.

mod account;
mod amend;
mod ask;
mod astray;
mod changed;
mod connection;
mod connections;
mod controls;
mod cookies;
pub mod csv;
mod docs;
mod emergency;
mod entry;
mod exports;
mod find_record;
mod form_token;
mod held_back;
mod history;
mod home;
mod import_columns;
mod import_mapping;
mod import_notes;
mod import_past;
mod import_refused;
mod import_rejects;
mod import_upload;
mod import_words;
mod imports;
mod kept;
mod key;
mod key_needs;
mod keys;
mod log;
mod log_entry;
mod log_file;
mod multipart;
mod names;
mod once;
mod people;
mod powers;
mod records;
mod respond;
mod roles;
mod say;
pub mod site;
mod visit;
mod why;

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request};
use axum::routing::{MethodRouter, get, post};
use clinicos_contract::{Problem, problem};
use clinicos_gate::{Credential, Door};
use http::HeaderMap;

pub use self::astray::{is_browsing, page_address, problem_page, to_page};
use self::cookies::{Cookies, Kind};
pub use self::docs::beside;
pub use self::respond::guard;
use self::respond::{Page, Refused};
use self::visit::Visit;
pub use self::visit::{FILES_BYTES_MAX, FORM_BYTES_MAX};

/// The peer's address, put into a request by whoever accepted the connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// What every page is served with.
#[derive(Clone)]
pub struct Web {
    door: Arc<dyn Door>,
    cookies: Cookies,
}

impl Web {
    fn new(door: Arc<dyn Door>) -> Self {
        let cookies = Cookies::of(door.services());
        Self { door, cookies }
    }

    /// Who a browser says it is, before anything else of a request is read.
    fn shown(&self, headers: &HeaderMap) -> Credential {
        self.cookies.read(headers, Kind::Session).map_or(Credential::None, Credential::Session)
    }
}

/// Who a browser says it is, for whoever reads its form.
pub fn shown(door: &Arc<dyn Door>, headers: &HeaderMap) -> Credential {
    Web::new(door.clone()).shown(headers)
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
    ("/console/connections/{id}/revoke", "GET, POST"),
    ("/console/connections/{id}/sees", "GET"),
    ("/console/connections/{id}/{control}", "POST"),
    ("/console/emergency", "GET, POST"),
    ("/console/export", "GET, POST"),
    ("/console/export/{id}", "GET"),
    ("/console/export/{id}/cancel", "POST"),
    ("/console/export/{id}/files/{name}", "GET"),
    ("/console/import", "GET, POST"),
    ("/console/import/{id}", "GET"),
    ("/console/import/{id}/cancel", "POST"),
    ("/console/import/{id}/mapping", "GET, POST"),
    ("/console/import/{id}/mapping.toml", "GET"),
    ("/console/import/{id}/rejects.csv", "GET"),
    ("/console/import/{id}/start", "POST"),
    ("/console/keys", "POST"),
    ("/console/keys/new", "GET"),
    ("/console/keys/{id}", "GET"),
    ("/console/keys/{id}/revoke", "GET, POST"),
    ("/console/keys/{id}/rotate", "GET, POST"),
    ("/console/keys/{id}/{control}", "POST"),
    ("/console/log", "GET"),
    ("/console/log.csv", "GET"),
    ("/console/log/{request_id}", "GET"),
    ("/console/people", "GET, POST"),
    ("/console/people/{id}/disable", "GET, POST"),
    ("/console/people/{id}/{control}", "POST"),
    ("/console/records", "GET"),
    ("/console/records/clients/{id}/left", "GET"),
    ("/console/records/{resource}", "GET"),
    ("/console/records/{resource}/{id}", "GET"),
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
    let web = Web::new(door);
    let pages = pages(&web).into_iter();
    pages.fold(Router::new(), |router, (path, methods)| router.route(path, methods.fallback(wrong_method(&web, path))))
}

fn pages(web: &Web) -> Vec<(&'static str, MethodRouter)> {
    vec![
        ("/console", get(page(web, home::show))),
        ("/console/account", get(page(web, account::show))),
        ("/console/account/password", post(page(web, account::password))),
        ("/console/account/second-factor", post(page(web, account::confirm))),
        ("/console/account/second-factor/begin", post(page(web, account::begin))),
        ("/console/account/second-factor/cancel", post(page(web, account::cancel))),
        ("/console/account/second-factor/off", post(page(web, account::off))),
        ("/console/account/second-factor/recovery-codes", post(page(web, account::renew))),
        ("/console/account/sessions/end", post(page(web, account::end_session))),
        ("/console/assets/{*path}", get(page(web, entry::asset))),
        ("/console/connections", get(page(web, connections::show))),
        ("/console/connections/{id}", get(page(web, connection::show))),
        ("/console/connections/{id}/activity", get(page(web, connection::activity))),
        ("/console/connections/{id}/keys", get(page(web, key::add_form)).post(page(web, key::add))),
        ("/console/connections/{id}/revoke", get(page(web, controls::ask_revoke)).post(page(web, controls::revoke))),
        ("/console/connections/{id}/sees", get(page(web, records::sees))),
        ("/console/connections/{id}/{control}", post(page(web, controls::turn))),
        ("/console/emergency", get(page(web, emergency::show)).post(page(web, emergency::turn))),
        ("/console/export", get(page(web, exports::show)).post(page(web, exports::begin))),
        ("/console/export/{id}", get(page(web, exports::one))),
        ("/console/export/{id}/cancel", post(page(web, exports::cancel))),
        ("/console/export/{id}/files/{name}", get(page(web, exports::file))),
        ("/console/import", get(page(web, imports::show)).post(page(web, import_upload::send))),
        ("/console/import/{id}", get(page(web, imports::one))),
        ("/console/import/{id}/cancel", post(page(web, imports::cancel))),
        ("/console/import/{id}/mapping", get(page(web, import_mapping::show)).post(page(web, import_mapping::change))),
        ("/console/import/{id}/mapping.toml", get(page(web, import_mapping::file))),
        ("/console/import/{id}/rejects.csv", get(page(web, import_rejects::file))),
        ("/console/import/{id}/start", post(page(web, imports::start))),
        ("/console/keys", post(page(web, keys::make))),
        ("/console/keys/new", get(page(web, keys::form))),
        ("/console/keys/{id}", get(page(web, key::show))),
        ("/console/keys/{id}/revoke", get(page(web, key::ask_revoke)).post(page(web, key::revoke))),
        ("/console/keys/{id}/rotate", get(page(web, key::rotate_form)).post(page(web, key::rotate))),
        ("/console/keys/{id}/{control}", post(page(web, key::turn))),
        ("/console/log", get(page(web, log::show))),
        ("/console/log.csv", get(page(web, log_file::csv))),
        ("/console/log/{request_id}", get(page(web, log_entry::one))),
        ("/console/people", get(page(web, people::show)).post(page(web, people::invite))),
        ("/console/people/{id}/disable", get(page(web, people::ask_disable)).post(page(web, people::disable))),
        ("/console/people/{id}/{control}", post(page(web, people::turn))),
        ("/console/records", get(page(web, records::show))),
        ("/console/records/clients/{id}/left", get(page(web, records::left))),
        ("/console/records/{resource}", get(page(web, records::list))),
        ("/console/records/{resource}/{id}", get(page(web, records::one))),
        ("/console/sign-in", get(page(web, entry::sign_in_form)).post(page(web, entry::sign_in))),
        ("/console/sign-out", post(page(web, entry::sign_out))),
        ("/console/welcome", get(page(web, entry::welcome_form)).post(page(web, entry::welcome))),
        ("/docs", get(page(web, docs::index))),
        ("/docs.md", get(page(web, docs::index_markdown))),
        ("/docs/reference/{resource}", get(page(web, docs::reference))),
        ("/docs/{page}", get(page(web, docs::page))),
        ("/favicon.ico", get(page(web, entry::favicon))),
        ("/llms.txt", get(page(web, docs::llms))),
    ]
}

/// Refuses whatever else is tried on a page's address.
fn wrong_method(web: &Web, path: &'static str) -> impl Fn(Request) -> Handling + Clone + Send + Sync + 'static {
    let web = web.clone();
    let methods = ROUTES.iter().find(|(known, _)| *known == path).map_or("", |(_, methods)| methods);
    move |request| {
        let web = web.clone();
        let mut problem = Problem::new(&problem::METHOD_NOT_ALLOWED, "this page is not for that");
        problem.allow = Some(methods.to_owned());
        let (seen, shown) = (visit::Seen::of(&web, &request), web.shown(request.headers()));
        let refused = Refused::by(seen.origin.clone(), problem);
        Box::pin(async move { respond::refused(&web, Some(seen), refused.journaled(&web, shown).await).await })
    }
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
            // A form that is refused is somebody's, if the browser says whose.
            let shown = web.shown(request.headers());
            let visit = match Visit::read(&web, path, request).await {
                Ok(visit) => visit,
                Err((seen, refused)) => {
                    return respond::refused(&web, Some(seen), refused.journaled(&web, shown).await).await;
                }
            };
            let (seen, credential) = (visit.seen(&web), visit.credential());
            match handler(web.clone(), visit).await {
                Ok(response) => response,
                Err(refused) => respond::refused(&web, Some(seen), refused.journaled(&web, credential).await).await,
            }
        })
    }
}
