//! `/console/export`: the clinic's whole record, a file after the other.
//!
//! The export itself is a snapshot that the door holds for the person who began it. A file is written
//! while the browser takes it: each part is a call of its own, decided again and in the log before its
//! bytes leave.

use axum::body::Body;
use bytes::Bytes;
use clinicos_contract::Problem;
use futures_util::stream::unfold;
use serde_json::{Value, json};

use super::Web;
use super::ask::{Ask, count, list, text};
use super::respond::{Page, Refused, done, download, redirect, render, told};
use super::visit::Visit;
use crate::frame::{FlashKind, Section};
use crate::pages::exports::{Export, Exports, FileLine};
use crate::words::{Count, capital, in_path};

/// The page with the form.
const PATH: &str = "/console/export";
/// What says how much there is of each.
const DESCRIPTION: &str = "export.json";
/// How the names of files of records end.
const ENDING: &str = ".ndjson";
/// What is said of an export that is no more.
const OVER: &str = "That export is over: it ends when nothing is downloaded for 10 minutes, after 4 hours, and when the server is \
                    started again. Begin another one; what you have downloaded stays with you.";

/// `GET /console/export`
pub async fn show(web: Web, visit: Visit) -> Page {
    let person = web.person(&visit).await?;
    Ok(render(&web, &visit, 200, &Exports { frame: web.frame(&visit, &person, Section::Records) }))
}

/// `POST /console/export`: begins one.
pub async fn begin(web: Web, visit: Visit) -> Page {
    let ask = Ask { operation: "exports.create", body: Some(json!({})), ..Ask::default() };
    match web.ask(&visit, ask).await {
        Ok(export) => Ok(redirect(&format!("{PATH}/{}", in_path(&text(&export, "id"))))),
        refused => told(&web, &visit, PATH, refused.map(drop), "").await,
    }
}

/// The export that an address names.
async fn asked(web: &Web, visit: &Visit) -> Result<Value, Box<Refused>> {
    web.ask(visit, Ask { operation: "exports.get", path: path(visit), ..Ask::default() }).await
}

fn path(visit: &Visit) -> Vec<(&'static str, String)> {
    vec![("export_id", visit.part("id"))]
}

/// `GET /console/export/{id}`: how far it is, and what there is to download.
pub async fn one(web: Web, visit: Visit) -> Page {
    let person = web.person(&visit).await?;
    let export = match asked(&web, &visit).await {
        // It ended: that is what happens to each, and no mistake of whoever looks.
        Err(refused) if refused.status == 404 => return Ok(done(&web, PATH, FlashKind::Error, OVER)),
        other => other?,
    };
    let page = Export {
        frame: web.frame(&visit, &person, Section::Records),
        id: text(&export, "id"),
        as_of: person.zone.when(&text(&export, "as_of")),
        files: list(&export, "files").iter().filter(|file| count(file, "records") > 0).map(|file| line(&web, file)).collect(),
        lost: list(&export, "lost").iter().map(|one| text(one, "document_id")).collect(),
        records: Count(count(&export, "records")),
        parts: count(&export, "chunks"),
        parts_read: count(&export, "chunks_read"),
    };
    Ok(render(&web, &visit, 200, &page))
}

fn line(web: &Web, file: &Value) -> FileLine {
    let resource = text(file, "resource");
    let known =
        web.door.catalogue().resources().into_iter().find(|known| known.name == resource).map(|known| known.title.to_owned());
    let title = known.unwrap_or_else(|| match resource.as_str() {
        "document_contents" => "The documents themselves".to_owned(),
        other => capital(&other.replace('_', " ")),
    });
    FileLine { title, name: format!("{resource}{ENDING}"), records: Count(count(file, "records")) }
}

/// `POST /console/export/{id}/cancel`
pub async fn cancel(web: Web, visit: Visit) -> Page {
    let ask = Ask { operation: "exports.cancel", path: path(&visit), body: Some(json!({})), ..Ask::default() };
    let result = web.ask(&visit, ask).await.map(drop);
    told(&web, &visit, PATH, result, "The export has ended. What you have downloaded stays with you.").await
}

/// `GET /console/export/{id}/files/{name}`
pub async fn file(web: Web, visit: Visit) -> Page {
    let export = asked(&web, &visit).await?;
    let name = visit.part("name");
    if name == DESCRIPTION {
        let text = serde_json::to_string_pretty(&export).unwrap_or_default();
        return Ok(download("application/json", &name, Body::from(text)));
    }
    let wanted = name.strip_suffix(ENDING).unwrap_or_default();
    let Some(found) = list(&export, "files").iter().find(|file| text(file, "resource") == wanted) else {
        return Err(Refused::by(visit.origin.clone(), Problem::not_found()));
    };
    let first = count(found, "first_chunk");
    let parts = Parts { web, visit, next: first, end: first + count(found, "chunks") };
    parts.download(&name).await
}

/// The parts of a file that are still to be sent.
struct Parts {
    web: Web,
    visit: Visit,
    next: u64,
    end: u64,
}

impl Parts {
    async fn take(&mut self) -> Result<Bytes, Box<Refused>> {
        // How long the browser took for the part before is not how long this one takes.
        self.visit.origin.arrived_ns = self.web.door.services().clock.monotonic_ns();
        let path = path(&self.visit).into_iter().chain([("chunk", self.next.to_string())]).collect();
        self.next += 1;
        self.web.answer(&self.visit, self.visit.credential(), Ask { operation: "exports.chunk", path, ..Ask::default() }).await
    }

    /// A refusal of the first part is an answer of its own. One of a later part breaks the download off, so that
    /// no browser takes half a file for a whole one.
    async fn download(mut self, name: &str) -> Page {
        let first = if self.next < self.end { self.take().await? } else { Bytes::new() };
        let rest = unfold(Some(self), |parts| async {
            let mut parts = parts.filter(|parts| parts.next < parts.end)?;
            match parts.take().await {
                Ok(bytes) => Some((Ok(bytes), Some(parts))),
                Err(refused) => Some((Err(std::io::Error::other(refused.sentences().join(". "))), None)),
            }
        });
        let all = futures_util::StreamExt::chain(futures_util::stream::iter([Ok(first)]), rest);
        // Whoever compresses a body may ask once more after its end.
        let all = futures_util::StreamExt::fuse(all);
        Ok(download("application/x-ndjson", name, Body::from_stream(all)))
    }
}
