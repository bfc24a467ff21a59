//! `exports.chunk`

use std::sync::Arc;

use bytes::Bytes;
use clinicos_contract::{Access, Problem, RateClass, Reach, Reply, Route, Schema, Spec, View, Writer, problem};
use clinicos_gate::files::WantedFile;
use clinicos_gate::{Cx, Input, Lines, Operation, Stream};
use clinicos_store::{Conn, StoreError};
use futures_util::future::BoxFuture;

use super::RESOURCE;
use super::plan::{Asked, Plan};
use crate::standing::{AnyStanding, LEFT_OUT, Part};

/// Reads a chunk of an export.
pub struct Chunk;

impl Operation for Chunk {
    const SPEC: Spec = Spec {
        id: "exports.chunk",
        route: Route::get("/v1/exports/{export_id}/chunks/{chunk}"),
        summary: "Read a chunk of an export",
        description: "At most 500 records of one resource, each a line of JSON without `clinic_id`, in the order of their ids. \
                      A chunk can be read again.",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        reach: Reach::Clinic,
        reply: Reply::Lines,
        problems: &[&problem::CONTENT_LOST],
        held: Some("export_id"),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Stream;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Stream, Problem> {
        let held = cx.held()?;
        let asked = held.asked::<Asked>().ok_or_else(Problem::not_found)?;
        let plan = Plan::of(cx, &asked, &held).await?;
        let chunk = input.text("chunk").and_then(|text| text.parse().ok()).ok_or_else(Problem::not_found)?;
        let (kind, part) = plan.part(cx.conn(), chunk).await?;
        Ok(Stream(Box::new(Of { kind, part, plan, chunk })))
    }
}

struct Of {
    kind: &'static dyn AnyStanding,
    part: Part,
    plan: Arc<Plan>,
    chunk: i64,
}

impl Lines for Of {
    fn schema(&self) -> &'static Schema {
        self.kind.schema()
    }

    fn reads(&self) -> &'static str {
        self.kind.reads()
    }

    fn holds(&self, field: &str) -> bool {
        field != LEFT_OUT
    }

    fn files<'w>(&'w self, conn: &'w mut dyn Conn) -> BoxFuture<'w, Result<Vec<WantedFile>, StoreError>> {
        Box::pin(async move {
            let wanted = self.kind.files(conn, &self.part).await?;
            // Whatever was lost before is looked for again now.
            self.plan.look_for(&wanted);
            Ok(wanted)
        })
    }

    fn lost(&self, file: &WantedFile) {
        self.plan.lose(file);
    }

    fn write<'w>(
        &'w self,
        conn: &'w mut dyn Conn,
        out: &'w mut Writer,
        view: &'w View,
        files: &'w [Bytes],
    ) -> BoxFuture<'w, Result<(), StoreError>> {
        Box::pin(async move {
            self.kind.write(conn, &self.part, out, view, files).await?;
            // Parts of records, such as lines, have ids as well, of another kind.
            let prefix = self.kind.prefix();
            if let Some(last) = out.last_id(prefix) {
                self.plan.read_to(self.chunk, last.to_string());
            }
            Ok(())
        })
    }
}
