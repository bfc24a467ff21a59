//! `clients.import`

use std::collections::HashMap;

use clinicos_contract::{AnyId, Body, Problem, Record as _, Route, Schema, Spec, Timestamp, Verb};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrProblem as _};

use super::model::{Client, ClientPatch, NewClient};
use super::{RESOURCE, events, rows, sample};
use crate::bulk::{self, Batch, Changed, ImportBatch, Importing, NewBatch, Row, Rows};
use crate::ids::{ClientId, ClientKind};

static BODY: Schema = Schema {
    name: "client_import",
    doc: "Clients of another system.",
    fields: &[bulk::SYSTEM, bulk::DRY_RUN, bulk::RESULTS, bulk::rows(Client::SCHEMA)],
};

/// Creates clients, and changes those that were imported before.
pub struct Import;

impl Rows for Import {
    const SCHEMA: &'static Schema = Client::SCHEMA;
}

impl Operation for Import {
    const SPEC: Spec = Spec {
        id: "clients.import",
        route: Route::post("/v1/clients/import"),
        summary: "Import clients",
        resource: &RESOURCE,
        body: Some(Body { schema: &BODY, verb: Verb::Create }),
        emits: &[&events::CREATED, &events::UPDATED],
        example: sample::IMPORT,
        ..bulk::SPEC
    };
    type Body = NewBatch<Import>;
    type Output = One<ImportBatch<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<NewBatch<Import>>) -> Result<Self::Output, Problem> {
        let mut batch: Batch<ClientKind> = Batch::open(cx, input.body).await?;
        let known = rows::lock_many(cx.conn(), batch.clinic, &batch.found()).await.or_problem()?;
        let importing = Clients { known, new: Vec::new(), changed: Vec::new(), announcements: Vec::new(), now: batch.now };
        bulk::import(cx, &mut batch, importing).await?;
        Ok(One(batch.close(cx, RESOURCE.name)))
    }
}

/// Clients on their way.
struct Clients {
    known: HashMap<ClientId, Client<'static>>,
    new: Vec<Client<'static>>,
    changed: Vec<Client<'static>>,
    announcements: Vec<Announcement>,
    now: Timestamp,
}

impl Importing for Clients {
    type Kind = ClientKind;

    fn create(&mut self, cx: &Cx<'_>, row: &mut Row<ClientKind>) -> Result<AnyId, Problem> {
        let client = row.create::<NewClient>()?.record(cx.mint(), cx.clinic()?, self.now)?;
        let id = client.id.any();
        self.announcements.push(Announcement::new(&events::CREATED, id, client.version));
        self.new.push(client);
        Ok(id)
    }

    fn change(&mut self, _cx: &Cx<'_>, id: ClientId, row: &mut Row<ClientKind>) -> Result<Option<Changed>, Problem> {
        let mut client = self.known.remove(&id).ok_or_else(|| bulk::lost(id))?;
        let before = client.external_ids.value().unwrap_or_default();
        let changes = client.apply(row.patch::<ClientPatch>()?)?;
        if changes.is_empty() {
            return Ok(None);
        }
        client.touch(self.now);
        let about = Announcement::new(&events::UPDATED, client.id.any(), client.version);
        self.announcements.push(about.changed(changes.names()));
        let after = client.external_ids.value().unwrap_or_default();
        self.changed.push(client);
        Ok(Some(Changed { before, after }))
    }

    async fn save(self, cx: &mut Cx<'_>) -> Result<(), Problem> {
        rows::insert(cx.conn(), &self.new).await.or_problem()?;
        for client in &self.changed {
            rows::update(cx.conn(), client).await.or_problem()?;
        }
        self.announcements.into_iter().for_each(|announcement| cx.emit(announcement));
        Ok(())
    }
}
